"""A small HTTP/1.1 client for webhooks: posts a body over connections that are kept, and wants to know the status only.

A general client costs several times the processor time of all else the sandbox does for a payment (measured with
httpx 0.28: 3.5 of 5 ms), and benchmarks push hundreds of webhooks a second through one process.
"""

import asyncio
import ssl
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

MAX_HEAD_BYTES = 65536
MAX_BODY_BYTES = 1_000_000


class PostError(Exception):
    """No status came back: refused, broken off, too slow, or not HTTP."""


@dataclass
class Connection:
    """One kept connection to a receiver."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    used: bool = False


class Poster:
    """Posts to any number of receivers. Not for use from more than one event loop."""

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout = timeout_seconds
        self._idle: dict[tuple[str, str, int], list[Connection]] = {}

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        """Send and return the status; redirects aren't followed. Raises PostError."""
        try:
            parts = urlsplit(url)
            place = (parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
            async with asyncio.timeout(self._timeout):
                return await self._post(place, _head(parts, body, headers) + body)
        except TimeoutError:
            raise PostError(f"no answer within {self._timeout:g} s") from None
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as problem:
            raise PostError(f"{type(problem).__name__}: {problem}") from problem

    async def _post(self, place: tuple[str, str, int], message: bytes) -> int:
        while True:
            connection = await self._connect(place)
            try:
                connection.writer.write(message)
                status, reusable = await _read_reply(connection.reader)
            except (ConnectionError, asyncio.IncompleteReadError):
                connection.writer.close()
                if not connection.used:
                    raise
                # A kept connection that the receiver has closed meanwhile: the next one, at last a fresh one, decides.
                continue
            except BaseException:
                connection.writer.close()
                raise
            if reusable:
                connection.used = True
                self._idle.setdefault(place, []).append(connection)
            else:
                connection.writer.close()
            return status

    async def _connect(self, place: tuple[str, str, int]) -> Connection:
        kept = self._idle.get(place)
        if kept:
            return kept.pop()
        scheme, host, port = place
        context = ssl.create_default_context() if scheme == "https" else None
        return Connection(*await asyncio.open_connection(host, port, ssl=context, limit=MAX_HEAD_BYTES))

    def close(self) -> None:
        for connections in self._idle.values():
            for connection in connections:
                connection.writer.close()
        self._idle.clear()


def _head(parts: SplitResult, body: bytes, headers: dict[str, str]) -> bytes:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"POST {path} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


async def _read_reply(reader: asyncio.StreamReader) -> tuple[int, bool]:
    """The status, and whether the connection can carry another request: only when the body's end is known and read."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    first, *lines = head.strip().split("\r\n")
    version, _, rest = first.partition(" ")
    if not version.startswith("http/1."):
        raise ValueError("the receiver doesn't speak HTTP/1.1")
    status = int(rest[:3])
    fields = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = fields.get("content-length", "0" if status in (204, 304) else "")
    if not length.isdigit() or int(length) > MAX_BODY_BYTES or fields.get("connection") == "close":
        return status, False
    await reader.readexactly(int(length))
    return status, version == "http/1.1"
