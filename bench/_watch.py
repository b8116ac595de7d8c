"""Watching orders from outside: when a commit was told by PostgreSQL, and when a customer's stream has shown it."""

import json
import selectors
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from urllib.parse import urlsplit

import psycopg

STEP_SECONDS = 0.2


class Commits:
    """Notes when PostgreSQL tells of an order's change, which it does at the commit: the state is in the database."""

    def __init__(self, database_url: str) -> None:
        self.seen: dict[str, list[float]] = defaultdict(list)
        self.versions: dict[str, dict[int, float]] = defaultdict(dict)
        """When each version of an order was told of first."""
        self._over = threading.Event()
        self._connection = psycopg.connect(database_url, autocommit=True)
        self._connection.execute("LISTEN codepop_live")
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while not self._over.is_set():
            for notice in self._connection.notifies(timeout=STEP_SECONDS):
                at, told = time.perf_counter(), json.loads(notice.payload)
                if "order" in told:
                    self.seen[told["order"]].append(at)
                    self.versions[told["order"]].setdefault(told["version"], at)

    def close(self) -> None:
        """Stop listening."""
        self._over.set()
        self._thread.join()
        self._connection.close()


class Screens:
    """Customers' streams at the live process, all read by one thread; notes when each has shown "paid"."""

    def __init__(self, live_url: str, orders: Sequence[tuple[str, str]]) -> None:
        """Open a stream for each (order id, order token). Raises OSError."""
        self.paid: dict[str, float] = {}
        self._over = threading.Event()
        self._waiting = selectors.DefaultSelector()
        self._sockets = [self._open(live_url, order, token) for order, token in orders]
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _open(self, live_url: str, order: str, token: str) -> socket.socket:
        address = urlsplit(live_url)
        stream = socket.create_connection((str(address.hostname), address.port or 80), timeout=10)
        lines = [
            f"GET /live/v1/orders/{order} HTTP/1.1",
            f"Host: {address.netloc}",
            "Accept: text/event-stream",
            f"X-Order-Token: {token}",
        ]
        stream.sendall("\r\n".join([*lines, "", ""]).encode())
        text = b""
        while b'"status":' not in text:  # the order as it stands; from here on only changes come
            more = stream.recv(65536)
            if not more:
                raise OSError(f"the live process ended the stream of {order}: {text[:200]!r}")
            text += more
        self._waiting.register(stream, selectors.EVENT_READ, order)
        return stream

    def _read(self) -> None:
        while not self._over.is_set():
            for key, _ in self._waiting.select(STEP_SECONDS):
                stream, at = key.fileobj, time.perf_counter()
                assert isinstance(stream, socket.socket)
                shown = stream.recv(65536)
                if b'"status":"paid"' in shown:
                    self.paid.setdefault(str(key.data), at)
                if not shown:
                    self._waiting.unregister(stream)

    def close(self) -> None:
        """Leave all streams."""
        self._over.set()
        self._thread.join()
        for stream in self._sockets:
            stream.close()
