"""Every call to Stripe goes through here: with which key, which of the three errors, and whether it is sent again.

The SDK's own retries are off, because only this module knows which failure is which. `Unavailable` calls are sent again
with the same key, `Unknown` commands never.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import stripe

from codepop.gateways.errors import GatewayError, Refused, Unavailable, Unknown
from codepop.gateways.guard import Guard
from codepop.gateways.limits import ProviderLimits
from codepop.gateways.payments.methods import CustomerGone
from codepop.gateways.payments.stripe import transport
from codepop.gateways.retries import retry_after, tried
from codepop.gateways.secret_use import SecretUses

PROVIDER = "stripe"
API_VERSION = "2026-10-28.endive"
"""Pinned together with the SDK's version: its types fit only this one."""

T = TypeVar("T")
Call = Callable[[stripe.StripeClient], T]


class Connection:
    """The SDK's clients, one for each live key, and the rules for using them. Thread-safe."""

    def __init__(
        self, *, secret_keys: Sequence[str], base_url: str | None, limits: ProviderLimits, ca_file: Path | None
    ) -> None:
        stripe.enable_telemetry = False
        self._guard = Guard(limits)
        self._uses = SecretUses("STRIPE_SECRET_KEYS", secret_keys)
        http = transport.Transport(guard=self._guard, limits=limits, base_url=base_url, ca_file=ca_file)
        addresses: Any = dict.fromkeys(("api", "connect", "files", "meter_events"), base_url) if base_url else None
        self._clients = [
            stripe.StripeClient(
                key,
                stripe_version=API_VERSION,
                base_addresses=addresses,
                max_network_retries=0,
                http_client=http,
            )
            for key in secret_keys
        ]

    def query(self, operation: str, call: Call[T]) -> T:
        """Run a read: it has no effect, so whatever is not a refusal may be tried again; never raises Unknown.

        `operation` is the gateway method's name and has a row in `gateways.limits`.
        """
        try:
            return self._run(operation, call, again=(Unavailable, Unknown))
        except Unknown as error:
            raise Unavailable(PROVIDER, "no answer", code=error.code, request_id=error.request_id) from error

    def command(self, operation: str, call: Call[T]) -> T:
        """Run a keyed command: again only when nothing was taken (same key), never when the outcome is unknown."""
        return self._run(operation, call, again=(Unavailable,))

    def _run(self, operation: str, call: Call[T], *, again: tuple[type[GatewayError], ...]) -> T:
        def send() -> T:
            with transport.operation(operation):
                return self._with_a_live_key(call)

        return tried(send, provider=PROVIDER, operation=operation, limit=self._guard.limit(operation), again=again)

    def _with_a_live_key(self, call: Call[T]) -> T:
        """Use the current key; when Stripe does not know it (any more), the next one, once. Nothing was done then."""
        try:
            try:
                answer, position = call(self._clients[0]), 0
            except stripe.AuthenticationError:
                if len(self._clients) == 1:
                    raise
                answer, position = call(self._clients[1]), 1
        except stripe.StripeError as error:
            raise _failure(error) from error
        self._uses.used(position, fallback=position > 0)
        return answer


def _failure(error: stripe.StripeError) -> GatewayError:
    """Sort an SDK error into the three kinds (providers' table of measured behaviour).

    A key that Stripe refuses is `Unavailable`: nothing was done, and once a person has mended it the same call works.
    """
    code = (error.error.code if error.error else None) or error.code or ""
    status = error.http_status or 0
    kind: type[GatewayError]
    if isinstance(error, stripe.APIConnectionError):
        kind = Unavailable if transport.never_sent(error) else Unknown
    elif isinstance(error, stripe.RateLimitError) or status == 409:
        kind = Unavailable
    elif isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        kind = Unavailable
        code = code or "key_refused"
    elif status >= 500 or isinstance(error, stripe.APIError):
        kind = Unknown
    elif code == "resource_missing" and "No such customer" in str(error):
        kind = CustomerGone
    else:
        kind = Refused
        code = code or type(error).__name__
    return kind(
        PROVIDER,
        type(error).__name__,
        code=code,
        request_id=error.request_id,
        retry_after=retry_after(error.headers),
    )
