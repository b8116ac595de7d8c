"""From an HTTP request to an operation and back: keys, parameters, idempotency, faults, the request log, and the
error envelope.
"""

import asyncio
import base64
import json
import logging
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from sandbox.faults import REQUEST_KINDS, Fault
from sandbox.hangup import hang_up
from sandbox.store import Json
from sandbox.stripe import (
    api_balance,
    api_charges,
    api_customers,
    api_events,
    api_payment_intents,
    api_payment_methods,
    api_refunds,
    api_setup_intents,
    attempts,
    errors,
    objects,
)
from sandbox.stripe.account import Account, random_text
from sandbox.stripe.errors import StripeError
from sandbox.stripe.idempotency import Keys, fingerprint
from sandbox.stripe.operations import Call, Operation, Operations, find_operation
from sandbox.stripe.params import parse_form
from sandbox.stripe.render import BROWSER_FIELDS, browser_view
from sandbox.stripe.scrub import scrub, scrub_text
from sandbox.stripe.subjects import marks_of_request

OPERATIONS: Operations = {
    **api_payment_intents.OPERATIONS,
    **api_refunds.OPERATIONS,
    **api_charges.OPERATIONS,
    **api_balance.OPERATIONS,
    **api_customers.OPERATIONS,
    **api_payment_methods.OPERATIONS,
    **api_setup_intents.OPERATIONS,
    **attempts.OPERATIONS,
    **api_events.OPERATIONS,
}
LOG = logging.getLogger("sandbox.stripe")
KEY = re.compile(r"(sk|rk|pk)_test_\w+")
KEPT_REQUESTS = 5000
MAX_BODY_BYTES = 200_000
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Request-Id, Stripe-Version, Idempotency-Key",
    "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, Stripe-Version",
    "Access-Control-Max-Age": "300",
}
PROCESSED_THEN_LOST = ("fail_after", "stored_500")
HTML_PAGE = "<!doctype html><html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>"


@dataclass
class Exchange:
    """One request on its way through, and what will be answered."""

    method: str
    path: str
    raw: dict[str, Any]
    headers: dict[str, str]
    started: float = field(default_factory=time.perf_counter)
    request_id: str = field(default_factory=lambda: f"req_{random_text(14)}")
    idempotency_key: str | None = None
    publishable: bool = False
    api_key: str = ""
    faults: list[Fault] = field(default_factory=list)
    status: int = 500
    body: str = ""
    reply_headers: dict[str, str] = field(default_factory=dict)
    replayed: bool = False
    error: str | None = None

    @property
    def place(self) -> str:
        """The endpoint without the id in its address, as rate limits count."""
        first, _, rest = self.path.partition("/")
        return f"{self.method} /v1/{first}" + (f"/*/{rest.partition('/')[2]}" if rest else "")

    def fault(self, kind: str) -> Fault | None:
        return next((fault for fault in self.faults if fault.kind == kind), None)


async def _nothing() -> None:
    """What is delivered early when nobody delivers."""


