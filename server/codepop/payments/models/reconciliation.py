"""How far the provider's lists were compared with ours, and what differs."""

from django.db import models
from django.db.models import Q

from codepop.core.models import Row
from codepop.payments.models.charges import Payment


class ReconciliationCursor(models.Model):
    """How far one of the provider's lists has been compared; `after` goes on within an unfinished span."""

    list = models.CharField(max_length=10, primary_key=True)
    checked_until = models.DateTimeField()
    span_until = models.DateTimeField(null=True)
    after = models.CharField(max_length=255, default="")
    claimed_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)


class BreakKind(models.TextChoices):
    UNKNOWN_CHARGE = "unknown_charge", "charged at the provider, not in our books"
    UNKNOWN_REFUND = "unknown_refund", "given back at the provider, not in our books"
    CHARGE_DIFFERS = "charge_differs", "charge differs from the provider's"
    REFUND_DIFFERS = "refund_differs", "refund differs from the provider's"
    MISSING_CHARGE = "missing_charge", "in our books, unknown to the provider"
    DISPUTE_DIFFERS = "dispute_differs", "dispute differs from our charge"
    LEDGER_DIFFERS = "ledger_differs", "the ledger differs from the provider's book"
    DAY_DIFFERS = "day_differs", "a day's sum differs from the provider's balance"


class ReconciliationBreak(Row):
    """A difference between the provider's books and ours that could not be repaired: a person must look."""

    kind = models.CharField(max_length=20, choices=BreakKind.choices)
    subject = models.CharField(max_length=255)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, related_name="+")
    ours = models.CharField(max_length=200)
    theirs = models.CharField(max_length=200)
    last_seen_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True)
    """When its charge was last looked at to see whether the cause is gone."""
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.CharField(max_length=60, default="")
    note = models.CharField(max_length=200, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(resolved_at__isnull=True), name="break_open_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}: ours {self.ours}, theirs {self.theirs}"
