"""The live process's addresses: an order's stream, a store's, its machines', and /healthz."""

import asyncio
import contextlib
import json
import signal
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import urlsplit
from uuid import UUID

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from codepop.api.live.access import Database
from codepop.api.live.hub import Hub, Notices, OrderTopic, store_version
from codepop.api.live.stream import PING, PING_SECONDS, EventStream, OpenStreams, event
from codepop.core.errors import AppError, Busy, NotFound
from codepop.core.listener import Listener
from codepop.core.log import get_logger

log = get_logger(__name__)

CHANNELS = ("codepop_live", "codepop_work")
MAX_CLIENTS = 5_000
STORE_EVERY_SECONDS = 0.5
HEADERS_ALLOWED = ["Accept", "Cache-Control", "Last-Event-ID", "X-Order-Token", "X-Session-Token"]


class Live:
    """One live process: its listener, its hub, its way to the database."""

    def __init__(self, database_url: str) -> None:
        self.database = Database()
        self.hub = Hub(self.database.load_order)
        self.listener = Listener(
            database_url,
            channels=CHANNELS,
            name="codepop-live",
            on_notice=self.hub.hear,
            on_return=self.hub.refresh_all,
        )
        self.streams: OpenStreams = set()
        self.stopping = False

    @contextlib.asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        """Listen while the application runs; end all streams when it stops."""
        listening = asyncio.create_task(self.listener.run())
        call_on_signal(self.end_streams)
        try:
            yield
        finally:
            self.end_streams()
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            self.database.close()

    def end_streams(self) -> None:
        """Close all streams and open no more: the process is about to stop."""
        self.stopping = True
        for sending in list(self.streams):
            sending.cancel()

    async def health(self, _request: Request) -> Response:
        """Answer 200 while notices arrive."""
        body = {"status": "ok" if self.listener.listening else "degraded", "clients": self.hub.clients}
        return JSONResponse(body, status_code=200 if self.listener.listening else 503)

    async def order(self, request: Request) -> EventStream:
        """Follow an order: its document now, unless the client has it already, and at each change."""
        self._refuse_when_full()
        order_id: UUID = request.path_params["order_id"]
        await self.database.may_follow_order(request, order_id)
        topic, notices = await self.hub.watch_order(order_id)
        events = _order_events(topic, notices, seen=_last_event_id(request))
        return EventStream(events, open_streams=self.streams, leave=lambda: self.hub.leave_order(topic, notices))

    async def store(self, request: Request) -> EventStream:
        """Follow a store's screens: each event means "read again"."""
        self._refuse_when_full()
        store_id: UUID = request.path_params["store_id"]
        await self.database.may_follow_store(request, store_id)
        notices = self.hub.watch_store(store_id)
        notices.set()
        return EventStream(
            _store_events(notices), open_streams=self.streams, leave=lambda: self.hub.leave_store(store_id, notices)
        )

    async def devices(self, request: Request) -> EventStream:
        """Follow a store's work. A device asks for everything when it connects; events tell what comes after."""
        self._refuse_when_full()
        store_id = await self.database.store_of_device(request)
        notices = self.hub.watch_devices(store_id)
        return EventStream(
            _work_events(notices), open_streams=self.streams, leave=lambda: self.hub.leave_devices(store_id, notices)
        )

    def _refuse_when_full(self) -> None:
        if self.stopping:
            raise Busy("This process is stopping. Connect again in a moment.")
        if self.hub.clients >= MAX_CLIENTS:
            raise Busy("Too many screens are connected here. Ask for the order itself every few seconds instead.")


def call_on_signal(end_streams: Callable[[], None]) -> None:
    """Call `end_streams` at SIGTERM or SIGINT, beside what the server itself does then.

    The server waits for open connections before it tells the application to shut down, and streams stay open until
    somebody ends them. Its own handler hangs on the event loop's wake-up and is called all the same.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: loop.call_soon_threadsafe(end_streams))


async def _order_events(topic: OrderTopic, notices: Notices, *, seen: int) -> AsyncIterator[bytes]:
    while True:
        quiet = not await notices.wait(PING_SECONDS)
        known = topic.known
        if known.version > seen:
            seen = known.version
            yield event("order", known.text, identity=known.version)
        elif quiet:
            yield PING


async def _store_events(notices: Notices) -> AsyncIterator[bytes]:
    while True:
        if not await notices.wait(PING_SECONDS):
            yield PING
            continue
        version = store_version()
        yield event("store", json.dumps({"version": version}), identity=version)
        await asyncio.sleep(STORE_EVERY_SECONDS)


async def _work_events(notices: Notices) -> AsyncIterator[bytes]:
    while True:
        words = await notices.wait(PING_SECONDS)
        if not words:
            yield PING
        for whom in words:
            yield event("work", json.dumps({"for": whom} if whom else {}))


def _last_event_id(request: Request) -> int:
    text = request.headers.get("Last-Event-ID", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


Endpoint = Callable[[Request], Awaitable[EventStream]]


class StreamRoute:
    """An ASGI endpoint that opens a stream, or says in the usual envelope why not."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        answer: EventStream | Response
        try:
            answer = await self._endpoint(Request(scope))
        except AppError as refusal:
            answer = JSONResponse(refusal.body(), status_code=refusal.http_status, headers=refusal.headers)
        except Exception:
            log.exception("stream_not_opened", path=scope["path"])
            unavailable = Busy("We can't follow this right now. Try again in a moment.")
            answer = JSONResponse(unavailable.body(), status_code=unavailable.http_status)
        await answer(scope, receive, send)


def origins_of(public_url: str) -> list[str]:
    """Return the origins whose pages may connect: the public one; on a developer's machine under both its names."""
    parts = urlsplit(public_url)
    if parts.hostname not in ("127.0.0.1", "localhost"):
        return [public_url]
    return [f"{parts.scheme}://{host}:{parts.port}" for host in ("127.0.0.1", "localhost")]


async def _no_such_address(_request: Request, _error: Exception) -> Response:
    missing = NotFound()
    return JSONResponse(missing.body(), status_code=missing.http_status)


def make_app(*, database_url: str, public_url: str) -> Starlette:
    """Build the application; the database is first touched when it starts."""
    live = Live(database_url)
    cors = Middleware(
        CORSMiddleware,
        allow_origins=origins_of(public_url),
        allow_credentials=True,
        allow_methods=["GET"],
        allow_headers=HEADERS_ALLOWED,
        max_age=3600,
    )
    return Starlette(
        routes=[
            Route("/healthz", live.health),
            Route("/live/v1/orders/{order_id:uuid}", StreamRoute(live.order), methods=["GET"]),
            Route("/live/v1/stores/{store_id:uuid}", StreamRoute(live.store), methods=["GET"]),
            Route("/live/v1/devices", StreamRoute(live.devices), methods=["GET"]),
        ],
        middleware=[cors],
        exception_handlers={HTTPException: _no_such_address},
        lifespan=live.lifespan,
    )
