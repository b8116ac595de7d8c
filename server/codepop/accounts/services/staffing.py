"""Commands of those who manage people: invite, lock, unlock, disable, remove; give and take roles.

Three rules hold for all of them, checked inside the transaction and on locked rows: nobody touches their own account,
nobody touches somebody whose role is as high as theirs or lies outside their scope, and a super admin always remains.
Every act has a reason and is in the audit trail.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from codepop.accounts.errors import HigherRole, LastSuperAdmin, OwnAccount, ReasonWanted
from codepop.accounts.models import EMAIL_MAX_LENGTH, RoleGrant, User
from codepop.accounts.roles import Role, ScopeKind
from codepop.accounts.selectors import Grant, find_email
from codepop.accounts.services.letters import want_mail
from codepop.accounts.services.locks import forgive
from codepop.accounts.services.people import begin_anew_unless_confirmed, create_user, grant_role
from codepop.accounts.services.sessions import end_sessions_of
from codepop.core.audit import act_as, record_audit
from codepop.core.db import lock, transaction, transaction_required
from codepop.core.errors import InvalidInput, NotFound

REASON_LIMIT: Final = 200
EMAIL_LIMIT: Final = EMAIL_MAX_LENGTH
_BY_ADMINS: Final = frozenset({Role.MANAGER})
"""What a store's admin gives and takes; every other role is a super admin's business."""


@dataclass(frozen=True)
class Manager:
    """Who acts. `region_of` names the region of each store, for admins whose scope is a region."""

    user_id: UUID
    grants: Sequence[Grant]
    region_of: Mapping[UUID, UUID] = field(default_factory=dict)

    @property
    def actor(self) -> str:
        """Return how history names them."""
        return f"staff:{self.user_id}"

    @property
    def is_super(self) -> bool:
        """Say whether they manage everybody."""
        return any(one.role == Role.SUPER_ADMIN and one.scope_kind == ScopeKind.CHAIN for one in self.grants)

    def manages(self, grant: Grant) -> bool:
        """Say whether they may give and take this role in this place."""
        if self.is_super:
            return True
        if grant.role not in _BY_ADMINS or grant.scope_kind != ScopeKind.STORE or grant.scope_id is None:
            return False
        places = {(ScopeKind.STORE, grant.scope_id), (ScopeKind.REGION, self.region_of.get(grant.scope_id))}
        wide = {(one.scope_kind, one.scope_id) for one in self.grants if one.role == Role.ADMIN}
        return bool(places & wide) or (ScopeKind.CHAIN, None) in wide

    def manages_person(self, person_id: UUID, grants: Sequence[Grant]) -> bool:
        """Say whether they may lock or remove somebody who holds these roles."""
        if person_id == self.user_id:
            return False
        return self.is_super or (bool(grants) and all(self.manages(one) for one in grants))


def invite(*, by: Manager, email: str, name: str, grant: Grant, reason: str) -> UUID:
    """Give somebody a role by their address; who has no account gets one, and chooses a password by the mail's link.

    So does who has one that was never confirmed: anybody may have made it. The same address and role twice only sends
    the mail again. Raises HigherRole, OwnAccount, ReasonWanted.
    """
    _check_place(grant)
    with transaction():
        _begin(by, reason)
        if not by.manages(grant):
            raise HigherRole
        user = User.objects.filter(email=email.strip().lower()).first()
        if user is None:
            user = create_user(email=email, name=name.strip()[:100])
        else:
            _check(by, user.id, always=False)
            begin_anew_unless_confirmed(user)
        grant_role(user_id=user.id, role=grant.role, scope_kind=grant.scope_kind, scope_id=grant.scope_id)
        _record(by, "invite", user.id, reason, grant)
        user_id: UUID = user.id
    want_mail(kind="staff_invited", user_id=user_id)
    return user_id


def give_role(*, by: Manager, user_id: UUID, grant: Grant, reason: str) -> None:
    """Give a person a role in a place. Raises NotFound, HigherRole, OwnAccount, ReasonWanted."""
    _check_place(grant)
    with transaction():
        _begin(by, reason)
        _check(by, user_id, always=False)
        if not by.manages(grant):
            raise HigherRole
        grant_role(user_id=user_id, role=grant.role, scope_kind=grant.scope_kind, scope_id=grant.scope_id)
        _record(by, "give_role", user_id, reason, grant)


def take_role(*, by: Manager, user_id: UUID, grant_id: UUID, reason: str) -> None:
    """Take a role from a person, at once. Raises NotFound, HigherRole, OwnAccount, LastSuperAdmin, ReasonWanted."""
    with transaction():
        _begin(by, reason)
        _check(by, user_id, always=False)
        row = RoleGrant.objects.filter(id=grant_id, user_id=user_id).first()
        if row is None:
            raise NotFound
        grant = _words(row)
        if not by.manages(grant):
            raise HigherRole
        if grant.role == Role.SUPER_ADMIN:
            _keep_one_super(but=user_id)
        row.delete()
        _record(by, "take_role", user_id, reason, grant)


def lock_account(*, by: Manager, user_id: UUID, reason: str) -> None:
    """Sign a person out everywhere and let them in no more, until `unlock_account`; their roles stay.

    Raises NotFound, HigherRole, OwnAccount, LastSuperAdmin, ReasonWanted. So do the commands below.
    """
    _close(by, user_id, reason, "lock", roles=False)


def disable_account(*, by: Manager, user_id: UUID, reason: str) -> None:
    """Lock a person's account and take their roles: they have left."""
    _close(by, user_id, reason, "disable", roles=True)


