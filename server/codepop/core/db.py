"""Two words for transactions and one for locks.

A transaction begins and ends in exactly one place, the command, and never holds the network (house style,
section 4). `transaction()` refuses to be nested, a `transaction_required` helper refuses to run outside one,
and `lock()` takes rows in one order with a time limit, so that two commands can't wait for each other in a ring.
"""

import functools
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection
from django.db import transaction as django_transaction
from django.db.models import Model, QuerySet

from codepop.core.errors import Busy

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M", bound=Model)

LOCK_TIMEOUT_MS = 3_000
_LOCK_NOT_AVAILABLE = "55P03"
_DEADLOCK = "40P01"


class TransactionMissing(RuntimeError):
    """A helper that writes for its caller was called outside a transaction."""


def in_transaction() -> bool:
    """Say whether this thread's connection has a transaction open."""
    return connection.in_atomic_block


@contextmanager
def transaction() -> Generator[None]:
    """Open the one transaction of a command: durable, so nesting raises RuntimeError.

    A lock that is not had within LOCK_TIMEOUT_MS, or a deadlock, becomes `Busy`; nothing was changed then.
    """
    try:
        with django_transaction.atomic(durable=True):
            yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) in (_LOCK_NOT_AVAILABLE, _DEADLOCK):
            raise Busy from error
        raise


def require_transaction() -> None:
    """Raise TransactionMissing unless the caller's transaction is open."""
    if not in_transaction():
        raise TransactionMissing("call this inside `with transaction():`")


def transaction_required(function: Callable[P, R]) -> Callable[P, R]:
    """Refuse to run `function` outside a transaction: it writes for a command that must commit the whole."""

    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        require_transaction()
        return function(*args, **kwargs)

    return guarded


def lock(rows: QuerySet[M]) -> list[M]:
    """Lock the rows FOR UPDATE in primary-key order and return them, evaluated at once.

    Lock rows of several tables in alphabetical order of the table's name. Waits at most LOCK_TIMEOUT_MS
    (set for the connection, see settings); then the surrounding `transaction()` raises Busy.
    """
    require_transaction()
    return list(rows.select_for_update(of=("self",)).order_by("pk"))
