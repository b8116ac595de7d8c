"""Plain functions that make people; everything has a default."""

import time
from uuid import UUID

from django.test import Client

from codepop.accounts.models import User
from codepop.accounts.roles import Role, ScopeKind
from codepop.accounts.services import create_user, grant_role
from codepop.core.db import transaction
from codepop.kit.ids import uuid7

PASSWORD = "correct-horse-battery"


def make_user(*, email: str | None = None, name: str = "Ada", password: str | None = None) -> User:
    """Make a verified account; without `password` it has none that works (and costs no Argon2 run)."""
    with transaction():
        return create_user(email=email or f"{uuid7().hex}@example.org", name=name, password=password)


def confirm_identity(client: Client) -> None:
    """Let a signed-in client have shown just now that it is still its person, as allauth writes it down."""
    session = client.session
    proofs = session.get("account_authentication_methods") or []
    shown = {"method": "password", "at": time.time(), "reauthenticated": True}
    session["account_authentication_methods"] = [*proofs, shown]
    session.save()


def make_staff(
    *, role: Role = Role.MANAGER, scope_kind: ScopeKind = ScopeKind.STORE, scope_id: UUID | None = None
) -> User:
    """Make an account that holds a role; without `scope_id` on the whole chain."""
    user = make_user()
    kind = scope_kind if scope_id else ScopeKind.CHAIN
    with transaction():
        grant_role(user_id=user.id, role=role, scope_kind=kind, scope_id=scope_id)
    return user
