"""What the clock does to many rows: each in its own commit, so that one that is refused keeps up no other.

A refusal that is no passing one holds a robot or a door for as long as it lasts, and no customer would ever tell us: it
is an alert, which closes by itself.
"""

from collections.abc import Callable, Iterable
from uuid import UUID

from codepop.core.alerts import close_alert, open_alerts, raise_alert
from codepop.core.errors import AppError, Busy
from codepop.core.log import get_logger

log = get_logger(__name__)


def each_alone(act: Callable[[UUID], bool], ids: Iterable[UUID], *, alert: str) -> int:
    """Return how many were acted on. Every refusal is an open alert of this kind until the row is no longer refused."""
    acted, refused = 0, []
    for one in ids:
        try:
            acted += act(one)
        except Busy:
            log.info("row_busy", kind=alert, row=str(one))
        except AppError as refusal:
            refused.append(str(one))
            says = f"Refused ({refusal.code}): its robot or door stays taken until its order is looked at."
            raise_alert(alert, says, subject=str(one))
    for subject in open_alerts().filter(kind=alert).exclude(subject__in=refused).values_list("subject", flat=True):
        close_alert(alert, subject=subject)
    return acted
