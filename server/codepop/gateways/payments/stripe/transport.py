"""How bytes get to Stripe and back: connections that are kept, each request let out by the guard."""

import base64
import http.client
import select
import socket
import ssl
import threading
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeAlias, cast
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies

import stripe

from codepop.gateways.guard import Guard
from codepop.gateways.limits import ProviderLimits
from codepop.gateways.retries import retry_after

CONNECTIONS = 32
"""Idle ones that are kept; more threads than that open their own and close them again."""

_Idle: TypeAlias = dict[str, list[http.client.HTTPConnection]]
"""Connections by scheme and address."""

_operation: ContextVar[str] = ContextVar("stripe_operation")


class NotConnected(OSError):
    """There was never a connection: the request can't have had an effect."""


@contextmanager
def operation(name: str) -> Iterator[None]:
    """Name what the requests inside are for: limits, budgets and figures go by it. Without a name nothing is sent."""
    token = _operation.set(name)
    try:
        yield
    finally:
        _operation.reset(token)


class Transport(stripe.HTTPClient):
    """Kept-alive connections for all threads.

    Straight on the standard library's connections, which the SDK's own client reaches through requests and urllib3:
    each of these layers costs about as much processor time again.
    """

    name = "http.client"

    def __init__(self, *, guard: Guard, limits: ProviderLimits, base_url: str | None, ca_file: Path | None) -> None:
        super().__init__()
        self._guard, self._connect_seconds = guard, limits.connect_seconds
        self._by_proxy = "" if base_url else str(getproxies().get("https") or "")
        self._tls = ssl.create_default_context(cafile=ca_file or stripe.ca_bundle_path)
        self._idle: _Idle = {}
        self._lock = threading.Lock()
        weakref.finalize(self, _close_all, self._idle)

    def request(  # type: ignore[override]  # bytes instead of text, as in the SDK's own clients
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        name = _operation.get()
        limit = self._guard.limit(name)
        with self._guard.outgoing(name, method=method.upper()) as answer:
            try:
                got, content = self._send(method.upper(), url, post_data, headers or {}, limit.answer_seconds)
            except (OSError, http.client.HTTPException) as error:
                answer.error_type = type(error.__cause__ or error).__name__
                message = f"{answer.error_type} on {method} {name}"
                raise stripe.APIConnectionError(message) from error  # type: ignore[no-untyped-call]  # the SDK has no types here
            told = cast("Mapping[str, str]", got.headers)  # it behaves as one; the library does not say so
            answer.status, answer.retry_after = got.status, retry_after(told)
            answer.unreadable = "json" not in told.get("Content-Type", "")
        return content, got.status, told

    def close(self) -> None:
        with self._lock:
            _close_all(self._idle)

    def _send(
        self, method: str, url: str, body: Any, headers: Mapping[str, str], answer_seconds: float
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """Send on a connection of ours; one that has seen an error, or is to be closed, is not used again."""
        place = urlsplit(url)
        origin = f"{place.scheme}://{place.netloc}"
        connection = self._kept(origin) or self._connected(origin)
        try:
            connection.sock.settimeout(answer_seconds)
            path = f"{place.path}?{place.query}" if place.query else place.path
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            content = response.read()
        except BaseException:
            connection.close()
            raise
        self._keep(origin, connection)
        return response, content

    def _kept(self, origin: str) -> http.client.HTTPConnection | None:
        """Return an idle connection that the other side has not closed meanwhile."""
        while True:
            with self._lock:
                kept = self._idle.get(origin)
                connection = kept.pop() if kept else None
            if connection is None or _is_quiet(connection.sock):
                return connection
            connection.close()

    def _keep(self, origin: str, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            kept = self._idle.setdefault(origin, [])
            if connection.sock is not None and len(kept) < CONNECTIONS:
                kept.append(connection)
                return
        connection.close()

    def _connected(self, origin: str) -> http.client.HTTPConnection:
        """Open a connection, through the proxy when there is one. Raises NotConnected."""
        connection = self._unconnected(origin)
        try:
            connection.connect()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise NotConnected(str(error)) from error
        return connection

    def _unconnected(self, origin: str) -> http.client.HTTPConnection:
        place, seconds = urlsplit(origin), self._connect_seconds
        if place.scheme == "http":
            return http.client.HTTPConnection(place.netloc, timeout=seconds)
        if not self._by_proxy:
            return http.client.HTTPSConnection(place.netloc, timeout=seconds, context=self._tls)
        proxy = urlsplit(self._by_proxy)
        address = proxy.hostname or "", proxy.port or http.client.HTTP_PORT
        connection = http.client.HTTPSConnection(*address, timeout=seconds, context=self._tls)
        connection.set_tunnel(place.netloc, headers=_credentials(proxy))
        return connection


def _close_all(idle: _Idle) -> None:
    for connection in [one for kept in idle.values() for one in kept]:
        connection.close()
    idle.clear()


def _credentials(proxy: SplitResult) -> dict[str, str]:
    """Return what the proxy wants to see of a name and password in its address."""
    if not proxy.username:
        return {}
    words = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {base64.b64encode(words.encode()).decode()}"}


def _is_quiet(connection: socket.socket) -> bool:
    """Say whether an idle connection is still good: the other side sends nothing unasked but its end."""
    waiting = select.poll()
    waiting.register(connection, select.POLLIN | select.POLLHUP | select.POLLERR)
    return not waiting.poll(0)


def never_sent(error: stripe.APIConnectionError) -> bool:
    """Say whether the connection was never made: then the request can't have had an effect."""
    return isinstance(error.__cause__, NotConnected)
