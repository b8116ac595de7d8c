"""Stopping those who guess passwords and codes, at one account or at many from one place (SEC-10, DOM-25).

A try is counted before it is judged, in one statement, so that a hundred tries at the same moment are a hundred tries;
a right password takes its own back, a complete sign-in clears the account. Addresses without an account are counted
alike: a lock tells nobody who has one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils.crypto import salted_hmac

from codepop.accounts.models import GuardKind, SignInGuard
from codepop.accounts.selectors import find_email
from codepop.accounts.services.letters import want_mail
from codepop.core.audit import record_audit
from codepop.core.db import transaction, transaction_required
from codepop.core.errors import NotFound
from codepop.core.log import get_logger
from codepop.kit.clock import now

log = get_logger(__name__)

TRIES: Final = 5
"""After so many the account is locked for a while, each time twice as long."""
FIRST_LOCK: Final = timedelta(minutes=5)
TRIES_UNTIL_UNLOCK: Final = 20
"""Then only an admin or a new password, set by mail, opens it: 20 of 10^12 passwords is no chance at all."""
TRIES_OF_A_NETWORK: Final = 100
"""A shop, a school or a carrier has many people behind one address; they mistype far less than that in an hour."""
NETWORK_LOCK: Final = timedelta(hours=1)
FORGOTTEN_AFTER: Final = {GuardKind.ACCOUNT: timedelta(hours=24), GuardKind.NETWORK: timedelta(hours=1)}


@dataclass(frozen=True)
class Verdict:
    """Whether a try may be judged. `newly_locked`: this one was the last for a while, unless it is right.

    `locks`: the ends of the locks that this try set, by the row's fingerprint.
    """

    allowed: bool
    newly_locked: bool = False
    locks: Mapping[bytes, datetime | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Lock:
    """That, and until when, an account can't be signed in to; `until` is None when somebody must unlock it."""

    until: datetime | None


def count_try(*, email: str, network: str) -> Verdict:
    """Count a try at an account from a network address; says no, and counts nothing, while either is locked."""
    with transaction():
        rows = _rows_of(email, network)
        if any(_is_locked(row) for row in rows):
            return Verdict(allowed=False)
        locked = [_count(row) for row in rows]
    if any(locked):
        log.warning("sign_in_locked", account=locked[0], network=locked[1])
    ours = {bytes(row.fingerprint): row.locked_until for row, was in zip(rows, locked, strict=True) if was}
    return Verdict(allowed=True, newly_locked=locked[0], locks=ours)


def take_back_try(*, email: str, network: str, verdict: Verdict) -> None:
    """The password was right: this one try was no guess. The lock it caused, if any, is taken off, and no other's."""
    with transaction():
        for row in _rows_of(email, network):
            row.tries = max(0, row.tries - 1)
            fingerprint = bytes(row.fingerprint)
            if fingerprint in verdict.locks and row.locked_until == verdict.locks[fingerprint]:
                row.locked_until, row.needs_unlock = None, False
            row.save(update_fields=["tries", "locked_until", "needs_unlock"])


def count_wrong_code(*, email: str) -> None:
    """A wrong second factor is a try at the account as well."""
    with transaction():
        _count(_lock_row(GuardKind.ACCOUNT, email))


def forgive(*, email: str) -> None:
    """Somebody signed in completely, or proved that the mailbox is theirs: the account's tries are forgotten."""
    SignInGuard.objects.filter(fingerprint=_fingerprint(GuardKind.ACCOUNT, email)).delete()


def unlock(*, user_id: UUID, actor: str, note: str = "") -> bool:
    """Open a person's account again, by hand; says whether it was locked. Raises NotFound for an unknown person."""
    email = find_email(user_id)
    if email is None:
        raise NotFound
    with transaction():
        row = SignInGuard.objects.filter(fingerprint=_fingerprint(GuardKind.ACCOUNT, email)).first()
        was_locked = row is not None and _is_locked(row)
        if row is not None:
            row.delete()
        record_audit(actor=actor, action="account.unlock", subject=f"user:{user_id}", note=note)
    return was_locked


def lock_of(user_id: UUID) -> Lock | None:
    """Return the lock on a person's account, None when they can sign in."""
    email = find_email(user_id)
    if email is None:
        return None
    row = SignInGuard.objects.filter(fingerprint=_fingerprint(GuardKind.ACCOUNT, email)).first()
    if row is None or not _is_locked(row):
        return None
    return Lock(until=None if row.needs_unlock else row.locked_until)


def tell_of_lock(*, user_id: UUID) -> None:
    """Write to the owner that somebody was stopped at their account."""
    want_mail(kind="account_locked", user_id=user_id)


def forget_old_tries() -> None:
    """Delete what counts no more; a lock that needs somebody's hand stays."""
    for kind, after in FORGOTTEN_AFTER.items():
        SignInGuard.objects.filter(kind=kind, needs_unlock=False, last_try_at__lt=now() - after).delete()


def account_fingerprint(email: str) -> bytes:
    """Return under what the tries at an address are counted."""
    return _fingerprint(GuardKind.ACCOUNT, email)


def _fingerprint(kind: GuardKind, value: str) -> bytes:
    return salted_hmac("codepop.accounts.locks", f"{kind}:{value.strip().lower()}", algorithm="sha256").digest()


@transaction_required
def _rows_of(email: str, network: str) -> list[SignInGuard]:
    return [_lock_row(GuardKind.ACCOUNT, email), _lock_row(GuardKind.NETWORK, network)]


@transaction_required
def _lock_row(kind: GuardKind, value: str) -> SignInGuard:
    """Return the row of an address, made when it is new, locked until the transaction's end.

    The account's row is always taken before the network's, so that no two tries wait for each other in a ring.
    """
    fingerprint = _fingerprint(kind, value)
    fresh = SignInGuard(kind=kind, fingerprint=fingerprint, tries=0, last_try_at=now())
    SignInGuard.objects.bulk_create([fresh], ignore_conflicts=True)
    row = SignInGuard.objects.select_for_update().get(fingerprint=fingerprint)
    if not row.needs_unlock and row.last_try_at < now() - FORGOTTEN_AFTER[kind]:
        row.tries, row.locked_until = 0, None
    return row


def _is_locked(row: SignInGuard) -> bool:
    return row.needs_unlock or (row.locked_until is not None and row.locked_until > now())


def _count(row: SignInGuard) -> bool:
    """Add a try, and say whether it locks the row."""
    row.tries += 1
    row.last_try_at = now()
    locks = _lock_after(row)
    row.save(update_fields=["tries", "last_try_at", "locked_until", "needs_unlock"])
    return locks


def _lock_after(row: SignInGuard) -> bool:
    if row.kind == GuardKind.NETWORK:
        if row.tries < TRIES_OF_A_NETWORK:
            return False
        # The tries stay, and are forgotten when the lock ends: a right password in between gives back its own only.
        row.locked_until = now() + NETWORK_LOCK
        return True
    if row.tries % TRIES:
        return False
    row.needs_unlock = row.tries >= TRIES_UNTIL_UNLOCK
    row.locked_until = now() + FIRST_LOCK * 2 ** (row.tries // TRIES - 1)
    return True
