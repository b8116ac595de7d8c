"""Races as tests: several callers at the same moment, each on a thread and a database connection of its own."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def at_once(acts: Iterable[Callable[[], T]]) -> list[T]:
    """Run all acts together, behind one barrier; returns their results in order, or raises the first one's error."""
    work = list(acts)
    barrier = threading.Barrier(len(work))

    def run(act: Callable[[], T]) -> T:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=60)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(run, work))
