"""Erasing a person: asked, then a week to think again, then in steps that may each be repeated (DB-15, SEC-02, C18).

What is under way ends first: an order is made and fetched or given up, money arrives, receipts go out. Then the account
is closed, providers forget, and one transaction takes the person out of every table. The books stay as they are.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from codepop.accounts.events import AccountMailWanted
from codepop.core.alerts import raise_alert
from codepop.core.audit import record_audit
from codepop.core.db import lock, transaction, transaction_required
from codepop.core.encryption import cipher
from codepop.core.errors import Busy
from codepop.core.events import publish
from codepop.core.log import get_logger
from codepop.core.personal import Person
from codepop.gateways.errors import GatewayError
from codepop.kit.clock import now
from codepop.privacy.errors import NothingToWithdraw
from codepop.privacy.models import OPEN_ERASURES, Erasure, ErasureState
from codepop.privacy.selectors import consents_of
from codepop.privacy.services.consents import record_consent
from codepop.privacy.services.finding import find, holders, known, unfinished
from codepop.privacy.services.tombstones import Tombstone, write_tombstone

GRACE: Final = timedelta(days=7)
"""Time to notice that somebody else asked, or to think again. The law gives a month for the whole."""
LATE: Final = timedelta(days=21)
"""Waiting so long, somebody has to look: a month after the request is the law's limit."""

log = get_logger(__name__)


@dataclass(frozen=True)
class Progress:
    """Where an erasure stands; `waits_for` says in words what has to end first."""

    erasure_id: UUID
    state: str
    waits_for: str


def ask_erasure(*, user_id: UUID) -> None:
    """Begin the week after which a person is erased; asking again changes nothing.

    What they agreed to ends at once, and a mail tells them.
    """
    at = now()
    with transaction():
        made = Erasure.objects.bulk_create(
            [Erasure(person_id=user_id, by="person", asked_at=at, due_at=at + GRACE)], ignore_conflicts=True
        )
        if not Erasure.objects.filter(id=made[0].id).exists():
            return
        for view in consents_of(user_id):
            if view.given:
                record_consent(user_id=user_id, purpose=view.purpose, given=False, source="erasure")
        _tell("erasure_asked", user_id=user_id, key=f"erasure:{made[0].id}:asked")


def withdraw_erasure(*, user_id: UUID) -> None:
    """Keep the account after all. Raises NothingToWithdraw once it is under way."""
    asked = Erasure.objects.filter(person_id=user_id, state=ErasureState.ASKED)
    if not asked.update(state=ErasureState.WITHDRAWN):
        raise NothingToWithdraw


def order_erasure(*, email: str) -> UUID:
    """Have somebody erased without the week, with or without an account: an operator has checked who asks."""
    person, at = known(email=email), now()
    with transaction():
        if person.user_id is not None:
            asked = Erasure.objects.filter(person_id=person.user_id, state=ErasureState.ASKED)
            hurried = asked.exclude(by="operator").update(due_at=at, by="operator")
            if row := Erasure.objects.filter(person_id=person.user_id, state__in=OPEN_ERASURES).first():
                if hurried:
                    record_audit(actor="operator", action="privacy.erasure_ordered", subject=str(row.id))
                return row.id
        row = Erasure.objects.create(
            person_id=person.user_id, email=email.strip().lower(), by="operator", asked_at=at, due_at=at
        )
        record_audit(actor="operator", action="privacy.erasure_ordered", subject=str(row.id))
    return row.id


@transaction_required
def _tell(kind: str, *, key: str, user_id: UUID | None = None, address: str = "") -> None:
    sealed = cipher().seal(address, purpose="mail.address") if address else ""
    publish(AccountMailWanted(key=key, kind=kind, user_id=user_id, email_address_id=None, sealed_address=sealed))


def advance_due() -> int:
    """Go on with every erasure whose time has come; returns how many were finished."""
    due = Erasure.objects.filter(state__in=OPEN_ERASURES, due_at__lte=now()).order_by("due_at")
    done = 0
    for erasure_id in list(due.values_list("id", flat=True)):
        try:
            done += advance(erasure_id=erasure_id).state == ErasureState.DONE
        except (GatewayError, Busy) as error:
            log.info("erasure_waits", erasure=str(erasure_id), reason=type(error).__name__)
    late = Erasure.objects.filter(state__in=OPEN_ERASURES, due_at__lt=now() - LATE).count()
    if late:
        raise_alert("privacy.late", f"{late} erasures have waited for three weeks: docs/runbooks/erasure.md.")
    return done


