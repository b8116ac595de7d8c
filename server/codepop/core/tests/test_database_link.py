"""A database that vanished without a word is noticed."""

import asyncio
import os
import socket
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from codepop.core.listener import Listener


def _limits(link: psycopg.Connection[Any] | psycopg.AsyncConnection[Any]) -> tuple[int, int, int]:
    """What the kernel was told of the link: milliseconds unacknowledged, whether it asks, after how many seconds."""
    with socket.socket(fileno=os.dup(link.fileno())) as line:
        return (
            line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT),
            line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE),
            line.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
        )


@pytest.mark.django_db
def test_a_command_waits_at_most_twenty_seconds_for_a_vanished_server() -> None:
    connection.ensure_connection()
    assert _limits(connection.connection) == (20_000, 1, 30)


@pytest.mark.parametrize(("given", "unacknowledged"), [("", 20_000), ("?tcp_user_timeout=5000", 5_000)])
def test_who_listens_for_news_notices_that_the_server_vanished(
    monkeypatch: pytest.MonkeyPatch, given: str, unacknowledged: int
) -> None:
    url = settings.CODEPOP.database_url.partition("?")[0] + given
    opened: list[psycopg.AsyncConnection[Any]] = []
    connect = psycopg.AsyncConnection.connect

    async def kept(*args: Any, **options: Any) -> psycopg.AsyncConnection[Any]:
        opened.append(await connect(*args, **options))
        return opened[-1]

    monkeypatch.setattr(psycopg.AsyncConnection, "connect", kept)

    async def listen() -> tuple[int, int, int]:
        heard = asyncio.Event()
        listener = Listener(
            url,
            channels=("nothing",),
            name="test",
            on_notice=lambda _channel, _payload: None,
            on_return=heard.set,
        )
        task = asyncio.create_task(listener.run())
        await asyncio.wait_for(heard.wait(), timeout=30)
        limits = _limits(opened[-1])
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return limits

    assert asyncio.run(listen()) == (unacknowledged, 1, 30)
