"""The small HTTP client of the webhooks, against receivers that behave in every way receivers do."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from sandbox.stripe.post import Poster, PostError

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return await reader.readexactly(int(length.split(b":")[1]))


def run(handler: Handler, posts: int = 1, timeout: float = 5) -> list[int]:
    """Post a few times, one after the other, to a receiver; returns the statuses."""

    async def main() -> list[int]:
        connections: set[asyncio.Task[None]] = set()

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            connections.add(task)
            try:
                await handler(reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        poster = Poster(timeout)
        try:
            url = f"http://127.0.0.1:{port}/hook?x=1"
            return [await poster.post(url, b"{}", {"Content-Type": "application/json"}) for _ in range(posts)]
        finally:
            poster.close()
            server.close()
            for task in connections:
                task.cancel()
            await asyncio.gather(*connections, return_exceptions=True)

    return asyncio.run(main())


def test_connection_is_kept() -> None:
    connections = 0

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while True:
            assert await read_request(reader) == b"{}"
            writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok")

    assert run(handler, posts=5) == [202] * 5
    assert connections == 1


def test_connection_that_the_receiver_closed_is_replaced() -> None:
    connections = 0

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    assert run(handler, posts=3) == [200] * 3
    assert connections == 3


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_body_without_a_known_end_gives_the_status(reply: bytes) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(reply)
        await writer.drain()

    assert run(handler, posts=2) == [200, 200]


def test_redirect_is_only_a_status() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    assert run(handler) == [302]


def test_silence_ends_after_the_timeout() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(5)

    with pytest.raises(PostError, match=r"no answer within 0\.2 s"):
        run(handler, timeout=0.2)


@pytest.mark.parametrize("reply", [b"", b"HTTP/1.1 200", b"SSH-2.0-OpenSSH\r\n\r\n"])
def test_broken_answer_is_an_error(reply: bytes) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(reply)
        await writer.drain()

    with pytest.raises(PostError):
        run(handler)


def test_nobody_there_is_an_error() -> None:
    with pytest.raises(PostError, match="Connect"):
        asyncio.run(Poster(2).post("http://127.0.0.1:9/hook", b"{}", {}))


def test_an_address_that_can_not_be_read_is_an_answer_too() -> None:
    with pytest.raises(PostError, match="Port out of range"):
        asyncio.run(Poster(2).post("http://127.0.0.1:99999/hook", b"{}", {}))
