"""The floor: a bare psycopg loop that sends a recorded checkout's SQL, with ids of its own, and does nothing else.

It runs against a copy of the database on the same server, so that no worker meets its jobs and no book is spoiled.
"""

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID, uuid4

import psycopg
from psycopg.types.json import Jsonb

from bench._processor import own_seconds, processor_seconds
from bench._record import Recording, Statement
from tools.postgres import program

COPY = "codepop_bench_floor"


@dataclass(frozen=True)
class FloorResult:
    """How many checkouts' worth of SQL went through, in which time, for how much processor time (loop + PostgreSQL)."""

    checkouts: int
    seconds: float
    processor: float

    @property
    def per_core(self) -> float:
        """Return checkouts per second of processor time."""
        return self.checkouts / self.processor if self.processor else 0.0


class Replay:
    """A recording's statements, ready to be sent again and again with fresh ids."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._steps = list(recording.steps.values())

    def send(self, connection: psycopg.Connection[Any]) -> None:
        """Send one checkout: its statements in their transactions."""
        fresh = _Fresh(self._recording)
        for step in self._steps:
            for group in _transactions(step):
                if group[0].transaction is None:
                    self._execute(connection, group[0], fresh)
                    continue
                with connection.transaction():
                    for statement in group:
                        self._execute(connection, statement, fresh)

    def _execute(self, connection: psycopg.Connection[Any], statement: Statement, fresh: "_Fresh") -> None:
        cursor = connection.execute(statement.sql, fresh.parameters(statement.parameters))
        rows = cursor.fetchall() if cursor.description else []
        if "INSERT INTO core_inboxmessage" in statement.sql:
            fresh.message_id = rows[0][0]


class _Fresh:
    """Values of one replayed checkout: what was unique in the recording is unique here, everything else the same."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._ids: dict[UUID, UUID] = {}
        self._bytes: dict[bytes, bytes] = {}
        self._mark = uuid4().hex
        self.message_id = recording.message_id

    def parameters(self, value: Any) -> Any:
        """Return the parameters with fresh ids."""
        if isinstance(value, dict):
            return {name: self._one(item) for name, item in value.items()}
        return None if value is None else [self._one(item) for item in value]

    def _one(self, value: Any) -> Any:
        if isinstance(value, UUID):
            return self._id(value)
        if isinstance(value, str):
            return self._text(str(value))
        if type(value) is int and value == self._recording.message_id:
            return self.message_id
        if isinstance(value, psycopg.Binary):
            return self._one(bytes(value.obj))
        if isinstance(value, bytes | memoryview):
            return self._bytes.setdefault(bytes(value), uuid4().bytes + uuid4().bytes)
        if isinstance(value, Jsonb):
            return Jsonb(json.loads(self._text(json.dumps(value.obj, default=str))))
        if isinstance(value, list):
            return [self._one(item) for item in value]
        return tuple(self._one(item) for item in value) if type(value) is tuple else value

    def _id(self, value: UUID) -> UUID:
        if value.version != 7 or value.int >> 80 < self._recording.started_ms:
            return value
        return self._ids.setdefault(value, _like(value))

    def _text(self, value: str) -> str:
        for text in self._recording.texts:
            if text and text in value:
                value = value.replace(text, f"{text[:6]}{self._mark}")
        for old, new in self._ids.items():
            value = value.replace(str(old), str(new))
        return value


def _like(value: UUID) -> UUID:
    """Return another version 7 UUID of the present, so that indexes grow at one end as they do in truth."""
    low = uuid4().int & ((1 << 62) - 1)
    return UUID(int=(time.time_ns() // 1_000_000) << 80 | (value.int & (0xFFFF << 64)) | 0b10 << 62 | low)


def _transactions(step: list[Statement]) -> Iterator[list[Statement]]:
    group: list[Statement] = []
    for statement in step:
        if group and (statement.transaction is None or statement.transaction != group[0].transaction):
            yield group
            group = []
        group.append(statement)
    if group:
        yield group


@contextmanager
def copied_database(url: str) -> Iterator[str]:
    """Return the address of a copy of the database; it is dropped afterwards. Raises psycopg.Error, OSError."""
    parts = urlsplit(url)
    copy = urlunsplit(parts._replace(path=f"/{COPY}"))
    admin = urlunsplit(parts._replace(path="/postgres"))
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {COPY} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {COPY}")
    try:
        dump = subprocess.run(
            [str(program("pg_dump")), "--format=custom", "--no-owner", f"--dbname={url}"],
            check=True,
            capture_output=True,
        )
        restore = [str(program("pg_restore")), "--no-owner", "--exit-on-error", f"--dbname={copy}"]
        subprocess.run(restore, input=dump.stdout, check=True, capture_output=True)
        with psycopg.connect(copy, autocommit=True) as connection:
            connection.execute("ANALYZE")
        yield copy
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {COPY} WITH (FORCE)")


def measure_floor(
    replay: Replay, *, url: str, connections: int, seconds: float, postgres_pid: int | None
) -> FloorResult:
    """Send checkouts over so many connections for so long; durable commits, as the server is set."""
    counts = [0] * connections
    failed: list[BaseException] = []
    roots = {"postgres": postgres_pid} if postgres_pid else {}
    with_all = [psycopg.connect(url, autocommit=True) for _ in range(connections)]
    begin, used = time.monotonic(), sum(processor_seconds(roots).values()) + own_seconds()
    end = begin + seconds

    def loop(number: int) -> None:
        try:
            while time.monotonic() < end:
                replay.send(with_all[number])
                counts[number] += 1
        except psycopg.Error as error:
            failed.append(error)

    threads = [threading.Thread(target=loop, args=(number,)) for number in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lasted = time.monotonic() - begin
    used = sum(processor_seconds(roots).values()) + own_seconds() - used
    for connection in with_all:
        connection.close()
    if failed:
        raise failed[0]
    return FloorResult(sum(counts), lasted, used)
