"""What making and handing out knows: nothing about people but what the order says; what machines report ages out."""

from datetime import datetime, timedelta
from typing import Final

from codepop.core.personal import DataClass, Holder, Retention
from codepop.fulfilment.models import DeviceEvent, DoorAttempt

REPORTS_KEPT: Final = timedelta(days=730)
"""Long enough to see a machine wear out over two summers."""
ATTEMPTS_KEPT: Final = timedelta(days=1)


def _cut_reports(before: datetime) -> int:
    return DeviceEvent.objects.filter(at__lt=before).delete()[0]


def _cut_attempts(before: datetime) -> int:
    return DoorAttempt.objects.filter(last_failed_at__lt=before).delete()[0]


HOLDER = Holder(
    feature="fulfilment",
    retention=[
        Retention("reports of machines", DataClass.MACHINE, REPORTS_KEPT, _cut_reports),
        Retention("wrong door codes", DataClass.TECHNICAL, ATTEMPTS_KEPT, _cut_attempts),
    ],
)
