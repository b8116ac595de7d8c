"""One simulated clock for the product, PostgreSQL and the sandbox. Nothing sleeps: a pause of the product moves it.

Product code reads `codepop.kit.clock`; rows get their times from functions of PostgreSQL, which are replaced in the
world's own database by ones that read a one-row table; the sandbox is told how far to move.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from procrastinate import utils as procrastinate_utils
from psycopg import Connection, sql

from codepop.kit.clock import frozen

START = datetime(2026, 6, 1, 15, 0, tzinfo=UTC)
"""Every history begins at the same moment, so that a replay meets the same opening hours and seasons."""
SHARED_SECONDS = 15
"""By how much the sandbox's clock may lag, as clocks of two companies do."""

_DATABASE_CLOCK = """
    CREATE SCHEMA chaos;
    CREATE TABLE chaos.moment (at timestamptz NOT NULL);
    INSERT INTO chaos.moment VALUES (now());
    CREATE FUNCTION chaos.now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT at FROM chaos.moment';
    CREATE FUNCTION chaos.fail(state text) RETURNS void LANGUAGE plpgsql AS
        'BEGIN RAISE EXCEPTION ''a fault of the driver'' USING ERRCODE = state; END';
"""
_DEFAULTS = """
    SELECT format('ALTER TABLE %I ALTER COLUMN %I SET DEFAULT chaos.now()', relname, attname)
    FROM pg_attrdef JOIN pg_class ON pg_class.oid = adrelid JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum
    WHERE relnamespace = 'public'::regnamespace AND lower(pg_get_expr(adbin, adrelid)) LIKE '%statement_timestamp%'
"""


def install_database_clock(admin: Connection[Any], *, app: str) -> None:
    """Let the rows of this throwaway database take their times from the simulated clock, which `app` may read."""
    admin.execute(_DATABASE_CLOCK)
    role = sql.Identifier(app)
    admin.execute(sql.SQL("GRANT USAGE ON SCHEMA chaos TO {}").format(role))
    admin.execute(sql.SQL("GRANT SELECT ON chaos.moment TO {}").format(role))
    for (statement,) in admin.execute(_DEFAULTS).fetchall():
        admin.execute(statement)


class Clock:
    """Holds the time of one world. `tell_sandbox` moves the sandbox on by seconds."""

    def __init__(self, admin: Connection[Any], tell_sandbox: Callable[[float], None]) -> None:
        self._admin, self._tell_sandbox = admin, tell_sandbox
        self._told = self.at = START

    @contextmanager
    def running(self) -> Iterator[None]:
        """Hold the process's time, and let its pauses pass in no time."""
        real_sleep, real_utcnow = time.sleep, procrastinate_utils.utcnow
        with frozen(START) as held:
            self._held = held
            time.sleep = self.advance  # type: ignore[assignment]  # whoever sleeps gives plain seconds
            procrastinate_utils.utcnow = lambda: self.at
            try:
                yield
            finally:
                time.sleep, procrastinate_utils.utcnow = real_sleep, real_utcnow

    def advance(self, seconds: float) -> None:
        """Let time pass for the product; the others hear of it at the next `share`."""
        self.at += timedelta(seconds=seconds)
        self._held.at = self.at

    def share(self) -> None:
        """Tell PostgreSQL and the sandbox what time it is."""
        moved = (self.at - self._told).total_seconds()
        if moved >= SHARED_SECONDS:
            self._told = self.at
        self._admin.execute("UPDATE chaos.moment SET at = %s", [self.at])
        if moved >= SHARED_SECONDS:
            self._tell_sandbox(moved)

    def restart(self) -> None:
        """Begin a history; the sandbox was set to the same moment."""
        self.at = self._told = self._held.at = START
        self._admin.execute("UPDATE chaos.moment SET at = %s", [START])
