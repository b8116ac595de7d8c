"""Differences that a person must look at: recorded once while open, closed when gone or by whom."""

from uuid import UUID

from codepop.core.alerts import close_alert, raise_alert
from codepop.core.audit import record_audit
from codepop.core.db import transaction, transaction_required
from codepop.kit.clock import now
from codepop.payments.models import BreakKind, ReconciliationBreak

ALERT = "payments.reconciliation"
BY_ITSELF = "reconciliation"


def record_break(*, kind: BreakKind, subject: str, ours: str, theirs: str, payment_id: UUID | None = None) -> None:
    """Open the break with its alert, or say that it was seen again. What a person has closed as it is stays closed."""
    known_to_us = ReconciliationBreak.objects.filter(kind=kind, subject=subject, ours=ours[:200], theirs=theirs[:200])
    if known_to_us.exclude(resolved_by__in=["", BY_ITSELF]).exists():
        return
    seen = {"ours": ours[:200], "theirs": theirs[:200], "last_seen_at": now()}
    with transaction():
        known = ReconciliationBreak.objects.filter(kind=kind, subject=subject, resolved_at=None).update(**seen)
        if not known:
            row = ReconciliationBreak(kind=kind, subject=subject, payment_id=payment_id, **seen)
            ReconciliationBreak.objects.bulk_create([row], ignore_conflicts=True)
            raise_alert(ALERT, f"{kind}: ours {ours}, theirs {theirs}", subject=f"{kind}:{subject}")


def close_breaks(*, subject: str) -> int:
    """Close what is open about a thing that agrees again; returns how many were."""
    rows = list(ReconciliationBreak.objects.filter(subject=subject, resolved_at=None))
    for row in rows:
        with transaction():
            _close_one(row, by=BY_ITSELF)
    return len(rows)


def resolve_break(*, break_id: UUID, by: str, note: str) -> bool:
    """Close a break because a person has dealt with it, and says how; False when it was closed already."""
    with transaction():
        row = ReconciliationBreak.objects.select_for_update().filter(id=break_id, resolved_at=None).first()
        if row is None:
            return False
        _close_one(row, by=by, note=note)
        record_audit(actor=by, action="reconciliation.resolve", subject=f"{row.kind}:{row.subject}", note=note)
    return True


@transaction_required
def _close_one(row: ReconciliationBreak, *, by: str, note: str = "") -> None:
    ReconciliationBreak.objects.filter(id=row.id, resolved_at=None).update(
        resolved_at=now(), resolved_by=by[:60], note=note[:200]
    )
    close_alert(ALERT, subject=f"{row.kind}:{row.subject}")