class Wire:
    """The /v1 API of the sandbox's one account. `send_early` delivers what must arrive before the answer."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.send_early: Callable[[], Awaitable[None]] = _nothing
        self.keys = Keys(account)
        self.revoked: set[str] = set(account.store.read_meta("revoked_keys") or [])

    async def handle(self, request: Request) -> Response:
        """Answer one API request."""
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=CORS)
        body = await request.body()
        encoded = request.url.query if request.method in ("GET", "DELETE") else body.decode("utf-8", "replace")
        exchange = Exchange(
            method=request.method,
            path=request.path_params["path"].rstrip("/"),
            raw={} if len(encoded) > MAX_BODY_BYTES else parse_form(encoded),
            headers=dict(request.headers.items()),
        )
        exchange.faults = self._faults_of(exchange)
        try:
            await self._process(exchange)
        except StripeError as refusal:
            self._name_log(exchange, refusal)
            if exchange.publishable:
                _narrow(refusal)
            _set_error(exchange, refusal)
        except Exception:
            LOG.exception("the sandbox failed at %s /v1/%s", exchange.method, exchange.path)
            _set_error(exchange, errors.sandbox_defect())
        await self._after(exchange)
        self._log(exchange)
        self.account.store.flush()
        if exchange.fault("hang_up") or exchange.fault("hang_up_after"):
            return _hang_up(request)
        return self._respond(exchange)

    def _faults_of(self, exchange: Exchange) -> list[Fault]:
        key = exchange.headers.get("idempotency-key")
        return self.account.faults.hit(
            "stripe",
            REQUEST_KINDS,
            f"{exchange.method} /v1/{exchange.path}",
            lambda: marks_of_request(self.account, exchange.path, exchange.raw, key),
            place=exchange.place,
        )

    async def _process(self, exchange: Exchange) -> None:
        self._authenticate(exchange)
        _refuse_by_fault(exchange)
        found = find_operation(OPERATIONS, exchange.method, exchange.path)
        if found is None:
            raise errors.no_such_address(exchange.method, f"/v1/{exchange.path}")
        operation, key = found
        if exchange.publishable and not operation.browser:
            raise errors.secret_key_required()
        exchange.idempotency_key = exchange.headers.get("idempotency-key") if exchange.method == "POST" else None
        if exchange.idempotency_key is None:
            await _wait(exchange.fault("latency"))
            self._execute(exchange, operation, key)
            return
        await self._execute_once(exchange, operation, key, exchange.idempotency_key)

    async def _execute_once(self, exchange: Exchange, operation: Operation, key: str, idempotency_key: str) -> None:
        """Run under the idempotency key: replay what is stored, keep what begins to execute."""
        mode = "pk" if exchange.publishable else "sk"
        scoped = f"{mode}:{idempotency_key}"
        mark = fingerprint(exchange.method, exchange.path, json.dumps(scrub(exchange.raw), sort_keys=True))
        replay = self.keys.begin(scoped, mark)
        if replay:
            exchange.status, exchange.body, exchange.replayed = replay.status, replay.body, True
            exchange.reply_headers["Original-Request"] = replay.request_id
            exchange.faults = []
            return
        try:
            await _wait(exchange.fault("latency"))
            try:
                self._execute(exchange, operation, key)
            except StripeError as refusal:
                self._name_log(exchange, refusal)
                if refusal.stored:
                    self.keys.store(scoped, refusal.status, json.dumps(refusal.body()), exchange.request_id)
                raise
            stored = exchange.fault("stored_500")
            if stored:
                _set_error(exchange, errors.server_error(_status(stored, 500)))
            self.keys.store(scoped, exchange.status, exchange.body, exchange.request_id)
        finally:
            self.keys.release(scoped)

    def _execute(self, exchange: Exchange, operation: Operation, key: str) -> None:
        params = operation.schema.read(exchange.raw)
        if broken := exchange.fault("stored_before"):
            raise errors.server_error(_status(broken, 500), stored=True)
        self.account.request = {"id": exchange.request_id, "idempotency_key": exchange.idempotency_key}
        try:
            answer = operation.run(Call(account=self.account, params=params, key=key, publishable=exchange.publishable))
        finally:
            self.account.request = {"id": None, "idempotency_key": None}
        exchange.status, exchange.body = 200, json.dumps(answer)

    def _authenticate(self, exchange: Exchange) -> None:
        scheme, _, rest = exchange.headers.get("authorization", "").partition(" ")
        key = rest.strip()
        if scheme.lower() == "basic":
            try:
                key = base64.b64decode(key).decode().partition(":")[0]
            except ValueError:
                key = ""
        elif scheme.lower() != "bearer":
            key = str(exchange.raw.get("key", "")) if scheme == "" else ""
        exchange.raw.pop("key", None)
        if not key:
            raise errors.no_key()
        if not KEY.fullmatch(key) or key in self.revoked:
            raise errors.wrong_key(key)
        exchange.api_key, exchange.publishable = key, key.startswith("pk_")
        version = exchange.headers.get("stripe-version", objects.API_VERSION)
        if version != objects.API_VERSION:
            raise errors.invalid(
                f"Invalid Stripe API version: {version}. The sandbox speaks {objects.API_VERSION} only."
            )

    async def _after(self, exchange: Exchange) -> None:
        """Faults that strike once the work is done: the books are right, the answer isn't."""
        await self.send_early()
        _falsify(exchange)
        fault = exchange.fault("timeout_after")
        if fault:
            self.account.store.flush()
            await _wait(fault)
        failing = next((one for one in exchange.faults if one.kind in PROCESSED_THEN_LOST), None)
        if failing and (failing.kind == "fail_after" or exchange.status < 400):
            _set_error(exchange, errors.server_error(_status(failing, 500)))

    def _name_log(self, exchange: Exchange, refusal: StripeError) -> None:
        """Say where the request can be looked up, as Stripe does to those who showed a key."""
        if exchange.api_key and refusal.status < 500:
            refusal.error["request_log_url"] = f"{self.account.config.public_url}/requests#{exchange.request_id}"

    def _log(self, exchange: Exchange) -> None:
        record: Json = {
            "id": exchange.request_id,
            "at": time.time(),
            "method": exchange.method,
            "path": f"/v1/{exchange.path}",
            "key": f"{exchange.api_key[:8]}...{exchange.api_key[-4:]}" if exchange.api_key else None,
            "idempotency_key": exchange.idempotency_key,
            "replayed": exchange.replayed,
            "params": scrub(exchange.raw),
            "status": exchange.status,
            "error": exchange.error,
            "object": _object_id(exchange),
            "faults": [fault.kind for fault in exchange.faults],
            "ms": round((time.perf_counter() - exchange.started) * 1000, 1),
        }
        self.account.put("request", record)
        self.account.recorder.reply(
            method=exchange.method,
            path=exchange.path,
            by_server=bool(exchange.api_key) and not exchange.publishable,
            params=record["params"],
            status=exchange.status,
            body=exchange.body,
        )
        requests = self.account.store.all("request")
        if len(requests) > KEPT_REQUESTS + 500:
            for key in list(requests)[: len(requests) - KEPT_REQUESTS]:
                self.account.store.remove("request", key)

    def _respond(self, exchange: Exchange) -> Response:
        headers = {
            **CORS,
            "Request-Id": exchange.request_id,
            "Stripe-Version": objects.API_VERSION,
            "Cache-Control": "no-cache, no-store",
            **exchange.reply_headers,
        }
        if exchange.idempotency_key:
            headers["Idempotency-Key"] = exchange.idempotency_key
        if exchange.replayed:
            headers["Idempotent-Replayed"] = "true"
        page = exchange.fault("html")
        if page:
            return Response(
                HTML_PAGE, status_code=int(page.options.get("status", 502)), media_type="text/html", headers=headers
            )
        cut = exchange.fault("cut")
        if cut:
            return _cut_reply(exchange, headers, cut)
        return Response(exchange.body, status_code=exchange.status, media_type="application/json", headers=headers)


