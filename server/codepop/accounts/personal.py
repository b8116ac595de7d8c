"""What accounts know of a person."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Q

from codepop.accounts.models import RoleGrant, SignInGuard, User
from codepop.accounts.roles import Role
from codepop.accounts.services.locks import account_fingerprint, forgive
from codepop.accounts.services.sessions import end_sessions
from codepop.core.personal import DataClass, Holder, Person, Place, Retention, mentions, of_user, table_rows

UNCONFIRMED_KEPT = timedelta(days=30)
"""An account whose address nobody ever confirmed: its link holds for a day, another can be asked for."""

WISHES_KEPT = timedelta(hours=24)
"""As long as the link that confirms it."""


def _know(person: Person) -> Person:
    user_ids: set[UUID] = {person.user_id} if person.user_id else set()
    if not user_ids:
        mine = Q(email__in=person.emails)
        user_ids |= set(User.objects.filter(mine).values_list("id", flat=True))
        user_ids |= set(EmailAddress.objects.filter(mine, verified=True).values_list("user_id", flat=True))
    if not user_ids:
        return person
    user_id = min(user_ids)
    # An address that is not confirmed may be a stranger's, with whose orders this person has nothing to do.
    proved = EmailAddress.objects.filter(user_id=user_id, verified=True).values_list("email", flat=True)
    return person.with_(user_id=user_id, emails=proved)


def _account(person: Person) -> Q | None:
    return Q(id=person.user_id) if person.user_id else None


def _addresses(person: Person) -> Q:
    """Their own, and what others only wish to have."""
    return Q(user_id=person.user_id) | Q(email__in=person.emails, verified=False)


def _sessions(person: Person) -> Iterable[Any]:
    """Return the sessions that are theirs, or that hold an address of theirs, as a sign-in in progress does.

    All are opened for it: what they hold is encrypted, and there is nothing to search by.
    """
    if not person.words:
        return []
    return [row for row in Session.objects.iterator(chunk_size=1000) if mentions(str(row.get_decoded()), person.words)]


class _Counter:
    """A row of the cache in which allauth counts tries, under the hash of what was tried."""

    def __init__(self, cache_key: str, expires: datetime) -> None:
        self.pk, self.cache_key, self.expires = cache_key, cache_key, expires


def _counters(person: Person) -> Iterable[Any]:
    words = person.words + [hashlib.sha256(word.encode()).hexdigest() for word in person.words]
    with connection.cursor() as cursor:
        parts = [f"%{word}%" for word in words]
        cursor.execute("SELECT cache_key, expires FROM core_cache WHERE cache_key LIKE ANY(%s)", [parts])
        return [_Counter(*row) for row in cursor.fetchall() if mentions(row[0], words)]


def _tries(person: Person) -> Iterable[Any]:
    """Return the counted tries at a person's addresses, which are kept by keyed hashes only."""
    return SignInGuard.objects.filter(fingerprint__in=[account_fingerprint(email) for email in person.emails])


def _unfinished(person: Person) -> Sequence[str]:
    supers = set(
        RoleGrant.objects.filter(role=Role.SUPER_ADMIN, user__is_active=True).values_list("user_id", flat=True)
    )
    if person.user_id is not None and supers == {person.user_id}:
        return ["the chain would have no super admin: grant the role to somebody else first"]
    return []


def _begin(person: Person) -> None:
    """Nobody signs in to this account any more."""
    User.objects.filter(id=person.user_id).update(is_active=False)
    end_sessions(row.pk for row in _sessions(person))


def _erase(person: Person) -> None:
    end_sessions(row.pk for row in _sessions(person))
    for email in person.emails:
        forgive(email=email)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM core_cache WHERE cache_key = ANY(%s)", [[row.cache_key for row in _counters(person)]]
        )
    EmailAddress.objects.filter(_addresses(person)).delete()
    # What hangs on the account goes with it, by the foreign keys: grants, second factors, whatever comes later.
    if person.user_id is not None:
        User.objects.filter(id=person.user_id).delete()


def _cut_unconfirmed(before: datetime) -> int:
    """Delete accounts whose address was never confirmed. One that holds a role or an order is somebody's: it stays."""
    confirmed = EmailAddress.objects.filter(verified=True).values("user_id")
    idle = User.objects.filter(created_at__lt=before, last_login=None, grants=None).exclude(id__in=confirmed)
    return idle.delete()[1].get(User._meta.label, 0)


def _cut_wishes(before: datetime) -> int:
    """Delete addresses that were asked for and never confirmed: the link does not hold any more."""
    stale = EmailAddress.objects.filter(verified=False, wish__asked_at__lt=before)
    return int(stale.delete()[1].get(EmailAddress._meta.label, 0))


def _cut_counters(before: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_cache WHERE expires < %s", [before])
        return int(cursor.rowcount)


HOLDER = Holder(
    feature="accounts",
    know=_know,
    places=[
        Place(
            "accounts.User",
            "Account",
            DataClass.ADDRESS,
            ["email", "name", "created_at", "last_login", "is_active"],
            table_rows("accounts.User", _account),
        ),
        Place(
            "account.EmailAddress",
            "E-mail addresses",
            DataClass.ADDRESS,
            ["email", "verified", "primary"],
            table_rows("account.EmailAddress", _addresses),
            links=["user"],
        ),
        Place(
            "accounts.RoleGrant",
            "Roles",
            DataClass.STAFF,
            ["role", "scope_kind", "scope_id", "created_at"],
            of_user("accounts.RoleGrant", "user"),
            links=["user"],
        ),
        Place(
            "mfa.Authenticator",
            "Second factors",
            DataClass.PASSWORD,
            ["type", "created_at", "last_used_at"],
            of_user("mfa.Authenticator", "user"),
            links=["user"],
        ),
        Place(
            "accounts.SignIn",
            "Devices that are signed in",
            DataClass.SESSION,
            ["client", "device", "created_at", "seen_at"],
            of_user("accounts.SignIn", "user"),
            links=["user"],
        ),
        Place(
            "accounts.SignInGuard",
            "Wrong passwords at your address",
            DataClass.TECHNICAL,
            ["tries", "last_try_at", "locked_until"],
            _tries,
        ),
        Place("sessions.Session", "Sign-ins", DataClass.SESSION, ["expire_date"], _sessions),
        Place("core_cache", "Counted tries", DataClass.TECHNICAL, ["expires"], _counters),
    ],
    unfinished=_unfinished,
    begin=_begin,
    erase=_erase,
    retention=[
        Retention("accounts never confirmed", DataClass.PASSWORD, UNCONFIRMED_KEPT, _cut_unconfirmed),
        Retention("addresses asked for and not confirmed", DataClass.ADDRESS, WISHES_KEPT, _cut_wishes),
        Retention("counted tries", DataClass.TECHNICAL, timedelta(0), _cut_counters),
    ],
    not_personal={
        "account.EmailConfirmation.email_address": "unused: confirmations are signed links, nothing is stored",
        "account.EmailConfirmation.key": "unused, as above",
    },
)
