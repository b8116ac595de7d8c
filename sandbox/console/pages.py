"""The console's routes. Pages are rendered here and refreshed in place by a small script while they are looked at."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.console import payments
from sandbox.console.cards_page import card_table
from sandbox.console.faults_page import switches
from sandbox.console.markup import empty, money, page, reference, version
from sandbox.faults import Faults
from sandbox.store import Store

STATIC = Path(__file__).parent / "static"
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; form-action"
        " 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    ),
}


class Console:
    """What a person sees of the sandbox."""

    def __init__(self, store: Store, faults: Faults) -> None:
        self.store, self.faults = store, faults

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/", self.overview),
            Route("/payments", self.to_overview),
            Route("/payments/{key}", self.detail),
            Route("/events", self.events),
            Route("/requests", self.requests),
            Route("/cards", self.cards),
            Route("/faults", self.switches),
            Mount("/console", StaticFiles(directory=STATIC)),
        ]

    async def to_overview(self, request: Request) -> Response:
        return RedirectResponse("/")

    async def overview(self, request: Request) -> Response:
        query = dict(request.query_params)
        return self._answer(
            request, "Payments", live=payments.overview(self.store, query), fixed=payments.filter_form(query)
        )

    async def detail(self, request: Request) -> Response:
        intent = self.store.get("payment_intent", request.path_params["key"])
        if intent is None:
            words = empty("No such payment", "It may have gone with a reset of the sandbox.")
            return self._answer(request, "Not found", live=words, status=404)
        order = reference(intent)
        title = f"Payment of {money(intent['amount'], intent['currency'])}" + (f" for {order}" if order else "")
        return self._answer(request, title, live=payments.detail(self.store, intent))

    async def events(self, request: Request) -> Response:
        newest = [event for event, _ in zip(self.store.newest_first("event"), range(payments.SHOWN), strict=False)]
        return self._answer(
            request, "Events", live=payments.section("Newest first", payments.event_list(self.store, newest))
        )

    async def requests(self, request: Request) -> Response:
        newest = [item for item, _ in zip(self.store.newest_first("request"), range(payments.SHOWN), strict=False)]
        return self._answer(request, "Requests", live=f'<div class="card">{payments.request_table(newest)}</div>')

    async def cards(self, request: Request) -> Response:
        return self._answer(request, "Test cards", live="", fixed=card_table())

    async def switches(self, request: Request) -> Response:
        return self._answer(request, "Faults", live="", fixed=switches(self.faults.active()))

    def _answer(self, request: Request, title: str, *, live: str, fixed: str = "", status: int = 200) -> Response:
        if request.headers.get("x-part") == "live":
            return HTMLResponse(live, status_code=status, headers={**HEADERS, "X-Version": version(live)})
        whole = page(title=title, path=request.url.path, live=live, fixed=fixed, faults=len(self.faults.active()))
        return HTMLResponse(whole, status_code=status, headers=HEADERS)