def _object_id(exchange: Exchange) -> str | None:
    match = re.search(r'"id": "(\w+)"', exchange.body[:60]) if exchange.status == 200 else None
    return match[1] if match else (exchange.path.split("/")[1] if "/" in exchange.path else None)


def _set_error(exchange: Exchange, refusal: StripeError) -> None:
    if "message" in refusal.error:
        refusal.error["message"] = scrub_text(refusal.error["message"])
    exchange.status = refusal.status
    exchange.error = refusal.error.get("decline_code") or refusal.error.get("code") or refusal.error["type"]
    exchange.body = json.dumps(refusal.body())
    if refusal.status == 409:
        exchange.reply_headers["Stripe-Should-Retry"] = "true"


def _narrow(refusal: StripeError) -> None:
    """A browser sees of the intent inside an error what it may see of it anywhere."""
    for name in BROWSER_FIELDS.keys() & refusal.error.keys():
        refusal.error[name] = browser_view(refusal.error[name])


def _refuse_by_fault(exchange: Exchange) -> None:
    """Faults that strike before anything is done."""
    limit = exchange.fault("rate_limit") or exchange.fault("rate_bucket")
    if limit:
        exchange.reply_headers["Stripe-Rate-Limited-Reason"] = "endpoint-rate"
        if "retry_after" in limit.options:
            exchange.reply_headers["Retry-After"] = str(int(limit.options["retry_after"]))
        raise errors.rate_limited()
    for kind, status in (("outage", 503), ("refuse_before", 500), ("hang_up", 503)):
        fault = exchange.fault(kind)
        if fault:
            raise errors.server_error(_status(fault, status))


def _status(fault: Fault, default: int) -> int:
    return int(fault.options.get("status", default))


def _falsify(exchange: Exchange) -> None:
    """A provider that lies about a payment: another amount or currency than the books have."""
    amount, currency = exchange.fault("wrong_amount"), exchange.fault("wrong_currency")
    if exchange.status != 200 or not (amount or currency):
        return
    answer = json.loads(exchange.body)
    for item in answer["data"] if answer.get("object") == "list" else [answer]:
        if amount:
            item.update({name: item[name] + 1 for name in ("amount", "amount_received") if item.get(name)})
        if currency and "currency" in item:
            item["currency"] = "cad" if item["currency"] == "usd" else "usd"
    exchange.body = json.dumps(answer)


def _hang_up(request: Request) -> Response:
    """Close the connection; what is returned reaches nobody."""
    if request.client is not None:
        hang_up(request.client.host, int(request.client.port))
    return Response(status_code=503)


async def _wait(fault: Fault | None) -> None:
    if fault:
        await asyncio.sleep(fault.delay_seconds)


def _cut_reply(exchange: Exchange, headers: dict[str, str], cut: Fault) -> Response:
    """Promise the whole body, send a part of it, and break off."""
    whole = exchange.body.encode()
    size = int(len(whole) * cut.options["share"]) if "share" in cut.options else int(cut.options.get("bytes", 20))

    async def part() -> Any:
        yield whole[:size]
        raise ConnectionAbortedError("a fault switched on in the sandbox cuts this reply")

    headers["Content-Length"] = str(len(whole))
    return StreamingResponse(part(), status_code=exchange.status, media_type="application/json", headers=headers)
