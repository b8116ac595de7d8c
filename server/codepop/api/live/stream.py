"""A stream of server-sent events that notices when its client is gone or too slow."""

import asyncio
from collections.abc import AsyncIterator, Callable

from starlette.types import Receive, Scope, Send

PING_SECONDS = 15.0
SEND_SECONDS = 10.0
"""A client that takes longer than this to take one event is dropped; it comes back with Last-Event-ID."""
LIFE_SECONDS = 30 * 60.0
"""After this a stream ends and its client connects again: so a right that was taken away ends too."""
FIRST = b"retry: 1500\n\n"
PING = b": ping\n\n"
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


OpenStreams = set[asyncio.Task[None]]


def event(name: str, data: str, *, identity: int | None = None) -> bytes:
    """Return one event in the form of the wire; `data` must be one line."""
    lines = [f"id: {identity}"] if identity is not None else []
    return "\n".join([*lines, f"event: {name}", f"data: {data}", "", ""]).encode()


class EventStream:
    """An ASGI response. `events` yields what is to be sent; `leave` is called once at the end, whatever the end is.

    While it is open its sending is in `open_streams`; cancelling it there ends the stream.
    """

    def __init__(self, events: AsyncIterator[bytes], *, open_streams: OpenStreams, leave: Callable[[], None]) -> None:
        self._events = events
        self._open_streams = open_streams
        self._leave = leave

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the client goes or is too slow, the process stops, or the stream's life is over."""
        gone = asyncio.create_task(_gone(receive))
        sending = asyncio.create_task(self._send_all(send))
        self._open_streams.add(sending)
        try:
            await asyncio.wait([gone, sending], timeout=LIFE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            ended_here = not gone.done()
        finally:
            self._leave()
            self._open_streams.discard(sending)
            gone.cancel()
            sending.cancel()
            await asyncio.gather(gone, sending, return_exceptions=True)
        if ended_here:
            await _end(send)

    async def _send_all(self, send: Send) -> None:
        await _within_time(send, {"type": "http.response.start", "status": 200, "headers": HEADERS})
        await _within_time(send, {"type": "http.response.body", "body": FIRST, "more_body": True})
        async for body in self._events:
            await _within_time(send, {"type": "http.response.body", "body": body, "more_body": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


async def _within_time(send: Send, message: dict[str, object]) -> None:
    async with asyncio.timeout(SEND_SECONDS):
        await send(message)


async def _end(send: Send) -> None:
    try:
        await _within_time(send, {"type": "http.response.body", "body": b"", "more_body": False})
    except (OSError, RuntimeError, TimeoutError):
        return
