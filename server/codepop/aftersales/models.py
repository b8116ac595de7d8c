"""What staff asked to be made good, and how it was decided. The money itself moves in `payments`."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from codepop.accounts.roles import Role
from codepop.core.encryption import EncryptedTextField
from codepop.core.models import Row


class Cause(models.TextChoices):
    """Why something is made good: the list that staff choose from."""

    FAULTY = "faulty_drink", "Drink was faulty"
    WRONG = "wrong_drink", "Wrong drink"
    MISSING = "missing_drink", "Drink was missing"
    ALLERGEN = "allergen", "Allergen or hygiene"
    LATE = "too_late", "Much too late"
    OUTAGE = "machine_outage", "Machines were down"
    MISTAKE = "order_mistake", "Ordered by mistake"
    GOODWILL = "goodwill", "Goodwill"


class Kind(models.TextChoices):
    REFUND = "refund", "money back"
    REMAKE = "remake", "made again"


class State(models.TextChoices):
    WAITING = "waiting", "waits for a second person"
    GRANTED = "granted", "granted"
    DECLINED = "declined", "declined"
    BROKEN = "broken", "could not be made again"


LIVE = (State.WAITING, State.GRANTED)
"""What holds its drinks: nobody else may make them good once more."""


class Amends(Row):
    """One making good of an order. `amount_cents` is what goes back, or for a remake what its drinks had cost."""

    form_key = models.UUIDField(unique=True)
    """Sent with the form: a second click finds the first one's row."""
    order = models.ForeignKey("ordering.Order", on_delete=models.PROTECT, related_name="+")
    store = models.ForeignKey("stores.Store", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    cause = models.CharField(max_length=20, choices=Cause.choices)
    note = EncryptedTextField(default="")
    """Free words of staff, which may name a person: never in logs, jobs or at the provider."""
    amount_cents = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    whole = models.BooleanField(default=False)
    start_now = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State.choices)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_role = models.CharField(max_length=12, choices=Role.choices, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    remake = models.OneToOneField("ordering.Order", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="amends_amount_positive"),
            models.CheckConstraint(
                condition=~Q(state="granted") | Q(kind="refund") | Q(remake__isnull=False),
                name="amends_remake_is_linked",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=models.F("asked_by")), name="amends_by_two_people"
            ),
        ]
        indexes = [
            models.Index(fields=["order", "id"], name="amends_of_order"),
            models.Index(fields=["asked_by", "created_at"], name="amends_of_person"),
            models.Index(fields=["store", "id"], condition=Q(state="waiting"), name="amends_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.amount_cents} {self.currency}: {self.state}"


class AmendsDrink(models.Model):
    """How many equal drinks of a line are made good."""

    id = models.BigAutoField(primary_key=True)
    amends = models.ForeignKey(Amends, on_delete=models.CASCADE, related_name="drinks")
    line = models.ForeignKey("ordering.OrderLine", on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["amends", "line"], name="amends_line_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="amends_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.line_id}"


class BatchState(models.TextChoices):
    PLANNED = "planned", "not started"
    RUNNING = "running", "under way"
    DONE = "done", "done"
    STOPPED = "stopped", "stopped"


class Batch(Row):
    """Money back for all orders of a store within a time, as after an outage of its machines."""

    form_key = models.UUIDField(unique=True)
    store = models.ForeignKey("stores.Store", on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    cause = models.CharField(max_length=20, choices=Cause.choices)
    urgent = models.BooleanField()
    """At once; otherwise in the store's night."""
    state = models.CharField(max_length=8, choices=BatchState.choices, default=BatchState.PLANNED)
    total_cents = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(until__gt=models.F("since")), name="batch_has_length")]
        indexes = [
            models.Index(fields=["started_at"], condition=Q(state="running"), name="batch_running"),
            models.Index(fields=["store", "-id"], name="batch_of_store"),
        ]

    def __str__(self) -> str:
        return f"{self.total_cents} {self.currency}: {self.state}"


class BatchItem(models.Model):
    """One order of a batch; `outcome` is empty until it was looked at, then `given` or why not."""

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="items")
    order = models.ForeignKey("ordering.Order", on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=30, default="", blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "order"], name="batch_order_once")]
        indexes = [models.Index(fields=["batch", "id"], condition=Q(outcome=""), name="batch_to_do")]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.outcome or 'to do'}"