def unlock_account(*, by: Manager, user_id: UUID, reason: str) -> None:
    """Let a person in again, also when wrong passwords have locked them out."""
    with transaction():
        _begin(by, reason)
        grants = _check(by, user_id)
        User.objects.filter(id=user_id).update(is_active=True)
        forgive(email=find_email(user_id) or "")
        _record(by, "unlock", user_id, reason, *grants)


def remove_person(*, by: Manager, user_id: UUID, reason: str) -> bool:
    """Take all roles of a person; an account that was never used goes with them. Says whether it did.

    An account with a history stays, as a customer's: what it holds goes by an erasure request, not by an admin's hand.
    """
    with transaction():
        _begin(by, reason)
        grants = _check(by, user_id)
        _keep_one_super(but=user_id)
        RoleGrant.objects.filter(user_id=user_id).delete()
        unused = User.objects.filter(id=user_id, last_login=None)
        gone = unused.exists()
        if gone:
            unused.get().delete()
        _record(by, "remove", user_id, reason, *grants)
    end_sessions_of(user_id)
    return gone


def _close(by: Manager, user_id: UUID, reason: str, action: str, *, roles: bool) -> None:
    with transaction():
        _begin(by, reason)
        grants = _check(by, user_id)
        _keep_one_super(but=user_id)
        User.objects.filter(id=user_id).update(is_active=False)
        if roles:
            RoleGrant.objects.filter(user_id=user_id).delete()
        _record(by, action, user_id, reason, *grants)
    end_sessions_of(user_id)


def check_reason(reason: str) -> None:
    """Raise ReasonWanted unless something was said, and not too much."""
    if not reason.strip() or len(reason) > REASON_LIMIT:
        raise ReasonWanted(fields={"reason": f"Write 1 to {REASON_LIMIT} characters."})


@transaction_required
def _begin(by: Manager, reason: str) -> None:
    check_reason(reason)
    act_as(by.actor, reason)


@transaction_required
def _check(by: Manager, user_id: UUID, *, always: bool = True) -> list[Grant]:
    """Lock the person and return their roles; `always` wants all of them to be below the manager's."""
    if user_id == by.user_id:
        raise OwnAccount
    if not lock(User.objects.filter(id=user_id)):
        raise NotFound
    grants = [_words(row) for row in lock(RoleGrant.objects.filter(user_id=user_id))]
    if not by.is_super and any(one.role in (Role.ADMIN, Role.SUPER_ADMIN) for one in grants):
        raise HigherRole
    if always and not by.manages_person(user_id, grants):
        raise HigherRole
    return grants


@transaction_required
def _keep_one_super(*, but: UUID) -> None:
    """Raise LastSuperAdmin when nobody else could manage everybody; two at once wait for each other here."""
    rows = lock(RoleGrant.objects.filter(role=Role.SUPER_ADMIN, scope_kind=ScopeKind.CHAIN))
    holders = {row.user_id for row in rows}
    if but in holders and not User.objects.filter(id__in=holders - {but}, is_active=True).exists():
        raise LastSuperAdmin


def _check_place(grant: Grant) -> None:
    if (grant.scope_kind == ScopeKind.CHAIN) != (grant.scope_id is None):
        raise InvalidInput(fields={"scope": "Name the store or region, or choose the whole chain."})
    if grant.role == Role.SUPER_ADMIN and grant.scope_kind != ScopeKind.CHAIN:
        raise InvalidInput(fields={"scope": "A super admin's place is the whole chain."})


def _words(row: RoleGrant) -> Grant:
    return Grant(Role(row.role), ScopeKind(row.scope_kind), row.scope_id)


def _record(by: Manager, action: str, user_id: UUID, reason: str, *grants: Grant) -> None:
    where = next((one.scope_id for one in grants if one.scope_id), None)
    roles = "".join(f" {one.role}@{one.scope_id or one.scope_kind}" for one in grants)
    record_audit(
        actor=by.actor, action=f"people.{action}", subject=f"user:{user_id}{roles}", note=reason.strip(), where=where
    )
