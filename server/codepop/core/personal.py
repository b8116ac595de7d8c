"""What a feature says about the people in its tables: where their data are, how they go, how long they stay.

Each feature has a `personal.py` with one `Holder`; `config/wiring.py` lists them (PERSONAL), and `codepop.privacy` asks
them all: to find a person, to export or erase them, and to let each class of data go on time. A test fails when a table
gets an encrypted field, or a link to a person, that no holder names (server/codepop/privacy/tests/test_places.py).
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Model, Q


class DataClass(StrEnum):
    """The classes of docs/privacy.md: the specification's eight, and those it forgot (C39, SEC-14)."""

    PASSWORD = "password"
    ADDRESS = "e-mail address"
    PROFILE = "profile"
    PAYMENT = "payment"
    LOCATION = "location"
    ORDER = "order"
    REVENUE = "revenue"
    MACHINE = "machine"
    DEVICE = "device token"
    ALLERGY = "allergy and diet"
    SESSION = "session"
    MESSAGE = "message"
    CONSENT = "consent"
    STAFF = "act of staff"
    TECHNICAL = "technical"


@dataclass(frozen=True)
class Person:
    """Somebody to look for. Holders add what they know: the account of an address, the orders of both.

    `emails` are theirs for certain: confirmed, or named by an operator who has checked it. What an account only wishes
    for as its address may be anybody's.
    """

    emails: frozenset[str]
    user_id: UUID | None = None
    order_ids: frozenset[UUID] = frozenset()

    @property
    def words(self) -> list[str]:
        """Return what names them in a text: their addresses, and the account's id."""
        return [*self.emails, *([str(self.user_id)] if self.user_id else [])]

    def with_(
        self, *, emails: Iterable[str] = (), user_id: UUID | None = None, orders: Iterable[UUID] = ()
    ) -> "Person":
        """Return the person with more known about them."""
        return replace(
            self,
            emails=self.emails | {one.lower() for one in emails if one},
            user_id=self.user_id or user_id,
            order_ids=self.order_ids | set(orders),
        )


def mentions(text: str, words: Collection[str]) -> bool:
    """Say whether a text holds one of the words as a whole: `a@example.org` is no part of `maria@example.org`."""
    return any(
        re.search(rf"(?<![\w.%+-]){re.escape(word)}(?![\w-]|\.\w)", text, re.IGNORECASE) for word in words if word
    )


@dataclass(frozen=True)
class Place:
    """A table in which persons may be. `rows` finds those of one person; what they tell of them is in `fields`."""

    table: str
    title: str
    holds: DataClass
    fields: Sequence[str]
    rows: Callable[[Person], Iterable[Any]]
    links: Sequence[str] = ()
    """Fields that lead to the person but tell nothing of them."""

    def export(self, person: Person) -> list[dict[str, Any]]:
        """Return the person's rows as plain values."""
        return [{name: getattr(row, name) for name in self.fields} for row in self.rows(person)]


def table_rows(table: str, condition: Callable[[Person], Q | None]) -> Callable[[Person], Iterable[Model]]:
    """Return how to find rows by a condition; None means that nothing of this person can be there."""

    def rows(person: Person) -> Iterable[Model]:
        wanted = condition(person)
        if wanted is None:
            return []
        manager: Any = apps.get_model(table)._default_manager
        return list(manager.filter(wanted).order_by("pk"))

    return rows


def of_user(table: str, *names: str) -> Callable[[Person], Iterable[Model]]:
    """Return how to find the rows that name the account in any of these fields."""

    def condition(person: Person) -> Q | None:
        if person.user_id is None:
            return None
        wanted = Q()
        for name in names:
            wanted |= Q(**{name: person.user_id})
        return wanted

    return table_rows(table, condition)


def of_orders(table: str, name: str) -> Callable[[Person], Iterable[Model]]:
    """Return how to find the rows of a person's orders."""
    return table_rows(table, lambda person: Q(**{f"{name}__in": person.order_ids}) if person.order_ids else None)


@dataclass(frozen=True)
class Retention:
    """How long rows of a class stay. `cut` deletes what is older than the moment it is given; returns how many."""

    name: str
    holds: DataClass
    kept: timedelta
    cut: Callable[[datetime], int]


def _same(person: Person) -> Person:
    return person


def _nothing(person: Person) -> None:
    """Do nothing."""


def _nothing_open(person: Person) -> Sequence[str]:
    return ()


def _all_done(person: Person) -> bool:
    return True


@dataclass(frozen=True)
class Holder:
    """One feature's part. Erasing: `unfinished` is empty, then `begin` (tx), `outside` (network), `erase` (tx)."""

    feature: str
    places: Sequence[Place] = ()
    know: Callable[[Person], Person] = _same
    unfinished: Callable[[Person], Sequence[str]] = _nothing_open
    """What must end before this person can go, in words."""
    begin: Callable[[Person], None] = _nothing
    """Inside a transaction: from now on nothing new begins for this person."""
    outside: Callable[[Person], bool] = _all_done
    """Have providers forget; says whether that is done. Raises what gateways raise: try again."""
    erase: Callable[[Person], None] = _nothing
    """Inside the one transaction that erases."""
    retention: Sequence[Retention] = ()
    not_personal: Mapping[str, str] = field(default_factory=dict)
    """"app.Model.field" -> why an encrypted field, or a link to an account, tells nothing about a person."""
