"""Tables of what a store has: levels, reservations, and the append-only book of movements.

Two sums always hold (`selectors.discrepancies` checks them): a level's `on_hand` is the sum of its movements, and its
`reserved` is the sum of the active reservations.
"""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from codepop.core.models import Row


class StockLevel(Row):
    """How much of one ingredient a store has, in whole units of the ingredient."""

    store = models.ForeignKey("stores.Store", on_delete=models.PROTECT, related_name="+")
    ingredient = models.ForeignKey("catalog.Ingredient", on_delete=models.PROTECT, related_name="+")
    on_hand = models.PositiveIntegerField(default=0)
    reserved = models.PositiveIntegerField(default=0)
    low_threshold = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "ingredient"], name="one_level_per_ingredient"),
            models.CheckConstraint(name="stock_on_hand_not_negative", condition=Q(on_hand__gte=0)),
            models.CheckConstraint(name="stock_reserved_not_negative", condition=Q(reserved__gte=0)),
            models.CheckConstraint(name="stock_reserved_within_on_hand", condition=Q(reserved__lte=F("on_hand"))),
        ]


class MovementKind(models.TextChoices):
    RECEIVED = "received", "received"
    USED = "used", "used"
    WASTED = "wasted", "wasted"
    CORRECTED = "corrected", "corrected after counting"
    RETURNED = "returned", "returned to the hub"


class StockMovement(models.Model):
    """One change of `on_hand`, signed. Written once, never changed (the database refuses)."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    store = models.ForeignKey("stores.Store", on_delete=models.PROTECT, related_name="+")
    ingredient = models.ForeignKey("catalog.Ingredient", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=MovementKind.choices)
    amount = models.IntegerField()
    reason = models.CharField(max_length=160, blank=True, default="")
    reference = models.UUIDField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["store", "ingredient", "at"], name="movement_store_ingredient_at")]
        triggers = [pgtrigger.Protect(name="movements_are_final", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [
            models.CheckConstraint(name="movement_kind_known", condition=Q(kind__in=MovementKind.values)),
            models.CheckConstraint(
                name="movement_sign_by_kind",
                condition=Q(kind=MovementKind.RECEIVED, amount__gt=0)
                | Q(kind__in=[MovementKind.USED, MovementKind.WASTED, MovementKind.RETURNED], amount__lt=0)
                | (Q(kind=MovementKind.CORRECTED) & ~Q(amount=0)),
            ),
            models.CheckConstraint(
                name="movement_correction_has_reason",
                condition=~Q(kind=MovementKind.CORRECTED) | ~Q(reason=""),
            ),
        ]


class ReservationStatus(models.TextChoices):
    ACTIVE = "active", "active"
    CONSUMED = "consumed", "consumed"
    RELEASED = "released", "released"


class Reservation(Row):
    """What one order holds back in one store: `amounts` maps ingredient ids to whole units."""

    reference = models.UUIDField(unique=True)
    store = models.ForeignKey("stores.Store", on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=ReservationStatus.choices, default=ReservationStatus.ACTIVE)
    amounts = models.JSONField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["store"], name="reservation_active", condition=Q(status=ReservationStatus.ACTIVE))
        ]
        constraints = [
            models.CheckConstraint(name="reservation_status_known", condition=Q(status__in=ReservationStatus.values)),
        ]
