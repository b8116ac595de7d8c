"""What each customer is going to do, drawn from one seed before the first request. Pure."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")


class Paying(StrEnum):
    """How a customer pays."""

    GOOD_CARD = "good_card"
    DECLINED_THEN_GOOD = "declined_then_good"
    DECLINED_GIVES_UP = "declined_gives_up"
    SECURE_PASSES = "secure_passes"
    SECURE_FAILS_THEN_GOOD = "secure_fails_then_good"
    SECURE_FAILS_GIVES_UP = "secure_fails_gives_up"
    NEVER = "never"


class Pickup(StrEnum):
    """When the customer says when to start."""

    NOW_AT_ONCE = "now_at_once"
    NOW_AFTER_PAYING = "now_after_paying"
    SCHEDULED = "scheduled"


class Ending(StrEnum):
    """How the customer's visit ends, if nothing else ends it before."""

    FETCH_BY_APP = "fetch_by_app"
    FETCH_AT_KEYPAD = "fetch_at_keypad"
    FETCH_BY_QR = "fetch_by_qr"
    NO_SHOW = "no_show"
    CANCEL_UNPAID = "cancel_unpaid"
    CANCEL_PAID = "cancel_paid"
    CANCEL_LATE = "cancel_late"


@dataclass(frozen=True)
class Drink:
    """A line to order: `choice` picks from the menu, a custom one changes the recipe by `change`."""

    choice: float
    size: float
    quantity: int
    custom: bool
    change: int


@dataclass(frozen=True)
class Plan:
    """A customer's whole visit. `account` is an index into the accounts at hand, None for a guest."""

    number: int
    account: int | None
    store: float
    drinks: tuple[Drink, ...]
    pickup: Pickup
    paying: Paying
    ending: Ending
    double_tap: bool
    wrong_codes: int
    pries: bool
    patience: float
    """0..1: how soon the customer comes to the door."""

    @property
    def key(self) -> str:
        """Return the stem of this customer's idempotency keys."""
        return f"customer-{self.number}"


_PAYING: Sequence[tuple[Paying, int]] = (
    (Paying.GOOD_CARD, 74),
    (Paying.DECLINED_THEN_GOOD, 8),
    (Paying.DECLINED_GIVES_UP, 3),
    (Paying.SECURE_PASSES, 8),
    (Paying.SECURE_FAILS_THEN_GOOD, 3),
    (Paying.SECURE_FAILS_GIVES_UP, 2),
    (Paying.NEVER, 2),
)
_PICKUP: Sequence[tuple[Pickup, int]] = (
    (Pickup.NOW_AT_ONCE, 70),
    (Pickup.NOW_AFTER_PAYING, 22),
    (Pickup.SCHEDULED, 8),
)
_ENDING: Sequence[tuple[Ending, int]] = (
    (Ending.FETCH_BY_APP, 48),
    (Ending.FETCH_AT_KEYPAD, 24),
    (Ending.FETCH_BY_QR, 10),
    (Ending.NO_SHOW, 5),
    (Ending.CANCEL_UNPAID, 3),
    (Ending.CANCEL_PAID, 7),
    (Ending.CANCEL_LATE, 3),
)
GUESTS = 0.7


DECLINES_EACH = 4
"""So many visits of a person with an account meet a declined card: the platform stops whoever has ten an hour, and a
visit may have two. The few accounts of the demo chain are used by many customers."""

_DECLINED = frozenset(Paying) - {Paying.GOOD_CARD, Paying.SECURE_PASSES, Paying.NEVER}


def make_plans(*, customers: int, seed: int, accounts: int, declines_each: int = DECLINES_EACH) -> list[Plan]:
    """Return the visits; the same arguments always give the same ones, and more customers only add to them.

    Whoever would meet more declined cards than their account may comes as a guest.
    """
    plans, declines = [], Counter[int]()
    for number in range(customers):
        plan = _plan(number, random.Random(f"{seed}/{number}"), accounts)
        if plan.account is not None and plan.paying in _DECLINED:
            declines[plan.account] += 1
            plan = plan if declines[plan.account] <= declines_each else replace(plan, account=None)
        plans.append(plan)
    return plans


def _plan(number: int, chance: random.Random, accounts: int) -> Plan:
    guest = chance.random() < GUESTS or not accounts
    return Plan(
        number=number,
        account=None if guest else chance.randrange(accounts),
        store=chance.random(),
        drinks=tuple(_drink(chance) for _ in range(_draw(chance, ((1, 66), (2, 24), (3, 10))))),
        pickup=_draw(chance, _PICKUP),
        paying=_draw(chance, _PAYING),
        ending=_draw(chance, _ENDING),
        double_tap=chance.random() < 0.15,
        wrong_codes=chance.choice((1, 2)) if chance.random() < 0.1 else 0,
        pries=chance.random() < 0.1,
        patience=chance.random(),
    )


def _drink(chance: random.Random) -> Drink:
    return Drink(
        choice=chance.random(),
        size=chance.random(),
        quantity=_draw(chance, ((1, 85), (2, 13), (3, 2))),
        custom=chance.random() < 0.35,
        change=chance.randrange(1_000_000),
    )


def _draw(chance: random.Random, weighted: Sequence[tuple[T, int]]) -> T:
    return chance.choices([value for value, _ in weighted], [weight for _, weight in weighted])[0]
