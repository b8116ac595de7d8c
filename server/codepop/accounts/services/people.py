"""Making an account, granting a role."""

from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator

from codepop.accounts.errors import EmailTaken
from codepop.accounts.models import RoleGrant, User
from codepop.accounts.roles import Role, ScopeKind
from codepop.accounts.services.sessions import end_sessions_of
from codepop.core.audit import record_audit
from codepop.core.db import transaction, transaction_required


@transaction_required
def create_user(*, email: str, name: str, password: str | None = None, password_hash: str | None = None) -> User:
    """Make an account whose address counts as verified (demo chain, staff made by an admin).

    `password_hash` takes a ready hash, so that a demo's many accounts with one password cost one Argon2 run.
    Raises EmailTaken.
    """
    address = email.strip().lower()
    if User.objects.filter(email=address).exists():
        raise EmailTaken(fields={"email": "There is an account with this address already."})
    user = User(email=address, name=name)
    if password_hash:
        user.password = password_hash
    else:
        user.set_password(password)
    user.save(force_insert=True)
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    return user


@transaction_required
def begin_anew_unless_confirmed(user: User) -> None:
    """Take an account whose address nobody confirmed away from whoever made it: no password, factor or session stays.

    Its address counts as confirmed then, as that of an account that an admin makes: only its mailbox opens it.
    """
    if EmailAddress.objects.filter(user=user, verified=True).exists():
        return
    user.set_unusable_password()
    user.save(update_fields=["password"])
    Authenticator.objects.filter(user=user).delete()
    end_sessions_of(user.id)
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)


@transaction_required
def grant_role(*, user_id: UUID, role: Role, scope_kind: ScopeKind, scope_id: UUID | None) -> RoleGrant:
    """Grant a role on a scope; granting it twice changes nothing."""
    grant, _ = RoleGrant.objects.get_or_create(user_id=user_id, role=role, scope_kind=scope_kind, scope_id=scope_id)
    return grant


def record_own_change(action: str, user_id: UUID, what: str = "") -> None:
    """Leave a row in the audit trail of a change by which somebody might take an account over."""
    with transaction():
        record_audit(actor=f"user:{user_id}", action=action, subject=f"user:{user_id} {what}".strip())


def rename(*, user_id: UUID, name: str) -> None:
    """Set what a person wants to be called; the empty text takes it away."""
    User.objects.filter(id=user_id).update(name=name)
