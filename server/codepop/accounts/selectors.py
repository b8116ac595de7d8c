"""Queries on people."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db.models import Q

from codepop.accounts.models import RoleGrant, SignIn, User
from codepop.accounts.roles import Role, ScopeKind
from codepop.kit.clock import now


@dataclass(frozen=True)
class Grant:
    """A role on a scope; `scope_id` is None for the whole chain."""

    role: Role
    scope_kind: ScopeKind
    scope_id: UUID | None


def grants_of(user_id: UUID) -> Sequence[Grant]:
    """Return what the person may act as, and where."""
    rows = RoleGrant.objects.filter(user_id=user_id).values_list("role", "scope_kind", "scope_id")
    return tuple(Grant(Role(role), ScopeKind(kind), scope) for role, kind, scope in rows)


def holders_of(roles: Collection[Role], *, store_id: UUID | None, region_id: UUID | None) -> list[UUID]:
    """Return who holds one of the roles for a store, with an account in use: on it, on its region, on the chain."""
    here = Q(scope_kind=ScopeKind.CHAIN) | Q(scope_kind=ScopeKind.STORE, scope_id=store_id)
    here |= Q(scope_kind=ScopeKind.REGION, scope_id=region_id)
    found = RoleGrant.objects.filter(here, role__in=list(roles), user__is_active=True)
    return sorted(set(found.values_list("user_id", flat=True)))


def user_by_email(email: str) -> User | None:
    """Find an account by its exact address, in any case."""
    return User.objects.filter(email=email.strip().lower()).first()


def email_of(user_id: UUID) -> str:
    """Return the address for a message to this person; never for a log, a job or a URL."""
    return str(User.objects.only("email").get(pk=user_id).email)


@dataclass(frozen=True)
class AddressRow:
    """An address of an account, confirmed or not."""

    id: int
    user_id: UUID
    email: str
    verified: bool


def find_email(user_id: UUID) -> str | None:
    """Return the address for a message to this person, None when there is no such account any more."""
    return User.objects.filter(pk=user_id).values_list("email", flat=True).first()


def email_address(email_address_id: int) -> EmailAddress:
    """Return allauth's row of an address; raises EmailAddress.DoesNotExist."""
    return EmailAddress.objects.get(pk=email_address_id)


def address_row(email_address_id: int) -> AddressRow | None:
    """Return what is known of an address, None when it was removed."""
    row = EmailAddress.objects.filter(pk=email_address_id).first()
    return AddressRow(row.pk, row.user_id, row.email, row.verified) if row else None


def unconfirmed_address(email: str) -> AddressRow | None:
    """Return the row of an address that waits for its confirmation."""
    row = EmailAddress.objects.filter(email=email.strip().lower(), verified=False).first()
    return AddressRow(row.pk, row.user_id, row.email, row.verified) if row else None


@dataclass(frozen=True)
class SignInView:
    """A device that is signed in."""

    id: UUID
    client: str
    device: str
    signed_in_at: datetime
    seen_at: datetime
    current: bool


def sign_ins_of(user_id: UUID, *, current: str | None) -> list[SignInView]:
    """Return the devices a person is signed in on, the last used first.

    `current` is the stored key of the session that asks.
    """
    rows = SignIn.objects.filter(user_id=user_id, session__expire_date__gt=now()).order_by("-seen_at", "-id")
    return [
        SignInView(row.id, row.client, row.device, row.created_at, row.seen_at, row.session_id == current)
        for row in rows
    ]
