"""Sending: claim a message, write it, hand it over, record. Nothing is sent inside a transaction.

A claim holds for a while and is renewed just before the message goes out, so that a slow server makes nobody else send
the rest of a batch. A worker that dies between the provider's yes and our record leaves the row claimed; when its time
is up it is sent again. That is the one way in which a mail can come twice: SMTP can't be asked what it took. Both
copies have the same Message-ID, so most mailboxes show one.
"""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import F, Q, QuerySet

from codepop.core.alerts import close_alert, raise_alert
from codepop.core.db import transaction, transaction_required
from codepop.core.log import get_logger
from codepop.gateways.errors import GatewayError, HeldBack, Refused, Unavailable
from codepop.gateways.mail import MESSAGE, RECIPIENT, Mail
from codepop.gateways.mail.smtp import gateway
from codepop.kit.clock import now
from codepop.notifications.composing import NothingToSend, compose
from codepop.notifications.kinds import Channel, Flaw, Kind, Urgency
from codepop.notifications.models import OPEN, Message, State
from codepop.notifications.selectors import delivery_figures, waiting_too_long
from codepop.notifications.services.flaws import flag_address

CLAIM: Final = timedelta(seconds=90)
BATCH: Final = 10
MOST_PER_SWEEP: Final = 200
FIRST_PAUSE_SECONDS: Final = 10
LONGEST_PAUSE_SECONDS: Final = 900
GIVEN_UP_AFTER: Final = timedelta(days=5)
"""As long as mail servers themselves try (RFC 5321 section 4.5.4.1)."""
RATE_LOCK: Final = 0x6D61696C
MINUTE: Final = timedelta(seconds=60)
_AWAY: Final = ("connection", "tls", "credentials")
ENOUGH_TO_JUDGE: Final = 20
HIGHEST_FAILURE_SHARE: Final = 0.01

log = get_logger(__name__)


def deliver(*, message_id: UUID) -> bool:
    """Send one message if it is due; says whether it went out. May be called again at any time."""
    for row in _claim(Q(id=message_id), 1):
        try:
            return _deliver(row)
        except _ServerAway:
            _give_back([row])
    return False


def deliver_due() -> int:
    """Send what is due, the most urgent first, until nothing is or the server is away; returns how many went out."""
    sent = tried = 0
    while tried < MOST_PER_SWEEP:
        rows = _claim(Q(), BATCH)
        if not rows:
            break
        tried += len(rows)
        for position, row in enumerate(rows):
            try:
                sent += _deliver(row)
            except _ServerAway:
                _give_back(rows[position:])
                return sent
    return sent


class _ServerAway(Exception):
    """Nobody could be reached: the next message would fare no better."""


# --- claiming ---------------------------------------------------------------------------------------------------------


def _claim(which: Q, limit: int) -> list[Message]:
    """Take due messages, most urgent first, as many as the rate that all workers share leaves room for."""
    at = now()
    with transaction():
        _one_at_a_time()
        taken = Message.objects.filter(attempted_at__gt=at - MINUTE).count()
        room = settings.CODEPOP.mail.per_minute - taken
        if room <= 0:
            return []
        due = Message.objects.filter(which, state__in=OPEN, channel=Channel.MAIL, next_try_at__lte=at)
        if taken >= settings.CODEPOP.mail.per_minute // 2:
            due = due.exclude(urgency=Urgency.BULK)
        rows = list(
            due.select_for_update(skip_locked=True, of=("self",)).order_by("urgency", "next_try_at")[: min(limit, room)]
        )
        for row in rows:
            row.state, row.attempted_at, row.next_try_at = State.SENDING, at, at + CLAIM
            row.attempts += 1
        Message.objects.bulk_update(rows, ["state", "attempted_at", "next_try_at", "attempts"])
    return rows


