"""Queries on people."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from codepop.accounts.models import RoleGrant, User
from codepop.accounts.roles import Role, ScopeKind


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


def user_by_email(email: str) -> User | None:
    """Find an account by its exact address, in any case."""
    return User.objects.filter(email=email.strip().lower()).first()


def email_of(user_id: UUID) -> str:
    """Return the address for a message to this person; never for a log, a job or a URL."""
    return str(User.objects.only("email").get(pk=user_id).email)