def advance(*, erasure_id: UUID) -> Progress:
    """Go as far as possible now. May be called any number of times, also at once; raises what gateways raise."""
    row = Erasure.objects.get(id=erasure_id)
    if row.state == ErasureState.ASKED and row.due_at <= now():
        _close_account(row)
    if row.state == ErasureState.UNDER_WAY:
        _finish(row)
    row.refresh_from_db()
    return Progress(row.id, row.state, row.waits_for)


def _person(row: Erasure) -> Person:
    return known(email=row.email, user_id=row.person_id)


def _waits(row: Erasure, person: Person) -> bool:
    """Note what has to end first; says whether there is something."""
    reasons = unfinished(person)
    row.waits_for = "; ".join(reasons)[:300]
    row.save(update_fields=["waits_for"])
    return bool(reasons)


def _close_account(row: Erasure) -> None:
    person = _person(row)
    if _waits(row, person):
        return
    with transaction():
        [held] = lock(Erasure.objects.filter(id=row.id))
        if held.state != ErasureState.ASKED:
            return
        for holder in holders():
            holder.begin(person)
        held.state = row.state = ErasureState.UNDER_WAY.value
        held.save(update_fields=["state"])
        if person.user_id is not None:
            _tell("erasure_begun", user_id=person.user_id, key=f"erasure:{row.id}:begun")
        elif row.email:
            _tell("erasure_begun", address=row.email, key=f"erasure:{row.id}:begun")


def _finish(row: Erasure) -> None:
    person = _person(row)
    if _waits(row, person) or not have_providers_forget(person):
        return
    write_tombstone(Tombstone(row.id, person.user_id, person.order_ids, now()))
    with transaction():
        [held] = lock(Erasure.objects.filter(id=row.id))
        if held.state != ErasureState.UNDER_WAY or unfinished(person):
            return
        erase_rows(person)
        held.state, held.done_at, held.email, held.waits_for = ErasureState.DONE.value, now(), "", ""
        held.order_ids = sorted(person.order_ids)
        held.save(update_fields=["state", "done_at", "email", "waits_for", "order_ids"])
        record_audit(actor=held.by, action="privacy.erased", subject=str(row.id))
    log.info("person_erased", erasure=str(row.id), orders=len(person.order_ids))


def have_providers_forget(person: Person) -> bool:
    """Have everything deleted that providers keep of a person; says whether it is. Never inside a transaction."""
    return all(holder.outside(person) for holder in holders())


@transaction_required
def erase_rows(person: Person) -> None:
    """Take the person out of every table."""
    for holder in holders():
        holder.erase(person)


def reapply(stones: list[Tombstone]) -> int:
    """Erase again who came back by a restore; returns how many were there. Nothing is waited for: they are gone.

    Raises what gateways raise: call it again.
    """
    back = 0
    for stone in stones:
        person = known(user_id=stone.person_id, order_ids=stone.order_ids)
        if not find(person):
            continue
        with transaction():
            for holder in holders():
                holder.begin(person)
        have_providers_forget(person)
        with transaction():
            erase_rows(person)
            _remember(stone)
            record_audit(actor="operator", action="privacy.erased_again", subject=str(stone.erasure_id))
        back += 1
    return back


def _remember(stone: Tombstone) -> None:
    """Have the restored database know of the erasure again, whatever it knew of it."""
    Erasure.objects.filter(id=stone.erasure_id).delete()
    if stone.person_id is not None:
        Erasure.objects.filter(person_id=stone.person_id, state__in=OPEN_ERASURES).delete()
    Erasure.objects.create(
        id=stone.erasure_id,
        person_id=stone.person_id,
        order_ids=sorted(stone.order_ids),
        by="restore",
        state=ErasureState.DONE,
        asked_at=stone.at,
        due_at=stone.at,
        done_at=stone.at,
    )
