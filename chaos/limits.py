"""How much one step of a history may do before it counts as stuck.

A command that never comes to an end would stop a run without a word. Two things end it: a count of SQL statements, so
that the same seed is stuck at the same place again; and real time, for what waits without asking the database.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

from django.db import connection

MOST_STATEMENTS = 5_000
"""In one step, or one turn of settling. The longest seen took some two hundred; a report says how many."""

MOST_SECONDS = 300
"""In one history, in real time: hundreds of times what the slowest takes, since machines may be busy."""


class Stuck(KeyboardInterrupt):
    """A history does not come to an end.

    A KeyboardInterrupt, since nothing of the product swallows one, and psycopg cancels the statement that it waits for.
    """


@dataclass
class Limit:
    """Counts the statements of the present step."""

    most: int = MOST_STATEMENTS
    used: int = 0
    longest: int = 0
    """The most that any step has used so far."""
    what: str = ""

    def begin(self, what: str) -> None:
        """Begin to count anew, for a step or a turn."""
        self.longest = max(self.longest, self.used)
        self.used, self.what = 0, what

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        """Count one statement; Django calls this for each."""
        self.used += 1
        if self.used > self.most:
            raise Stuck(f"{self.what} sent more than {self.most} statements")
        return execute(sql, params, many, context)

    @contextmanager
    def kept(self, seconds: int = MOST_SECONDS) -> Iterator[None]:
        """Hold one history to the limits."""

        def late(_number: int, _frame: FrameType | None) -> None:
            raise Stuck(f"{self.what} did not end within {seconds} s")

        before = signal.signal(signal.SIGALRM, late)
        signal.alarm(seconds)
        try:
            with connection.execute_wrapper(self):
                yield
        finally:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, before)
