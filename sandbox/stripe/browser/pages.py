"""What a browser gets from the sandbox's Stripe: the script, the card form's frame and the 3-D Secure page."""

import html
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.store import Json, Store
from sandbox.stripe import intents, setups
from sandbox.stripe.account import Account
from sandbox.stripe.params import parse_form

STATIC = Path(__file__).parent / "static"
FRAME_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none';"
    " form-action 'self'{more};"
    " frame-ancestors http: https:"
)
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


class Pages:
    """The browser's routes."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/stripe/stripe.js", self.script),
            *(Route(f"/stripe/{name}", _framed(f"{name}.html")) for name in ("card", "wallets", "wallet-sheet")),
            Route("/stripe/3ds/{intent}/{attempt}", self.challenge, methods=["GET"]),
            Route("/stripe/3ds/{intent}/{attempt}", self.answer, methods=["POST"]),
            Mount("/stripe/static", StaticFiles(directory=STATIC)),
        ]

    async def script(self, request: Request) -> Response:
        headers = {"Cache-Control": "no-cache", "Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"}
        return FileResponse(STATIC / "stripe.js", media_type="text/javascript", headers=headers)

    async def challenge(self, request: Request) -> Response:
        """The issuer's question; without an open attempt, a page that says so."""
        intent = self._open_intent(request)
        embedded, origin = _embedding(request)
        if intent is None:
            return self._page(
                "<h1>Nothing to confirm</h1><p>This payment isn't waiting for you any more.</p>",
                embedded,
                origin,
                outcome="gone",
            )
        return self._page(self._question(intent), embedded, origin, back=intent.get("_return_url"))

    async def answer(self, request: Request) -> Response:
        """Take the payer's answer (form field outcome: complete or fail) and move the intent."""
        intent = self._open_intent(request)
        embedded, origin = _embedding(request)
        form = parse_form((await request.body()).decode("utf-8", "replace"))
        passed = form.get("outcome") == "complete"
        back = None
        if intent is not None:
            back = intent.get("_return_url")
            intent["_attempt"] = None
            finish = (
                intents.finish_authentication if intent["object"] == "payment_intent" else setups.finish_authentication
            )
            finish(self.account, intent, passed=passed)
            self.account.store.flush()
        if back and not embedded and intent is not None:
            return RedirectResponse(return_address(back, intent), status_code=303)
        words = "<h1>Done</h1><p>You can close this page.</p>"
        return self._page(words, embedded, origin, outcome="complete" if passed else "fail")

    def _open_intent(self, request: Request) -> Json | None:
        key, attempt = request.path_params["intent"], request.path_params["attempt"]
        store: Store = self.account.store
        intent = store.get("payment_intent", key) or store.get("setup_intent", key)
        waiting = intent is not None and intent["status"] == "requires_action" and intent.get("_attempt") == attempt
        return intent if waiting else None

    def _question(self, intent: Json) -> str:
        method = self.account.store.all("payment_method")[intent["payment_method"]]
        card = method["card"]
        rows = [("Card", f"{html.escape(card['brand'].title())} ending {card['last4']}")]
        if intent["object"] == "payment_intent":
            rows.insert(0, ("Amount", f"{intent['amount'] / 100:,.2f} {intent['currency'].upper()}"))
        table = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in rows)
        return (
            '<p class="bank">Test bank, 3-D Secure 2</p><h1>Is this you?</h1>'
            "<p>Your bank asks you to confirm this payment. In the sandbox you decide how it ends.</p>"
            f'<dl>{table}</dl><form method="post">'
            '<button id="complete" name="outcome" value="complete">Complete authentication</button>'
            '<button id="fail" class="quiet" name="outcome" value="fail">Fail authentication</button></form>'
        )

    def _page(self, words: str, embedded: bool, origin: str, *, outcome: str = "", back: str | None = None) -> Response:
        body = (
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Card authentication</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<link rel="stylesheet" href="/stripe/static/challenge.css"></head>'
            f'<body class="{"embedded" if embedded else ""}" data-origin="{html.escape(origin)}"'
            f' data-outcome="{outcome}">'
            f'<main>{words}</main><script src="/stripe/static/challenge.js"></script></body></html>'
        )
        # A form's redirect counts as its action: the shop's page that the payer returns to must be allowed.
        parts = urlsplit(back or "")
        more = f" {parts.scheme}://{parts.netloc}" if parts.netloc else ""
        return HTMLResponse(body, headers={**HEADERS, "Content-Security-Policy": FRAME_POLICY.format(more=more)})


def _framed(name: str) -> Callable[[Request], Awaitable[Response]]:
    """A page that shops show in a frame."""

    async def page(request: Request) -> Response:
        headers = {**HEADERS, "Content-Security-Policy": FRAME_POLICY.format(more="")}
        return FileResponse(STATIC / name, media_type="text/html", headers=headers)

    return page


def _embedding(request: Request) -> tuple[bool, str]:
    """Whether the page is in a dialog, and the origin of the page around it (only ever told outcomes)."""
    origin = request.query_params.get("origin", "")
    embedded = request.query_params.get("embedded") == "1" and origin.startswith(("http://", "https://"))
    return embedded, origin if embedded else ""


def return_address(back: str, intent: Json) -> str:
    """The shop's return_url with the parameters Stripe adds."""
    name = intent["object"]
    status = "succeeded" if intent["status"] in ("succeeded", "requires_capture", "processing") else "failed"
    query = urlencode({name: intent["id"], f"{name}_client_secret": intent["client_secret"], "redirect_status": status})
    return f"{back}{'&' if '?' in back else '?'}{query}"
