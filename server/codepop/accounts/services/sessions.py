"""Sessions: whose one is, how many there are, and the one way of ending them.

Its device goes off the person's list with a session, by the database's own constraint, however it ends.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.contrib.sessions.models import Session

from codepop.accounts.models import RoleGrant, SignIn, User
from codepop.core.audit import record_audit
from codepop.core.db import transaction
from codepop.core.sessions import stored_key
from codepop.kit.clock import now

_BLOCK: Final = 1_000


@dataclass(frozen=True)
class Sessions:
    """The sessions that are good now. `unread` can't be decrypted with the present keys: they are nobody's."""

    live: int
    anonymous: int
    unread: int
    people: int
    staff: int


@dataclass(frozen=True)
class Holder:
    """Whose session a key opens."""

    user_id: UUID | None
    active: bool
    roles: tuple[str, ...]
    expires_at: datetime


def count_sessions() -> Sessions:
    """Count the live sessions; reads all of them."""
    anonymous = unread = live = 0
    people: set[UUID] = set()
    for row, user_id in _live():
        live += 1
        if user_id is not None:
            people.add(user_id)
        elif row.get_decoded():
            anonymous += 1
        else:
            unread += 1
    staff = RoleGrant.objects.filter(user_id__in=people).values("user_id").distinct().count()
    return Sessions(live, anonymous, unread, len(people), staff)


def whose_session(key: str) -> Holder | None:
    """Return whose session a key opens; None when it opens none any more."""
    row = Session.objects.filter(pk=stored_key(key.strip()), expire_date__gt=now()).first()
    if row is None:
        return None
    user_id = _person(row)
    user = User.objects.filter(id=user_id).first() if user_id else None
    roles = RoleGrant.objects.filter(user=user).order_by("role").values_list("role", flat=True) if user else []
    return Holder(user_id, bool(user and user.is_active), tuple(roles), row.expire_date)


def end_sessions(stored: Iterable[str]) -> int:
    """End the sessions of these stored keys at once; returns how many there were. May be called twice."""
    return Session.objects.filter(pk__in=list(stored)).delete()[0]


def end_sessions_of(user_id: UUID, *, but: str | None = None) -> int:
    """Sign a person out everywhere, except in the session of the stored key `but`; returns how many ended.

    A session gets a person by a sign-in only, and each sign-in is on the list of devices.
    """
    return end_sessions(SignIn.objects.filter(user_id=user_id).exclude(session=but).values_list("session", flat=True))


def end_sessions_by_hand(*, user_id: UUID, by: str, note: str) -> int:
    """Sign a person out everywhere, with a row in the audit trail."""
    ended = end_sessions_of(user_id)
    with transaction():
        record_audit(actor=by, action="sessions.end", subject=f"user:{user_id} {ended}", note=note)
    return ended


def end_every_session(*, by: str, note: str) -> int:
    """Sign everybody out, staff and customers; returns how many sessions ended. Orders of guests are untouched."""
    with transaction():
        ended, _ = Session.objects.all().delete()
        record_audit(actor=by, action="sessions.end_all", subject=f"sessions:{ended}", note=note)
    return ended


def _live() -> Iterator[tuple[Session, UUID | None]]:
    for row in Session.objects.filter(expire_date__gt=now()).iterator(chunk_size=_BLOCK):
        yield row, _person(row)


def _person(row: Session) -> UUID | None:
    try:
        return UUID(row.get_decoded()["_auth_user_id"])
    except (KeyError, ValueError):
        return None
