"""The sandbox's ASGI application: `granian --interface asgi sandbox.app:app`, one worker, settings from SANDBOX_*
(see config.py).
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.config import Config, read_config
from sandbox.console.pages import Console
from sandbox.control import Control
from sandbox.faults import Faults
from sandbox.mail.control import MailControl
from sandbox.mail.server import MailServer
from sandbox.store import Store
from sandbox.stripe.browser.pages import Pages
from sandbox.stripe.control import StripeControl
from sandbox.stripe.server import StripeServer


async def healthz(request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok", "service": "sandbox"})


def make_app(config: Config) -> Starlette:
    """Build the application on the state kept in `config.data`."""
    store, clock = Store(config.data), Clock(config.clock_factor)
    faults = Faults(clock)
    saved_clock = store.read_meta("clock")
    if saved_clock:
        clock.restore(saved_clock, config.clock_factor)
    stripe = StripeServer(store, clock, faults, config)
    mail = MailServer(store, clock, faults, stripe.scheduler, config)
    pages = Pages(stripe.account)
    console = Console(stripe.account)
    control = Control(store=store, clock=clock, faults=faults, stripe=stripe, mail=mail)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        store.write_meta("clock", clock.to_json())
        await mail.start()
        await stripe.start()
        yield
        await mail.stop()
        await stripe.stop()
        store.close()

    routes = [
        Route("/v1/{path:path}", stripe.wire.handle, methods=["GET", "POST", "DELETE", "OPTIONS"]),
        Route("/healthz", healthz),
        *pages.routes(),
        *control.routes(),
        *StripeControl(stripe).routes(),
        *MailControl(mail).routes(),
        *console.routes(),
    ]
    app = Starlette(routes=routes, lifespan=lifespan)
    app.state.store = store
    return app


app = make_app(read_config())
