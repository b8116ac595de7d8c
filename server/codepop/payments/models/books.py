"""The books: payouts of the provider, and the double-entry ledger, which the database keeps append-only."""

import pgtrigger
from django.db import models
from django.db.models import Q

from codepop.core.models import Row
from codepop.payments.models.charges import Payment


class Payout(Row):
    """What the provider paid to our bank, as it last told us."""

    provider_payout_id = models.CharField(max_length=255, unique=True)
    status = models.CharField(max_length=20)
    amount_cents = models.IntegerField()
    currency = models.CharField(max_length=3)
    arrives_on = models.DateField()
    paid_at = models.DateTimeField()
    """When the provider made it."""
    complete = models.BooleanField(default=False)
    """Its movements are all here and sum up to its amount."""

    class Meta:
        indexes = [models.Index(fields=["-arrives_on"], name="payout_by_day")]

    def __str__(self) -> str:
        return f"{self.provider_payout_id}: {self.amount_cents} {self.currency}"


class PayoutLine(models.Model):
    """One movement within a payout, joined to the payment it comes from, when that is one of ours."""

    id = models.BigAutoField(primary_key=True)
    payout = models.ForeignKey(Payout, on_delete=models.CASCADE, related_name="lines")
    provider_id = models.CharField(max_length=255, unique=True)
    kind = models.CharField(max_length=40)
    source = models.CharField(max_length=255, default="")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, related_name="+")
    store = models.ForeignKey("stores.Store", on_delete=models.PROTECT, null=True, related_name="+")
    amount_cents = models.IntegerField()
    fee_cents = models.IntegerField()
    net_cents = models.IntegerField()
    moved_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["store", "payout"], name="payout_line_of_store")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.net_cents}"


class Account(models.TextChoices):
    """Debits are positive, credits negative. docs/money.md says what each event books."""

    STRIPE_RECEIVABLE = "stripe_receivable", "owed to us by Stripe"
    SALES = "sales", "sales"
    TAX_PAYABLE = "tax_payable", "sales tax owed"
    REFUNDS = "refunds", "sales given back"
    DISPUTED = "disputed", "held back by banks until a dispute is decided"
    DISPUTE_LOSSES = "dispute_losses", "lost in disputes"
    PROVIDER_FEES = "provider_fees", "fees of disputes"


class LedgerKind(models.TextChoices):
    CHARGE = "charge", "charge"
    REFUND = "refund", "refund"
    REFUND_FAILED = "refund_failed", "refund that came back"
    DISPUTE = "dispute", "taken or given back by a dispute"
    DISPUTE_LOST = "dispute_lost", "dispute that was lost"


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
