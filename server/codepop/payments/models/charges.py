"""What is asked of the payment provider, and what it answered: payments, payers, refunds, disputes."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from codepop.core.encryption import EncryptedTextField
from codepop.core.models import Row


class PaymentStatus(models.TextChoices):
    NEW = "new", "not yet known to the provider"
    REQUIRES_METHOD = "requires_method", "waiting for a card"
    REQUIRES_ACTION = "requires_action", "waiting for the bank's check"
    PROCESSING = "processing", "being charged"
    FAILED = "failed", "declined, another card may be tried"
    SUCCEEDED = "succeeded", "charged"
    CANCELLED = "cancelled", "cancelled, can't be charged any more"


FINAL_STATUSES = (PaymentStatus.SUCCEEDED, PaymentStatus.CANCELLED)


class Payment(Row):
    """One thing to be paid: one charge at the provider, whatever the number of cards tried."""

    reference = models.UUIDField(unique=True)
    store = models.ForeignKey("stores.Store", on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    amount_cents = models.PositiveIntegerField()
    tax_cents = models.PositiveIntegerField()
    description = models.CharField(max_length=80)
    statement_suffix = models.CharField(max_length=22)
    status = models.CharField(max_length=16, choices=PaymentStatus.choices, default=PaymentStatus.NEW)
    attempt = models.PositiveSmallIntegerField(default=1)
    """Part of the keys sent to the provider; raised only when the answer stored there for a key is useless."""
    sent_at = models.DateTimeField(null=True)
    """When the charge was first asked for: from then on the provider may know it, whatever we recorded."""
    intent_id = models.CharField(max_length=255, null=True, unique=True)  # noqa: DJ001 - null: many have none
    client_secret = EncryptedTextField(default="")
    last_charge_id = models.CharField(max_length=255, default="")
    failures = models.PositiveSmallIntegerField(default=0)
    failure_code = models.CharField(max_length=60, default="")
    failure_message = models.CharField(max_length=200, default="")
    observed_at = models.DateTimeField(null=True)
    """When the look at the provider began that `status` comes from; an older look never replaces it."""
    succeeded_at = models.DateTimeField(null=True)
    cancel_asked_at = models.DateTimeField(null=True)
    reconciled_at = models.DateTimeField(null=True)
    """When the provider's own list last showed this charge as it is here."""
    refunding_cents = models.PositiveIntegerField(default=0)
    """Sum of the refunds asked for, without failed ones."""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="payment_amount_positive"),
            models.CheckConstraint(condition=Q(tax_cents__lt=F("amount_cents")), name="payment_tax_below_amount"),
            models.CheckConstraint(
                condition=Q(refunding_cents__lte=F("amount_cents")), name="payment_refunds_within_amount"
            ),
            models.CheckConstraint(
                condition=~Q(status="succeeded") | Q(succeeded_at__isnull=False, intent_id__isnull=False),
                name="payment_success_is_dated",
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=~Q(status__in=["succeeded", "cancelled"]),
                name="payment_open",
            ),
            models.Index(fields=["-created_at", "-id"], name="payment_by_time"),
            models.Index(fields=["last_charge_id"], condition=~Q(last_charge_id=""), name="payment_by_charge"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="payment_success_is_final",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__status="succeeded") & ~pgtrigger.Q(new__status="succeeded"),
            ),
            pgtrigger.ReadOnly(
                name="payment_amount_is_fixed", fields=["reference", "store", "currency", "amount_cents", "tax_cents"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.description}: {self.amount_cents} {self.currency}, {self.status}"


class Payer(Row):
    """A person with an account as the provider knows them: ids only, whatever the provider keeps (PAY-09).

    The account can't be deleted before the provider's customer is (`forget_payer`).
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(null=True)
    """When the customer was first asked for: from then on the provider may know it, whatever we recorded."""
    attempt = models.PositiveSmallIntegerField(default=1)
    customer_id = models.CharField(max_length=255, null=True, unique=True)  # noqa: DJ001 - null: not made yet
    default_method_id = models.CharField(max_length=255, default="", blank=True)
    forget_asked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"payer {self.id}"


class RefundStatus(models.TextChoices):
    REQUESTED = "requested", "asked for by us"
    PENDING = "pending", "taken by the provider"
    SUCCEEDED = "succeeded", "paid back"
    FAILED = "failed", "could not be paid back"
    NOTHING = "nothing", "nothing was left to pay back"


class Refund(Row):
    """Money to be given back, at most once for each reason of a payment."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    reason_key = models.CharField(max_length=60)
    wanted_cents = models.PositiveIntegerField(null=True)
    """None asks for all that is left when the refund is carried out."""
    amount_cents = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=10, choices=RefundStatus.choices, default=RefundStatus.REQUESTED)
    actor = models.CharField(max_length=60)
    attempt = models.PositiveSmallIntegerField(default=1, db_default=1)
    """Part of the key sent to the provider; raised only when the answer stored there for the key is useless."""
    sent_at = models.DateTimeField(null=True)
    """When the provider was last asked: a request that it doesn't know a while later never took effect."""
    provider_refund_id = models.CharField(max_length=255, null=True, unique=True)  # noqa: DJ001 - null: many have none
    failure_code = models.CharField(max_length=60, default="")
    observed_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment", "reason_key"], name="refund_once_per_reason"),
        ]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(status__in=["requested", "pending"]), name="refund_open")
        ]

    def __str__(self) -> str:
        return f"{self.reason_key}: {self.amount_cents} ({self.status})"


class DisputeState(models.TextChoices):
    NEEDS_RESPONSE = "needs_response", "waiting for our answer"
    UNDER_REVIEW = "under_review", "the bank decides"
    WON = "won", "won"
    LOST = "lost", "lost"
    CLOSED = "closed", "closed, no money moved"


OPEN_DISPUTES = (DisputeState.NEEDS_RESPONSE, DisputeState.UNDER_REVIEW)


class Dispute(Row):
    """The holder of a card asks the bank for the money of a payment; an inquiry only asks, and takes nothing yet."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="disputes")
    provider_dispute_id = models.CharField(max_length=255, unique=True)
    state = models.CharField(max_length=14, choices=DisputeState.choices)
    inquiry = models.BooleanField()
    reason = models.CharField(max_length=60)
    amount_cents = models.PositiveIntegerField()
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    observed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    """When people were told that the deadline is near."""
    evidence = EncryptedTextField(default="")
    """What was sent or is about to be, fixed when it was asked for: a key must not be used for two texts."""
    evidence_asked_at = models.DateTimeField(null=True)
    evidence_by = models.CharField(max_length=60, default="")
    evidence_attempt = models.PositiveSmallIntegerField(default=1, db_default=1)
    """As a payment's `attempt`."""
    evidence_sent_at = models.DateTimeField(null=True)
    evidence_problem = models.CharField(max_length=60, default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state__in=["needs_response", "under_review"]), name="dispute_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.provider_dispute_id}: {self.amount_cents} ({self.state})"
