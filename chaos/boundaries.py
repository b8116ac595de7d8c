"""The points of a command at which a process can end: round each commit, and round each call of the provider.

A command is run under a `Watch`. It counts the points; at the chosen one it does what was asked: ends the process as
`kill -9` would, or runs somebody else's command in between. Autocommitted writes are commits too.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.transaction import Atomic

from codepop.gateways.payments.stripe.transport import Transport

BEFORE_COMMIT, AFTER_COMMIT, BEFORE_CALL, AFTER_CALL = "before_commit", "after_commit", "before_call", "after_call"
_WRITES = ("INSERT", "UPDATE", "DELETE", "WITH")


@dataclass
class Watch:
    """What to do at which point, and the points that were passed."""

    at: int | None = None
    act: Callable[[], None] | None = None
    only_outside: bool = False
    """Pass over the points inside a transaction: somebody else could only wait there."""
    passed: list[str] = field(default_factory=list)
    struck: str | None = None

    def point(self, kind: str) -> None:
        """Note a point, and act when it is the chosen one."""
        if self.only_outside and kind == BEFORE_COMMIT:
            return
        number = len(self.passed)
        self.passed.append(kind)
        if number == self.at and self.act is not None:
            self.struck = kind
            self.act()


_present: list[Watch] = []


def die() -> None:
    """End this process at once; nothing of ours runs any more, as after `kill -9`."""
    os.kill(os.getpid(), signal.SIGKILL)


def _point(kind: str) -> None:
    if _present:
        _present[-1].point(kind)


@contextmanager
def watched(watch: Watch) -> Iterator[Watch]:
    """Run commands of the product under a watch."""
    _present.append(watch)
    try:
        with connection.execute_wrapper(_autocommits):
            yield watch
    finally:
        _present.remove(watch)


@contextmanager
def unwatched() -> Iterator[None]:
    """Run something else in between, not under the watch."""
    kept = _present[:]
    _present.clear()
    try:
        yield
    finally:
        _present[:] = kept


def _autocommits(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    writes = sql.lstrip().upper().startswith(_WRITES) and not connection.in_atomic_block
    if writes:
        _point(BEFORE_COMMIT)
    result = execute(sql, params, many, context)
    if writes:
        _point(AFTER_COMMIT)
    return result


@contextmanager
def points_installed() -> Iterator[None]:
    """Let commits of Django and the product's calls of the provider be points, as long as this lasts."""
    commit, leave, send = BaseDatabaseWrapper.commit, Atomic.__exit__, Transport.request
    committed = False

    def noted_commit(self: BaseDatabaseWrapper) -> None:
        nonlocal committed
        _point(BEFORE_COMMIT)
        commit(self)
        committed = True

    def noted_leave(self: Atomic, *raised: Any) -> None:
        """The point after a commit is where the transaction is left: only then may others use the connection."""
        nonlocal committed
        leave(self, *raised)
        if committed:
            committed = False
            _point(AFTER_COMMIT)

    def noted_send(self: Transport, *given: Any, **named: Any) -> Any:
        _point(BEFORE_CALL)
        answer = send(self, *given, **named)
        _point(AFTER_CALL)
        return answer

    with (
        _replaced(BaseDatabaseWrapper, "commit", noted_commit),
        _replaced(Atomic, "__exit__", noted_leave),
        _replaced(Transport, "request", noted_send),
    ):
        yield


@contextmanager
def _replaced(owner: type, name: str, by: Callable[..., Any]) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, by)
    try:
        yield
    finally:
        setattr(owner, name, before)