@transaction_required
def _one_at_a_time() -> None:
    """Count and claim as one step across all processes, so that the rate is never exceeded."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (RATE_LOCK,))


def _mine(row: Message) -> QuerySet[Message]:
    """The row, as long as the claim is this one: each is one more attempt."""
    return Message.objects.filter(id=row.id, state=State.SENDING, attempts=row.attempts)


def _renew(row: Message) -> bool:
    """Say whether the claim still holds, and let it begin anew."""
    at = now()
    return bool(_mine(row).filter(next_try_at__gt=at).update(next_try_at=at + CLAIM))


def _give_back(rows: Sequence[Message]) -> None:
    """Leave claimed messages to a later sweep: that nobody could be reached is not their fault, and costs no try."""
    for row in rows:
        _mine(row).update(
            state=State.QUEUED,
            attempts=F("attempts") - 1,
            attempted_at=None,
            next_try_at=now() + timedelta(seconds=FIRST_PAUSE_SECONDS),
            failure="server_away",
        )


# --- one message ------------------------------------------------------------------------------------------------------


def _deliver(row: Message) -> bool:
    try:
        mail = compose(row)
    except NothingToSend as nothing:
        _close(row, State.SKIPPED, failure=nothing.reason)
        return False
    if not _renew(row):
        return False
    try:
        gateway().send(mail=mail)
    except GatewayError as error:
        if isinstance(error, HeldBack) or (isinstance(error, Unavailable) and error.code in _AWAY):
            raise_alert("mail.server", f"The mail server can't be used: {error.code or 'held back'}.")
            raise _ServerAway from error
        _record_failure(row, error, mail)
        return False
    _close(row, State.SENT)
    return True


def _record_failure(row: Message, error: GatewayError, mail: Mail) -> None:
    """Refused for good: give up, and flag an address that does not exist. Everything else is tried again, for days."""
    if isinstance(error, Refused) and error.code in (RECIPIENT, MESSAGE):
        _close(row, State.DEAD, failure=error.code)
        if error.code == RECIPIENT:
            flag_address(address=mail.to, flaw=Flaw.BOUNCED)
        return
    if row.created_at < now() - GIVEN_UP_AFTER:
        _close(row, State.DEAD, failure=error.code)
        return
    at = now() + timedelta(seconds=_pause(row.attempts))
    _mine(row).update(state=State.QUEUED, next_try_at=at, failure=error.code[:40])


def _pause(attempts: int) -> float:
    """Seconds until the next try: 10, 20, 40 ... at most 15 minutes, spread so that not all come back at once."""
    full = min(FIRST_PAUSE_SECONDS * 2 ** (attempts - 1), LONGEST_PAUSE_SECONDS)
    return float(full * (0.75 + random.random() / 2))


def _close(row: Message, state: State, *, failure: str = "") -> None:
    """End a message; its address, if it carried one, is forgotten, unless an operator may want to try again."""
    log.info("message_closed", message=str(row.id), kind=row.kind, state=state.value, failure=failure or None)
    changes = {"state": state, "done_at": now(), "next_try_at": None, "failure": failure[:40]}
    if state != State.DEAD:
        changes["address"] = ""
    Message.objects.filter(id=row.id).exclude(state=State.SENT).update(**changes)
    if state == State.DEAD:
        raise_alert("mail.dead", f"A {Kind(row.kind).value} message was given up: {failure}.", subject=failure)
    elif state == State.SENT:
        close_alert("mail.server")


# --- watching ---------------------------------------------------------------------------------------------------------


def watch(at: datetime | None = None) -> None:
    """Alert when more than 1 % of the last hour's mail fails, or account mail waits; close what is over."""
    at = at or now()
    figures = delivery_figures(since=at - timedelta(hours=1))
    if figures.tried >= ENOUGH_TO_JUDGE and figures.failing > HIGHEST_FAILURE_SHARE * figures.tried:
        raise_alert("mail.failing", f"{figures.failing} of {figures.tried} mails of the last hour did not go out.")
    else:
        close_alert("mail.failing")
    late = waiting_too_long(at)
    if late:
        raise_alert("mail.late", f"{late} mails about accounts have been waiting for more than 5 minutes.")
    else:
        close_alert("mail.late")
