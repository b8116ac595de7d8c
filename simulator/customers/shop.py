"""CodePop's public API as a careful client uses it: it repeats what may be repeated, with the same key."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

Json = dict[str, Any]

TIMEOUT = httpx.Timeout(40.0, connect=5.0)
TRIES = 6
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

    def __init__(self, base_url: str, *, connections: int) -> None:
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        self._client = httpx.AsyncClient(base_url=base_url, timeout=TIMEOUT, limits=limits)
        self.traffic = Traffic()

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
        self, method: str, path: str, *, body: Json | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send and return the answer; what the shop can't do now is tried again, up to TRIES times. Raises NoAnswer."""
        last = "no answer"
        for attempt in range(TRIES):
            if attempt:
                self.traffic.repeated += 1
                await asyncio.sleep(min(0.2 * 2**attempt, 5) * random.uniform(0.7, 1.3))
            try:
                answer = await self._client.request(method, path, json=body, headers=dict(headers or {}))
            except httpx.TransportError as error:
                last = type(error).__name__
                continue
            self.traffic.requests += 1
            self.traffic.server_errors += answer.status_code == 500
            if answer.status_code not in _AGAIN:
                return _reply(answer)
            last = f"status {answer.status_code}"
        raise NoAnswer(f"{method} {path}: {last}")


def _reply(answer: httpx.Response) -> Reply:
    try:
        body = answer.json()
    except ValueError:
        body = {}
    return Reply(answer.status_code, body if isinstance(body, dict) else {})
