"""The one connection of a process that listens to PostgreSQL's NOTIFY, and comes back when it breaks."""

import asyncio
import random
from collections.abc import Callable, Sequence

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from codepop.core.log import get_logger
from codepop.kit.database_link import LINK_LIMITS

log = get_logger(__name__)

CHECK_SECONDS = 15.0
"""How long the connection may be quiet before it is asked whether it still is one."""
FIRST_WAIT, LONGEST_WAIT = 0.1, 3.0


class Listener:
    """Listens until cancelled. `on_notice(channel, payload)` for each notice, `on_return()` when some may be lost."""

    def __init__(
        self,
        url: str,
        *,
        channels: Sequence[str],
        name: str,
        on_notice: Callable[[str, str], None],
        on_return: Callable[[], None],
    ) -> None:
        named = conninfo_to_dict(url)
        self._address = make_conninfo(url, **{name: most for name, most in LINK_LIMITS.items() if name not in named})
        self._channels = channels
        self._name = name
        self._on_notice = on_notice
        self._on_return = on_return
        self.listening = False

    async def run(self) -> None:
        """Connect, listen, and after a break connect again with growing waits."""
        wait = FIRST_WAIT
        while True:
            try:
                await self._listen()
            except (psycopg.Error, OSError) as error:
                log.warning("listening_connection_lost", reason=type(error).__name__)
            wait = FIRST_WAIT if self.listening else min(wait * 2, LONGEST_WAIT)
            self.listening = False
            await asyncio.sleep(wait * random.uniform(0.8, 1.2))

    async def _listen(self) -> None:
        connection = await psycopg.AsyncConnection.connect(
            self._address, autocommit=True, connect_timeout=5, application_name=self._name
        )
        async with connection:
            for channel in self._channels:
                await connection.execute(f"LISTEN {channel}")
            self.listening = True
            self._on_return()
            while True:
                async for notice in connection.notifies(timeout=CHECK_SECONDS):
                    self._on_notice(notice.channel, notice.payload)
                await connection.execute("SELECT 1")
