"""The console's routes. Pages are rendered here and refreshed in place by a small script while they are looked at."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.console import bank, deliveries, mailbox_page, payments
from sandbox.console.cards_page import card_table
from sandbox.console.faults_page import switches
from sandbox.console.markup import empty, money, page, reference, version
from sandbox.mail.mailbox import KIND as MAIL
from sandbox.stripe.account import Account

STATIC = Path(__file__).parent / "static"
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; frame-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}


class Console:
    """What a person sees of the sandbox."""

    def __init__(self, account: Account) -> None:
        self.account, self.store, self.faults = account, account.store, account.faults

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/", self.overview),
            Route("/payments", self.to_overview),
            Route("/payments/{key}", self.detail),
            Route("/events", self.events),
            Route("/deliveries", self.deliveries),
            Route("/disputes", self.disputes),
            Route("/payouts", self.payouts),
            Route("/clock", self.clock),
            Route("/requests", self.requests),
            Route("/mailbox", self.mailbox),
            Route("/mailbox/{key}", self.letter),
            Route("/mailbox/{key}/html", self.letter_html),
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

    async def deliveries(self, request: Request) -> Response:
        query = dict(request.query_params)
        return self._answer(
            request,
            "Deliveries",
            live=deliveries.delivery_table(self.store, query),
            fixed=deliveries.filter_form(query),
        )

    async def disputes(self, request: Request) -> Response:
        return self._answer(request, "Disputes", live=bank.dispute_table(self.store))

    async def payouts(self, request: Request) -> Response:
        return self._answer(request, "Payouts", live=bank.payout_page(self.account))

    async def clock(self, request: Request) -> Response:
        return self._answer(request, "Clock", live=bank.clock_page(self.account.clock, self.store))

    async def requests(self, request: Request) -> Response:
        newest = [item for item, _ in zip(self.store.newest_first("request"), range(payments.SHOWN), strict=False)]
        return self._answer(request, "Requests", live=f'<div class="card">{payments.request_table(newest)}</div>')

    async def mailbox(self, request: Request) -> Response:
        query = dict(request.query_params)
        live, fixed = mailbox_page.overview(self.store, query), mailbox_page.filter_form(query)
        return self._answer(request, "Mailbox", live=live, fixed=fixed)

    async def letter(self, request: Request) -> Response:
        message = self.store.get(MAIL, request.path_params["key"])
        if message is None:
            words = empty("No such message", "It may have gone with a reset of the sandbox.")
            return self._answer(request, "Not found", live=words, status=404)
        live, below = mailbox_page.detail(message)
        return self._answer(request, message["subject"] or "(no subject)", live=live, below=below)

    async def letter_html(self, request: Request) -> Response:
        message = self.store.get(MAIL, request.path_params["key"])
        headers = {**HEADERS, "Content-Security-Policy": mailbox_page.FRAME_POLICY}
        return HTMLResponse(message["html"] if message else "", status_code=200 if message else 404, headers=headers)

    async def cards(self, request: Request) -> Response:
        return self._answer(request, "Test cards", live="", fixed=card_table())

    async def switches(self, request: Request) -> Response:
        return self._answer(request, "Faults", live="", fixed=switches(self.faults.active()))

    def _answer(
        self, request: Request, title: str, *, live: str, fixed: str = "", below: str = "", status: int = 200
    ) -> Response:
        if request.headers.get("x-part") == "live":
            return HTMLResponse(live, status_code=status, headers={**HEADERS, "X-Version": version(live)})
        faults = len(self.faults.active())
        whole = page(title=title, path=request.url.path, live=live, fixed=fixed, below=below, faults=faults)
        return HTMLResponse(whole, status_code=status, headers=HEADERS)
