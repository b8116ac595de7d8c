"""A small TCP proxy between psycopg and PostgreSQL that cuts the line at a COMMIT: before the server has it, or after
it has answered. The client can't tell the two apart; neither can the product, so only a look by key decides.
"""

import selectors
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from django.db import connection

Cut = Literal["before", "after", "full"]
_TOO_MANY = "SFATAL\0VFATAL\0C53300\0Msorry, too many clients already\0\0"


@dataclass
class Line:
    """One proxied line: `cut` at the COMMIT number `nth` (0 is the first); "full" refuses the connection."""

    cut: Cut
    nth: int
    struck: bool = False


@contextmanager
def cut_line(cut: Cut, nth: int) -> Iterator[Line]:
    """Let Django's connection of this thread go through the proxy meanwhile."""
    line = Line(cut, nth)
    settings = connection.settings_dict
    direct = settings["HOST"], settings["PORT"]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        connection.close()
        settings["HOST"], settings["PORT"] = listener.getsockname()[:2]
        thread = threading.Thread(target=_serve, args=(listener, line, direct), daemon=True)
        thread.start()
        try:
            yield line
        finally:
            connection.close()
            settings["HOST"], settings["PORT"] = direct
            socket.create_connection(listener.getsockname()).close()
            thread.join()


def _serve(listener: socket.socket, line: Line, upstream: Any) -> None:
    """Serve one connection after another until one that says nothing."""
    while True:
        client, _ = listener.accept()
        with client:
            first = client.recv(65536)
            if not first:
                return
            if line.cut == "full" and not line.struck:
                line.struck = True
                client.sendall(b"E" + struct.pack("!i", len(_TOO_MANY) + 4) + _TOO_MANY.encode())
                continue
            with socket.create_connection(upstream) as server:
                server.sendall(first)
                _pump(client, server, line)


def _pump(client: socket.socket, server: socket.socket, line: Line) -> None:
    """Carry bytes both ways until one side ends or the line is cut."""
    selector = selectors.DefaultSelector()
    for side in (client, server):
        selector.register(side, selectors.EVENT_READ)
    commits = 0
    cut_at_answer = False
    while True:
        for key, _ in selector.select():
            from_client = key.fileobj is client
            try:
                data = (client if from_client else server).recv(65536)
            except ConnectionError:
                return
            if not data or (cut_at_answer and not from_client):
                line.struck = line.struck or cut_at_answer
                return
            if from_client and not line.struck and _is_commit(data):
                if commits == line.nth and line.cut == "before":
                    line.struck = True
                    return
                cut_at_answer = commits == line.nth and line.cut == "after"
                commits += 1
            (server if from_client else client).sendall(data)


def _is_commit(data: bytes) -> bool:
    """psycopg sends COMMIT alone, as a simple query, and waits for its answer."""
    return data[:1] == b"Q" and data[5:].rstrip(b"\0").upper() == b"COMMIT"
