"""Closing a client's connection without a byte of an answer, as a refused or dying server does.

The web server offers no call for that, so the socket is looked for among this process's own open files.
"""

import os
import socket
from pathlib import Path

OPEN_FILES = Path("/proc/self/fd") if Path("/proc/self/fd").exists() else Path("/dev/fd")


def hang_up(host: str, port: int) -> bool:
    """End the TCP connection whose other end is `host:port`; whether there was one."""
    found = False
    for entry in OPEN_FILES.iterdir():
        connection = _socket_of(int(entry.name))
        if connection is None:
            continue
        with connection:
            if _peer(connection) == (host, port):
                connection.shutdown(socket.SHUT_RDWR)
                found = True
    return found


def _socket_of(number: int) -> socket.socket | None:
    """A second handle on an open file, if that is a socket and still open."""
    try:
        copy = os.dup(number)
    except OSError:
        return None
    try:
        return socket.socket(fileno=copy)
    except OSError:
        os.close(copy)
        return None


def _peer(connection: socket.socket) -> tuple[str, int] | None:
    try:
        host, port, *_ = connection.getpeername()
    except (OSError, ValueError):
        return None
    return host, port
