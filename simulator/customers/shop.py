"""CodePop's public API as a careful client uses it: it repeats what may be repeated, with the same key."""

import asyncio
import functools
import itertools
import random
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

Json = dict[str, Any]

TIMEOUT = httpx.Timeout(40.0, connect=5.0)
PATIENCE_SECONDS = 60.0
"""So long somebody who wants their drink goes on tapping; then they walk away, and may leave a paid order behind."""
_AGAIN = frozenset({425, 429, 500, 502, 503, 504})


class NoAnswer(Exception):
    """The shop could not be reached, or kept saying that it can't now."""


@dataclass(frozen=True)
class Reply:
    """A status and its JSON."""

    status: int
    body: Json

    @property
    def ok(self) -> bool:
        """Say whether the shop did it."""
        return 200 <= self.status < 300

    @property
    def code(self) -> str:
        """Return the error's code, empty when there is none."""
        error = self.body.get("error")
        return str(error.get("code", "")) if isinstance(error, dict) else ""


@dataclass
class Traffic:
    """What all customers together sent and met."""

    requests: int = 0
    repeated: int = 0
    server_errors: int = 0


class Shop:
    """The API under one address, for all customers of a run."""

    def __init__(
        self, base_url: str, *, connections: int, home: str | None = None, traffic: Traffic | None = None
    ) -> None:
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        # Plain HTTP: without `verify` the roots of all authorities would be read for each customer.
        way = httpx.AsyncHTTPTransport(limits=limits, local_address=home, verify=False)
        self._client = httpx.AsyncClient(base_url=base_url, timeout=TIMEOUT, transport=way)
        self._base_url = base_url
        self.traffic = traffic or Traffic()

    def from_home(self, home: str | None) -> "Shop":
        """Return the shop as one customer reaches it, from an address of their own; `close` it after the visit.

        From one address for all, the guard against card testing would rightly stop everybody after a few declines.
        """
        return Shop(self._base_url, connections=4, home=home, traffic=self.traffic)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def sign_in(self, email: str, password: str) -> str:
        """Return a session token, as the phone app gets one. Raises NoAnswer."""
        reply = await self.call("POST", "/_allauth/app/v1/auth/login", body={"email": email, "password": password})
        token = reply.body.get("meta", {}).get("session_token")
        if not reply.ok or not token:
            raise NoAnswer(f"sign-in answered {reply.status}")
        return str(token)

    async def call(
        self,
        method: str,
        path: str,
        *,
        body: Json | None = None,
        headers: Mapping[str, str] | None = None,
        takes: frozenset[str] = frozenset(),
    ) -> Reply:
        """Send and return the answer; what the shop can't do now is tried again for a while. Raises NoAnswer.

        A refusal with one of the codes that the caller `takes` is an answer at once.
        """
        last = "no answer"
        until = time.monotonic() + PATIENCE_SECONDS
        for attempt in itertools.count():
            if attempt:
                if time.monotonic() > until:
                    break
                self.traffic.repeated += 1
                await asyncio.sleep(min(0.2 * 2**attempt, 5) * random.uniform(0.7, 1.3))
            try:
                answer = await self._client.request(method, path, json=body, headers=dict(headers or {}))
            except httpx.TransportError as error:
                last = type(error).__name__
                continue
            self.traffic.requests += 1
            self.traffic.server_errors += answer.status_code == 500
            reply = _reply(answer)
            own_is_under_way = attempt > 0 and reply.code == "idempotency_key_in_use"
            if reply.code in takes or (answer.status_code not in _AGAIN and not own_is_under_way):
                return reply
            last = f"status {answer.status_code}"
        raise NoAnswer(f"{method} {path}: {last}")


def home_of(customer: int, *, seed: int) -> str | None:
    """Return a customer's own address on this machine; None where only one loopback address exists (macOS)."""
    return f"127.{16 + seed % 200}.{customer // 250 % 250}.{1 + customer % 250}" if _has_homes() else None


@functools.cache
def _has_homes() -> bool:
    with socket.socket() as trial:
        try:
            trial.bind(("127.16.0.1", 0))
        except OSError:
            return False
    return True


def _reply(answer: httpx.Response) -> Reply:
    try:
        body = answer.json()
    except ValueError:
        body = {}
    return Reply(answer.status_code, body if isinstance(body, dict) else {})
