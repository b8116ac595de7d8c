"""Who works here, as what and where: what admins see of people, and what an access report says.

An address is shown by its hint only; whoever manages a store's people knows them by name.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import Q

from codepop.accounts.models import RoleGrant, User
from codepop.accounts.roles import Role, ScopeKind
from codepop.accounts.selectors import Grant


@dataclass(frozen=True)
class HeldRole:
    """A grant with its id, for taking it away."""

    id: UUID
    grant: Grant
    since: datetime


@dataclass(frozen=True)
class Person:
    """An account as those see it who manage it."""

    id: UUID
    name: str
    email_hint: str
    active: bool
    created_at: datetime
    last_sign_in: datetime | None
    second_factor: bool
    roles: tuple[HeldRole, ...]


def people_within(*, store_ids: Collection[UUID], region_ids: Collection[UUID], whole: bool) -> list[Person]:
    """Return everybody who holds a role on one of the places, by name; with `whole` everybody who holds any role."""
    grants = RoleGrant.objects.all()
    if not whole:
        here = Q(scope_kind=ScopeKind.STORE, scope_id__in=list(store_ids))
        grants = grants.filter(here | Q(scope_kind=ScopeKind.REGION, scope_id__in=list(region_ids)))
    users = User.objects.filter(id__in=grants.values("user_id"))
    return sorted(_people(users), key=lambda one: (one.name.casefold(), str(one.id)))


def find_person(user_id: UUID) -> Person | None:
    """Return one account, with or without roles."""
    return next(iter(_people(User.objects.filter(id=user_id))), None)


def find_person_by_email(email: str) -> Person | None:
    """Return the account with exactly this address."""
    return next(iter(_people(User.objects.filter(email=email.strip().lower()))), None)


def names_of(user_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the names of those of the accounts that still exist."""
    return dict(User.objects.filter(id__in=list(user_ids)).values_list("id", "name"))


def _people(users: Iterable[User]) -> list[Person]:
    rows = list(users)
    ids = [row.id for row in rows]
    held: dict[UUID, list[HeldRole]] = {one: [] for one in ids}
    for grant in RoleGrant.objects.filter(user_id__in=ids).order_by("role", "id"):
        words = Grant(Role(grant.role), ScopeKind(grant.scope_kind), grant.scope_id)
        held[grant.user_id].append(HeldRole(grant.id, words, grant.created_at))
    factors = Authenticator.objects.filter(user_id__in=ids).exclude(type=Authenticator.Type.RECOVERY_CODES)
    safe = set(factors.values_list("user_id", flat=True))
    return [
        Person(
            id=row.id,
            name=row.name,
            email_hint=row.email_hint(),
            active=row.is_active,
            created_at=row.created_at,
            last_sign_in=row.last_login,
            second_factor=row.id in safe,
            roles=tuple(held[row.id]),
        )
        for row in rows
    ]
