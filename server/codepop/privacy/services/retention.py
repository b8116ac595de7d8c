"""Letting each class of data go when its time is over (SEC-01, DB-17): every feature says how long, one job does it."""

from datetime import datetime, timedelta
from typing import Final

from django.db import DatabaseError, connection

from codepop.core.alerts import close_alert, raise_alert
from codepop.core.log import get_logger
from codepop.core.personal import Retention
from codepop.kit.clock import now
from codepop.privacy.services.finding import holders

BOOKS_KEPT: Final = timedelta(days=2557)
"""Seven years, as tax law has it; two leap days at most. The database itself refuses anything younger."""
_BATCH: Final = 200

log = get_logger(__name__)


def rules() -> list[Retention]:
    """Return every rule of every feature."""
    return [rule for holder in holders() for rule in holder.retention]


def cut_all(at: datetime | None = None) -> dict[str, int]:
    """Delete what is past its time; returns how many rows went by each rule. What one rule can't do stops no other."""
    at = at or now()
    cut: dict[str, int] = {}
    for rule in rules():
        try:
            cut[rule.name] = rule.cut(at - rule.kept)
        except DatabaseError:
            log.exception("retention_failed", rule=rule.name)
            raise_alert("privacy.retention", f"Old data could not be deleted: {rule.name}.", subject=rule.name)
        else:
            close_alert("privacy.retention", subject=rule.name)
    log.info("retention_done", rows={name: count for name, count in cut.items() if count})
    return cut


def cut_orders(before: datetime) -> int:
    """Delete orders from before this moment, with all that hangs on them; the database refuses younger than 7 years."""
    return _cut("SELECT privacy_cut_orders(%s, %s)", before)


def cut_ledger(before: datetime) -> int:
    """Delete payments and their books from before this moment; the database refuses younger than 7 years."""
    return _cut("SELECT privacy_cut_ledger(%s, %s)", before)


def _cut(query: str, before: datetime) -> int:
    done = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(query, [before, _BATCH])
            count = int(cursor.fetchone()[0])
        done += count
        if count < _BATCH:
            return done
