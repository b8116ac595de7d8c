"""Alerts: what a person has to know of, as rows that stay open until the cause is gone.

One open row for each kind and subject; the same trouble again raises its count. Texts name ids and
numbers, never people. `./run doctor` shows what is open.
"""

from django.db import connection
from django.db.models import QuerySet

from codepop.core.log import get_logger
from codepop.core.models import Alert
from codepop.kit.clock import now
from codepop.kit.ids import uuid7

log = get_logger(__name__)

_RAISE = """
    INSERT INTO core_alert (id, kind, subject, says, count, last_at) VALUES (%s, %s, %s, %s, 1, %s)
    ON CONFLICT (kind, subject) WHERE closed_at IS NULL
    DO UPDATE SET count = core_alert.count + 1, says = EXCLUDED.says, last_at = EXCLUDED.last_at
    RETURNING count
"""


def raise_alert(kind: str, says: str, *, subject: str = "") -> bool:
    """Open an alert, or count it once more; says whether it is new. One statement, inside or outside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_RAISE, (uuid7(), kind, subject[:120], says[:300], now()))
        first = bool(cursor.fetchone()[0] == 1)
    if first:
        log.error("alert", kind=kind, subject=subject, says=says)
    return first


def close_alert(kind: str, *, subject: str = "") -> bool:
    """Close the open alert of this kind and subject, if there is one; says whether there was."""
    closed = open_alerts().filter(kind=kind, subject=subject[:120]).update(closed_at=now())
    if closed:
        log.info("alert_closed", kind=kind, subject=subject)
    return bool(closed)


def open_alerts() -> QuerySet[Alert]:
    """Return what is open, oldest first."""
    return Alert.objects.filter(closed_at=None).order_by("id")
