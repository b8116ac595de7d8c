"""Quotes and orders. The database itself refuses an illegal move and writes the history of the legal ones."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Mod

from codepop.core.encryption import EncryptedTextField
from codepop.core.models import Row
from codepop.ordering.machine import FIRST, PAIRS, PickupMode, Status
from codepop.ordering.waiting import Wait

STATUS_CHOICES = [(status.value, status.value.replace("_", " ")) for status in Status]
PICKUP_CHOICES = [
    (PickupMode.UNDECIDED.value, "not chosen yet"),
    (PickupMode.NOW.value, "as soon as possible"),
    (PickupMode.AT.value, "at a time"),
]
WAIT_CHOICES = [
    (Wait.NOTHING.value, "nothing"),
    (Wait.PROVIDER.value, "the payment provider"),
    (Wait.PERSON.value, "its person to pay"),
    (Wait.ANSWER.value, "its person to say whether it is still wanted"),
]


class Quote(Row):
    """A price shown: what was asked, what it costs, until when it holds. It belongs to whoever knows its id."""

    store = models.ForeignKey("stores.Store", on_delete=models.CASCADE, related_name="+")
    request = models.JSONField()
    """The lines as asked for (`lines.LineRequest`), to price them again when the order is placed."""
    priced = models.JSONField()
    """The lines as shown; placing compares with it."""
    currency = models.CharField(max_length=3)
    subtotal_cents = models.PositiveIntegerField()
    tax_cents = models.PositiveIntegerField()
    total_cents = models.PositiveIntegerField()
    make_seconds = models.PositiveIntegerField()
    ready_at = models.DateTimeField()
    pickup_mode = models.CharField(max_length=3, choices=PICKUP_CHOICES, default=PickupMode.UNDECIDED.value, blank=True)
    pickup_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(total_cents=F("subtotal_cents") + F("tax_cents")), name="quote_total_is_sum"
            )
        ]
        indexes = [models.Index(fields=["expires_at"])]


class OrderNumber(models.BigIntegerField):  # type: ignore[type-arg]  # the stubs' parameters say nothing here
    """A number drawn from a sequence by the database; known to the row as soon as it is inserted."""

    db_returning = True


# Each change is told to the live processes; a change of status becomes one row of history.
_HISTORY = """
    IF TG_OP = 'INSERT' THEN
        INSERT INTO ordering_ordertransition (order_id, from_status, to_status, at, actor, reason)
        VALUES (NEW.id, '', NEW.status, NEW.status_at, NEW.status_actor, NEW.status_reason);
    ELSIF NEW.status IS DISTINCT FROM OLD.status THEN
        INSERT INTO ordering_ordertransition (order_id, from_status, to_status, at, actor, reason)
        VALUES (NEW.id, OLD.status, NEW.status, NEW.status_at, NEW.status_actor, NEW.status_reason);
    END IF;
    PERFORM pg_notify(
        'codepop_live',
        json_build_object('order', NEW.id, 'store', NEW.store_id, 'version', NEW.version)::text
    );
    RETURN NULL;
