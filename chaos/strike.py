"""Running one command of the product under one fault, and what comes back.

A fault is a text: `crash:K` ends the process at its K-th point (see boundaries), `race:WHAT:K` lets somebody else act
there, `stripe:KIND` makes the provider fail, `sql:STATE:N` lets the N-th statement fail in PostgreSQL, `commit:WHEN:N`
cuts the line at the N-th COMMIT.
"""

import dataclasses
import json
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO
from typing import Any, Literal, cast

from django.db import connection

from chaos.boundaries import AFTER_CALL, Watch, die, watched
from chaos.limits import Stuck
from chaos.provider import Json, Provider
from chaos.wire import cut_line
from codepop.gateways.limits import PROVIDERS
from codepop.gateways.payments.stripe import PROVIDER, gateway

Command = Callable[[], Json]
MORE_THAN_ENOUGH = 1000
TIMEOUT_SECONDS = 1.0
_STATES = {"deadlock": "40P01", "serialization": "40001", "disk_full": "53100"}
_PROVIDER_FAULTS: dict[str, dict[str, Any]] = {
    "rate_limit": {"kind": "rate_limit"},
    "rate_limit_wait": {"kind": "rate_limit", "retry_after": 2},
    "timeout": {"kind": "timeout_after"},
}


@dataclass
class Outcome:
    """What a command said (None: its process died, or its answer was lost) and where the fault struck, if it did."""

    said: Json | None
    struck: bool = False
    after_call: bool = False
    points: list[str] = field(default_factory=list)

    @property
    def point(self) -> str:
        """Return the point at which the fault struck."""
        return self.points[-1] if self.points else ""


@dataclass(frozen=True)
class Striker:
    """Runs commands under faults; `others` are what somebody else may do in between."""

    provider: Provider
    logs: StringIO
    others: dict[str, Callable[[], None]]
    struck: Counter[str]

    def run(self, command: Command, fault: str = "") -> Outcome:
        """Run a command under a fault, and count the fault when it struck."""
        outcome = self._run(command, fault)
        if outcome.struck:
            self.struck[fault.partition(":")[0]] += 1
        return outcome

    def _run(self, command: Command, fault: str) -> Outcome:
        kind, *words = fault.split(":")
        if kind == "crash":
            return self._crash(command, int(words[0]))
        if kind == "race":
            return self._race(command, words[0], int(words[1]))
        if kind == "stripe":
            return self._provider_fails(command, words)
        if kind == "sql" and words[0] == "full":
            return _cut(command, "full", 0)
        if kind == "sql":
            return _statement_fails(command, words[0], int(words[1]))
        if kind == "commit":
            return _cut(command, words[0], int(words[1]))
        return Outcome(command())

    def _crash(self, command: Command, at: int) -> Outcome:
        """Let a forked child run the command and end at a point; what it learned is lost with it."""
        connection.close()
        reading, writing = os.pipe()
        noticing, noting = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            os.close(noticing)
            _live_short(command, at, writing, noting, self.logs)
        os.close(writing)
        os.close(noting)
        try:
            with os.fdopen(reading, "rb") as answer, os.fdopen(noticing, "rb") as note:
                said, points = answer.read(), note.read().decode().split()
        except Stuck:
            os.kill(child, signal.SIGKILL)
            raise
        finally:
            os.waitpid(child, 0)
        if said:
            report = json.loads(said)
            if stuck := report.get("stuck"):
                raise Stuck(stuck)
            self.logs.write(report["logs"])
            return Outcome(report["said"], points=points)
        return Outcome(None, struck=True, after_call=AFTER_CALL in points, points=points)

    def _race(self, command: Command, other: str, at: int) -> Outcome:
        watch = Watch(at=at, act=self.others[other], only_outside=True)
        with watched(watch):
            said = command()
        return Outcome(said, struck=watch.struck is not None, points=watch.passed)

    def _provider_fails(self, command: Command, words: list[str]) -> Outcome:
        wish = dict(_PROVIDER_FAULTS.get(words[0], {"kind": words[0]}))
        if words[0] == "cut":
            wish = {"kind": "cut", "share": int(words[1]) / 100}
        self.provider.fault(remaining=MORE_THAN_ENOUGH, **wish)
        try:
            with _impatient() if words[0] == "timeout" else _patient():
                said = command()
        finally:
            struck = self.provider.faults_struck()
        return Outcome(said, struck=struck > 0)


def _live_short(command: Command, at: int, writing: int, noting: int, logs: StringIO) -> None:
    """Be the child: run the command, tell each point passed, and die at the chosen one or exit with the answer."""
    gateway.cache_clear()  # sockets are shared with the parent until new ones are made
    logs.seek(0)
    logs.truncate()
    watch = _Telling(at=at, act=die, noting=noting)
    report: Json = {}
    try:
        with watched(watch):
            report = {"said": command(), "logs": logs.getvalue()}
    except BaseException as error:  # whatever it is, the parent's code must not go on in the child
        report = {"stuck": str(error) if isinstance(error, Stuck) else f"the child failed: {error!r}"}
    finally:
        os.write(writing, json.dumps(report).encode())
        os._exit(0)


@dataclass
class _Telling(Watch):
    """Tells the parent of each point before anything can happen at it."""

    noting: int = 0

    def point(self, kind: str) -> None:
        os.write(self.noting, f"{kind} ".encode())
        super().point(kind)


@contextmanager
def _patient() -> Iterator[None]:
    yield


@contextmanager
def _impatient() -> Iterator[None]:
    """Let the product wait for the provider no longer than TIMEOUT_SECONDS."""
    kept = PROVIDERS[PROVIDER]
    hurried = {
        name: dataclasses.replace(limit, answer_seconds=TIMEOUT_SECONDS) for name, limit in kept.operations.items()
    }
    PROVIDERS[PROVIDER] = dataclasses.replace(kept, operations=hurried)
    gateway.cache_clear()
    try:
        yield
    finally:
        PROVIDERS[PROVIDER] = kept
        gateway.cache_clear()


def _cut(command: Command, when: str, nth: int) -> Outcome:
    watch = Watch()
    with cut_line(cast("Literal['before', 'after', 'full']", when), nth) as line, watched(watch):
        said = command()
    return Outcome(said, struck=line.struck, points=watch.passed, after_call=AFTER_CALL in watch.passed)


def _statement_fails(command: Command, state: str, nth: int) -> Outcome:
    """Let the server itself refuse the N-th statement, or end the session at it."""
    watch = Watch()
    count = 0
    outcome = Outcome(None, points=watch.passed)

    def fail(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        nonlocal count
        count += 1
        if count - 1 != nth:
            return execute(sql, params, many, context)
        outcome.struck, outcome.after_call = True, AFTER_CALL in watch.passed
        if state == "restart":
            return execute("SELECT pg_terminate_backend(pg_backend_pid())", None, False, context)
        return execute("SELECT chaos.fail(%s)", [_STATES[state]], False, context)

    with watched(watch), connection.execute_wrapper(fail):
        outcome.said = command()
    if connection.connection is not None and state == "restart" and outcome.struck:
        connection.close()
    return outcome
