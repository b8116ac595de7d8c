"""What all provider clients share: they refuse to send while a transaction is open, and every call has a deadline.

A row lock held while somebody else's server thinks is how shops stand still; the refusal makes it a bug
that the first test finds.
"""

import time
from typing import Any

import httpx

from codepop.core.db import in_transaction
from codepop.core.log import get_logger

log = get_logger(__name__)


class NetworkInsideTransaction(RuntimeError):
    """A provider was called while the database transaction was still open."""


def refuse_in_transaction() -> None:
    """Raise NetworkInsideTransaction when this thread's transaction is open; each gateway calls it before sending."""
    if in_transaction():
        raise NetworkInsideTransaction(
            "record what you want in one transaction, call the provider, then record the answer"
        )


class ProviderClient(httpx.Client):
    """An httpx client for providers without an SDK: deadline, refusal inside transactions, one log line a call."""

    def __init__(self, *, provider: str, timeout_seconds: float, **options: Any) -> None:
        super().__init__(timeout=timeout_seconds, **options)
        self._provider = provider

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send, and log provider, path, status and milliseconds; never bodies, queries or headers."""
        refuse_in_transaction()
        started = time.monotonic()
        status: int | str = "no answer"
        try:
            response = super().send(request, **options)
            status = response.status_code
            return response
        finally:
            milliseconds = round((time.monotonic() - started) * 1000)
            log.info("provider_call", provider=self._provider, path=request.url.path, status=status, ms=milliseconds)
