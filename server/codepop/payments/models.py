"""What we asked the payment provider for, what it answered, and the books.

Amounts are integers in the currency's minor unit. The provider's own book is the truth; a payment's state only
ever comes from there. The ledger is double entry and append-only: the database refuses to change it, and refuses
entries that do not balance.
"""

import pgtrigger
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
    """Part of the key sent to the provider; raised only when the answer stored there for the key is useless."""
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
            )
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
    sent_at = models.DateTimeField(null=True)
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


class Account(models.TextChoices):
    """Debits are positive, credits negative."""

    STRIPE_RECEIVABLE = "stripe_receivable", "owed to us by Stripe"
    SALES = "sales", "sales"
    TAX_PAYABLE = "tax_payable", "sales tax owed"
    REFUNDS = "refunds", "sales given back"


class LedgerKind(models.TextChoices):
    CHARGE = "charge", "charge"
    REFUND = "refund", "refund"
    REFUND_FAILED = "refund_failed", "refund that came back"


_FINAL = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)

# One statement must bring all entries of a transaction, so that the check needs no waiting for the commit.
_BALANCED = pgtrigger.Trigger(
    name="entries_balance",
    when=pgtrigger.After,
    operation=pgtrigger.Insert,
    level=pgtrigger.Statement,
    referencing=pgtrigger.Referencing(new="new_entries"),  # type: ignore[no-untyped-call]  # pgtrigger has no types
    func="""
        IF EXISTS (
            SELECT 1 FROM new_entries GROUP BY transaction_id
            HAVING sum(amount_cents) <> 0 OR count(DISTINCT currency) <> 1
        ) THEN
            RAISE EXCEPTION 'ledger entries do not balance' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    """,
)


class LedgerTransaction(Row):
    """One event of money. `key` names what was booked, so nothing is booked twice."""

    key = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=16, choices=LedgerKind.choices)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="+")
    store = models.ForeignKey("stores.Store", on_delete=models.PROTECT, related_name="+")
    happened_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["store", "happened_at"])]
        triggers = [_FINAL]

    def __str__(self) -> str:
        return self.key


class LedgerEntry(models.Model):
    """One side of a transaction; the entries of a transaction sum to zero."""

    id = models.BigAutoField(primary_key=True)
    transaction = models.ForeignKey(LedgerTransaction, on_delete=models.PROTECT, related_name="entries")
    account = models.CharField(max_length=20, choices=Account.choices)
    currency = models.CharField(max_length=3)
    amount_cents = models.IntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(amount_cents=0), name="ledger_entry_not_zero")]
        triggers = [_FINAL, _BALANCED]

    def __str__(self) -> str:
        return f"{self.account} {self.amount_cents} {self.currency}"
