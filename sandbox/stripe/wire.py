"""From an HTTP request to an operation and back: keys, parameters, idempotency, faults, the request log, and the
error envelope.
"""

import asyncio
import base64
import json
import logging
import re
import time
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from sandbox.faults import REQUEST_KINDS, Fault
from sandbox.store import Json
from sandbox.stripe import (
    api_charges,
    api_customers,
    api_events,
    api_payment_intents,
    api_payment_methods,
    api_refunds,
    api_setup_intents,
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

OPERATIONS: Operations = {
    **api_payment_intents.OPERATIONS,
    **api_refunds.OPERATIONS,
    **api_charges.OPERATIONS,
    **api_customers.OPERATIONS,
    **api_payment_methods.OPERATIONS,
    **api_setup_intents.OPERATIONS,
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

    def fault(self, kind: str) -> Fault | None:
        return next((fault for fault in self.faults if fault.kind == kind), None)


class Wire:
    """The /v1 API of the sandbox's one account."""

    def __init__(self, account: Account) -> None:
        self.account = account
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
        exchange.faults = self.account.faults.hit("stripe", REQUEST_KINDS, f"{request.method} /v1/{exchange.path}")
        try:
            await self._process(exchange)
        except StripeError as refusal:
            if exchange.publishable:
                _narrow(refusal)
            _set_error(exchange, refusal)
        except Exception:
            LOG.exception("the sandbox failed at %s /v1/%s", exchange.method, exchange.path)
            _set_error(exchange, errors.sandbox_defect())
        await self._after(exchange)
        self._log(exchange)
        self.account.store.flush()
        return self._respond(exchange)

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
                if refusal.stored:
                    self.keys.store(scoped, refusal.status, json.dumps(refusal.body()), exchange.request_id)
                raise
            if exchange.fault("stored_500"):
                _set_error(exchange, errors.server_error())
            self.keys.store(scoped, exchange.status, exchange.body, exchange.request_id)
        finally:
            self.keys.release(scoped)

    def _execute(self, exchange: Exchange, operation: Operation, key: str) -> None:
        params = operation.schema.read(exchange.raw)
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
        fault = exchange.fault("timeout_after")
        if fault:
            self.account.store.flush()
            await _wait(fault)
        if exchange.fault("fail_after") or (exchange.fault("stored_500") and exchange.status < 400):
            _set_error(exchange, errors.server_error())

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
            return _cut_reply(exchange, headers, int(cut.options.get("bytes", 20)))
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
    limit = exchange.fault("rate_limit")
    if limit:
        exchange.reply_headers["Stripe-Rate-Limited-Reason"] = "endpoint-rate"
        if "retry_after" in limit.options:
            exchange.reply_headers["Retry-After"] = str(int(limit.options["retry_after"]))
        raise errors.rate_limited()
    if exchange.fault("outage"):
        raise errors.server_error(503)
    if exchange.fault("refuse_before"):
        raise errors.server_error()


async def _wait(fault: Fault | None) -> None:
    if fault:
        await asyncio.sleep(fault.delay_seconds)


def _cut_reply(exchange: Exchange, headers: dict[str, str], size: int) -> Response:
    """Promise the whole body, send a part of it, and break off."""
    whole = exchange.body.encode()

    async def part() -> Any:
        yield whole[:size]
        raise ConnectionAbortedError("a fault switched on in the sandbox cuts this reply")

    headers["Content-Length"] = str(len(whole))
    return StreamingResponse(part(), status_code=exchange.status, media_type="application/json", headers=headers)