"""


class Order(Row):
    """One order from one store. `version` grows with every change that somebody might see."""

    number = OrderNumber(db_default=Func(Value("ordering_order_number"), function="nextval"), editable=False)
    store = models.ForeignKey("stores.Store", on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    contact_email = EncryptedTextField(default="")
    token_hash = models.BinaryField(max_length=32, unique=True)
    quote_id = models.UUIDField(unique=True)
    remake_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="remakes")
    """The order whose drinks this one makes again, free of charge; opened by that order's secret."""

    status = models.CharField(max_length=16, choices=STATUS_CHOICES, default=FIRST.value)
    status_at = models.DateTimeField()
    status_actor = models.CharField(max_length=60)
    status_reason = models.CharField(max_length=200, default="")
    cancel_note = EncryptedTextField(default="", db_default="")
    """Why its person cancelled, in their own words, which may name anybody: so never in the history."""
    version = models.PositiveIntegerField(default=1)

    currency = models.CharField(max_length=3)
    subtotal_cents = models.PositiveIntegerField()
    tax_cents = models.PositiveIntegerField()
    total_cents = models.PositiveIntegerField()
    drinks = models.PositiveSmallIntegerField()
    make_seconds = models.PositiveIntegerField()

    pickup_mode = models.CharField(max_length=3, choices=PICKUP_CHOICES, default=PickupMode.UNDECIDED.value, blank=True)
    pickup_at = models.DateTimeField(null=True)
    release_at = models.DateTimeField(null=True)
    """When a paid order goes to the robots by itself; None until a pickup is chosen."""
    ready_estimate_at = models.DateTimeField(null=True)
    pay_until = models.DateTimeField()

    wait = models.CharField(max_length=8, choices=WAIT_CHOICES, default="", db_default="", blank=True)
    """What an unpaid order waits for since the provider was found away."""
    wait_until = models.DateTimeField(null=True)
    """End of the consent: nothing is charged by itself from then on."""
    wait_card = models.BooleanField(default=False, db_default=False)
    """Its person agreed that the saved card is charged by itself."""

    robot_name = models.CharField(max_length=40, default="")
    door_number = models.PositiveSmallIntegerField(null=True)
    code_nonce = models.BigIntegerField(null=True)
    fetch_until = models.DateTimeField(null=True)
    drink_index = models.PositiveSmallIntegerField(default=0)
    step_text = models.CharField(max_length=80, default="")
    share_permille = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(total_cents=F("subtotal_cents") + F("tax_cents")), name="order_total_is_sum"
            ),
            models.CheckConstraint(
                condition=Q(remake_of=None, total_cents__gt=0) | Q(remake_of__isnull=False, total_cents=0),
                name="order_costs_unless_remade",
            ),
            models.CheckConstraint(condition=Q(status__in=[s.value for s in Status]), name="order_status_known"),
            models.CheckConstraint(condition=Q(wait="") | Q(wait_until__isnull=False), name="order_wait_has_an_end"),
            models.CheckConstraint(
                condition=~Q(pickup_mode="at") | Q(pickup_at__isnull=False), name="order_pickup_time_given"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["preparing", "ready"])
                | Q(door_number__isnull=False, code_nonce__isnull=False),
                name="order_in_the_making_has_door",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-id"], name="order_of_customer", condition=Q(customer__isnull=False)),
            models.Index(fields=["store", "-id"], name="order_of_store"),
            models.Index(Mod("number", 216_000), name="order_by_code"),
            models.Index(
                fields=["store"],
                include=["make_seconds", "id", "release_at"],
                name="order_in_line",
                condition=Q(status__in=["queued", "preparing"]),
            ),
            models.Index(fields=["pay_until"], name="order_unpaid", condition=Q(status="payment_pending")),
            models.Index(
                fields=["wait_until"],
                name="order_waiting",
                condition=Q(status="payment_pending", wait__in=["waiting", "asking"]),
            ),
            models.Index(
                fields=["release_at"], name="order_to_release", condition=Q(status="paid", release_at__isnull=False)
            ),
        ]
        triggers = [
            pgtrigger.FSM(name="order_moves", field="status", transitions=PAIRS),
            pgtrigger.ReadOnly(
                name="order_price_is_fixed",
                fields=[
                    "store",
                    "quote_id",
                    "remake_of",
                    "number",
                    "currency",
                    "subtotal_cents",
                    "tax_cents",
                    "total_cents",
                ],
            ),
            pgtrigger.Trigger(
                name="order_history",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=_HISTORY,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} ({self.status})"

    @property
    def code(self) -> str:
        """Return the short human number, such as `A-1042`. Comes again after 216,000 orders: never a key."""
        letter, number = divmod(self.number % 216_000, 9_000)
        return f"{'ABCDEFGHJKLMNPQRSTUVWXYZ'[letter]}-{1000 + number}"


class OrderLine(Row):
    """One drink of an order as it was sold: later changes of the menu do not touch it."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    drink_id = models.UUIDField(null=True)
    name = models.CharField(max_length=60)
    size = models.CharField(max_length=8)
    quantity = models.PositiveSmallIntegerField()
    unit_price_cents = models.PositiveIntegerField()
    total_cents = models.PositiveIntegerField()
    recipe = models.JSONField()
    allergens = models.JSONField(default=list)
    may_contain = models.JSONField(default=list)
    nutrition = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="order_line_position"),
            models.CheckConstraint(
                condition=Q(total_cents=F("unit_price_cents") * F("quantity"), quantity__gte=1),
                name="order_line_total_is_product",
            ),
        ]
        # The name may hold what its buyer wrote, and may have to be forgotten; nothing else of a sale ever changes.
        triggers = [
            pgtrigger.ReadOnly(name="sold_is_sold", exclude=["name"]),
            pgtrigger.Protect(name="sold_stays", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.name}"


class OrderTransition(models.Model):
    """One change of an order's status: written by the database, never changed."""

    id = models.BigAutoField(primary_key=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="transitions")
    from_status = models.CharField(max_length=16)
    to_status = models.CharField(max_length=16)
    at = models.DateTimeField()
    actor = models.CharField(max_length=60)
    reason = models.CharField(max_length=200)

    class Meta:
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.from_status} -> {self.to_status}"
