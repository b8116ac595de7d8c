"""Who is about to pay from where, as keyed hashes, and who was stopped."""

from django.db import models
from django.db.models import Q

from codepop.core.models import Row
from codepop.payments.models.charges import Payment


class GuardKind(models.TextChoices):
    """Whose declines are counted."""

    PAYMENT = "payment", "one payment"
    PERSON = "person", "one person"
    ADDRESS = "address", "one network address"
    STORE = "store", "one store"


class GuardMark(models.Model):
    """From where a payment was about to be paid, or a card to be saved, as a keyed hash; kept for a day.

    `at` is when that began, or when a card was last declined there.
    """

    id = models.BigAutoField(primary_key=True)
    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, null=True, related_name="+", db_constraint=False)
    """Not held by the database: a mark lives a day, and one without its payment counts nothing."""
    saving_id = models.CharField(max_length=255, default="", db_default="")
    """The provider's id of the saving; such a mark has no payment, and counts its declines itself."""
    failures = models.PositiveIntegerField(default=0, db_default=0)
    kind = models.CharField(max_length=8, choices=GuardKind.choices)
    key_hash = models.BinaryField(max_length=32)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    """When the saving was found to take no more cards at the provider."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment", "kind", "key_hash"], name="guard_mark_once"),
            models.UniqueConstraint(
                fields=["saving_id", "kind", "key_hash"], condition=~Q(saving_id=""), name="guard_mark_of_saving_once"
            ),
            models.CheckConstraint(condition=Q(payment=None) ^ Q(saving_id=""), name="guard_mark_has_one_source"),
        ]
        indexes = [
            models.Index(fields=["kind", "key_hash", "at"], name="guard_mark_by_key"),
            models.Index(fields=["at"], name="guard_mark_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.payment_id or self.saving_id}"


class GuardAlert(Row):
    """Too many declines from one source: it is stopped until `until`, and a person should look."""

    kind = models.CharField(max_length=8, choices=GuardKind.choices)
    key_hash = models.BinaryField(max_length=32)
    forgotten = models.BooleanField(default=False)
    """The hash was replaced a day after the stop ended."""
    store = models.ForeignKey("stores.Store", on_delete=models.CASCADE, null=True, related_name="+")
    """None for cards that were only to be saved: the whole chain's matter."""
    declines = models.PositiveIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    until = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key_hash"], name="guard_alert_once")]
        indexes = [models.Index(fields=["store", "-last_at"], name="guard_alert_of_store")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.declines} declines"
