"""The worker process's part that empties the inbox: woken at the commit of a message, on a few threads.

Threads and not jobs: a message would cost a job's four writes and hops beside its own two (docs/decisions/0009).
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import DatabaseError, connections

from codepop.core.inbox import BATCH, CHANNEL, Claimed, claim, work_on
from codepop.core.listener import Listener
from codepop.core.log import get_logger

log = get_logger(__name__)

THREADS = 8
"""How many objects are looked at at once: with an answer of the provider in 300 ms, some 25 a second."""

POLL_SECONDS = 1.0
"""Finds what waits for its time, and what a lost notice would have told."""


class InboxWorker:
    """Works on messages as they come, until it is stopped. Any number of them, in any number of processes."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="inbox")
        self._lock = threading.Lock()
        self._claim_waits = False

    async def run(self, database_url: str) -> None:
        """Listen and poll until cancelled; then finish what is being worked on and leave the rest to others."""
        listener = Listener(
            database_url,
            channels=(CHANNEL,),
            name="codepop-inbox",
            on_notice=lambda _channel, _payload: self.wake(),
            on_return=self.wake,
        )
        listening = asyncio.create_task(listener.run())
        try:
            while True:
                self.wake()
                await asyncio.sleep(POLL_SECONDS)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            await asyncio.to_thread(self.stop)

    def wake(self) -> None:
        """Claim what is due as soon as a thread is free. A claim that waits for a thread already will see it, too."""
        with self._lock:
            if self._claim_waits:
                return
            self._claim_waits = True
        self._submit(self._claim_some)

    def stop(self) -> None:
        """Finish what is being worked on. What was claimed and not begun is free again when its claim runs out."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _claim_some(self) -> None:
        with self._lock:
            self._claim_waits = False  # before looking: whoever commits from here on wakes again
        try:
            found = claim(BATCH)
        except DatabaseError as error:
            log.warning("inbox_not_read", reason=type(error).__name__)
            connections.close_all()
            return
        for claimed in found[1:]:
            self._submit(self._work_on, claimed)
        if sum(len(claimed.messages) for claimed in found) == BATCH:
            self.wake()
        if found:
            self._work_on(found[0])
        else:
            connections.close_all()

    def _submit(self, piece: Callable[..., None], *given: Claimed) -> None:
        with contextlib.suppress(RuntimeError):  # stopped: the claim runs out
            self._pool.submit(piece, *given)

    def _work_on(self, claimed: Claimed) -> None:
        try:
            work_on(claimed)
        except DatabaseError as error:
            # Not even that they wait could be written: the claim runs out.
            log.warning("inbox_not_written", reason=type(error).__name__)
        finally:
            connections.close_all()
