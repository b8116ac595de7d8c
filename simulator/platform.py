"""The platform as devices see it: calls with a device's key, numbered reports that survive its absence."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from simulator.roster import DeviceKey

TIMEOUT = httpx.Timeout(10.0, connect=3.0)
BATCH = 200
_TRY_LATER = frozenset({408, 429, 500, 502, 503, 504})


class PlatformAway(Exception):
    """The platform doesn't answer, or says that it can't now: try again later."""


class Refused(Exception):
    """The platform answered and said no."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Claim:
    """The answer to a robot that asked for work: the work, or why there is none."""

    work: dict[str, Any] | None
    reason: str


class Platform:
    """The device API of one CodePop. One client with few connections serves all stores of this process."""

    def __init__(self, base_url: str, *, connections: int = 16) -> None:
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        self._client = httpx.AsyncClient(base_url=f"{base_url}/device/v1", timeout=TIMEOUT, limits=limits)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def post(self, device: DeviceKey, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Send; returns the answer's JSON. Raises PlatformAway, Refused."""
        return _json_of(await self._send("POST", device, path, body))

    async def claim(self, device: DeviceKey) -> Claim:
        """Ask for a robot's next work. Raises PlatformAway, Refused."""
        answer = await self._send("POST", device, "/claim", {})
        if answer.status_code == 204:
            return Claim(None, answer.headers.get("X-Reason", ""))
        return Claim(_json_of(answer), "")

    async def get(self, device: DeviceKey, path: str) -> dict[str, Any]:
        """Fetch; raises PlatformAway, Refused."""
        return _json_of(await self._send("GET", device, path, None))

    async def _send(self, method: str, device: DeviceKey, path: str, body: Mapping[str, Any] | None) -> httpx.Response:
        try:
            answer = await self._client.request(method, path, json=body, headers=device.header)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise PlatformAway(type(error).__name__) from error
        if answer.status_code in _TRY_LATER:
            raise PlatformAway(f"status {answer.status_code}")
        return answer


def _json_of(answer: httpx.Response) -> dict[str, Any]:
    try:
        body: dict[str, Any] = answer.json()
    except ValueError as error:
        raise PlatformAway(f"no JSON, status {answer.status_code}") from error
    if answer.is_success:
        return body
    said = body.get("error", {})
    raise Refused(answer.status_code, str(said.get("code", "refused")), str(said.get("message", "Refused.")))


@dataclass
class Outbox:
    """A device's reports until the platform has taken them in. Numbers go on growing over restarts of this process."""

    platform: Platform
    device: DeviceKey
    waiting: list[dict[str, Any]] = field(default_factory=list)
    last_seq: int = field(default_factory=lambda: time.time_ns() // 1_000_000)

    def report(self, kind: str, *, ticket_id: str | None = None, **data: Any) -> None:
        """Put one report into the box."""
        self.last_seq += 1
        at = datetime.now(UTC).isoformat()
        self.waiting.append({"seq": self.last_seq, "type": kind, "at": at, "ticket_id": ticket_id, "data": data})

    async def flush(self) -> list[str]:
        """Send everything; returns the tickets that are no longer this device's. Raises PlatformAway, Refused."""
        lost: list[str] = []
        while batch := self.waiting[:BATCH]:
            answer = await self.platform.post(self.device, "/events", {"events": batch})
            accepted = int(answer["accepted_seq"])
            self.waiting = [one for one in self.waiting if one["seq"] > max(accepted, batch[-1]["seq"])]
            lost += answer.get("lost_tickets", [])
        return lost
