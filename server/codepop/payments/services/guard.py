"""The guard against card testing: thieves who try stolen cards leave many declines; honest people leave a few.

Counted per payment, person, network address and store, in the database, so for all processes at once. Of a person and
an address only a keyed hash is kept, for a day. Limits are far above what a good customer with an empty card does.
"""

from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet, Sum
from django.utils.crypto import salted_hmac

from codepop.core.alerts import close_alert, raise_alert
from codepop.core.db import transaction, transaction_required
from codepop.core.events import publish
from codepop.core.jobs import defer, defer_once
from codepop.core.statements import fetch_one
from codepop.gateways.payments.stripe import gateway
from codepop.kit.clock import now
from codepop.kit.ids import uuid7
from codepop.payments.errors import TooManyDeclines
from codepop.payments.events import CardTestingSuspected
from codepop.payments.models import GuardAlert, GuardKind, GuardMark, Payment

WINDOW = timedelta(hours=1)
BLOCKED_FOR = timedelta(minutes=30)
MARKS_KEPT = timedelta(hours=24)
ALERTS_KEPT = timedelta(days=90)

LIMITS: Final[dict[GuardKind, int]] = {
    GuardKind.PAYMENT: 10,
    GuardKind.PERSON: 10,
    GuardKind.ADDRESS: 25,
    GuardKind.STORE: 60,
}
"""Declines within WINDOW (of a payment: ever) that are one too many. A whole office shares an address."""

ADDRESS_LIMIT_UNDER_ATTACK: Final = 8
"""While a store is attacked from many addresses each one has less room; nobody else's payment is stopped."""


SAVING_LIMIT: Final = 5
"""Declines while one card is to be saved, after which that form takes no more; its person may open another."""

SAVING_OPEN_FOR = timedelta(hours=1)
"""A form to save a card takes none when it was left alone for so long."""

BATCH = 200


def digest(kind: GuardKind, value: str) -> bytes:
    """Return what is kept instead of a person's id or an address: a hash by a key outside the database."""
    return salted_hmac("codepop.payments.guard", f"{kind}:{value}", algorithm="sha256").digest()


def admit_payer(*, reference: UUID | None, person: UUID | None, address: str) -> None:
    """Note from where a payment is about to be paid; one statement. Raises TooManyDeclines with Retry-After.

    Without a `reference` a card is only to be saved, which `note_saving` notes; who is stopped is stopped there too.
    """
    keys = _keys(person, address)
    values: dict[str, Any] = {
        "reference": reference,
        "kinds": [kind.value for kind in keys],
        "hashes": list(keys.values()),
        "at": now(),
    }
    (until,) = fetch_one(_ADMIT, values) or (None,)
    if until:
        seconds = max(1, round((until - now()).total_seconds()))
        minutes = -(-seconds // 60)
        raise TooManyDeclines(
            f"Too many cards were declined here. Wait {minutes} minute{'s' if minutes > 1 else ''}, then try again.",
            headers={"Retry-After": str(seconds)},
        )


def _keys(person: UUID | None, address: str) -> dict[GuardKind, bytes]:
    keys = {GuardKind.ADDRESS: digest(GuardKind.ADDRESS, network_of(address))}
    if person:
        keys[GuardKind.PERSON] = digest(GuardKind.PERSON, str(person))
    return keys


def note_saving(*, saving_id: str, person: UUID, address: str) -> None:
    """Note from where a card is about to be saved, before its secret is handed out; may be repeated."""
    at = now()
    marks = [
        GuardMark(saving_id=saving_id, kind=kind, key_hash=key_hash, at=at)
        for kind, key_hash in _keys(person, address).items()
    ]
    GuardMark.objects.bulk_create(marks, ignore_conflicts=True)


_ADMIT: Final = """
    WITH payer AS (SELECT * FROM unnest(%(kinds)s::text[], %(hashes)s::bytea[]) AS payer(kind, key_hash)),
    marked AS (
        INSERT INTO payments_guardmark (payment_id, kind, key_hash, at)
        SELECT payment.id, payer.kind, payer.key_hash, %(at)s
        FROM payments_payment payment CROSS JOIN payer WHERE payment.reference = %(reference)s::uuid
        ON CONFLICT (payment_id, kind, key_hash) DO NOTHING
    )
    SELECT max(alert.until) FROM payments_guardalert alert JOIN payer USING (kind, key_hash)
    WHERE alert.until > %(at)s"""


def network_of(address: str) -> str:
    """Return the part of an address that one customer's line has: all of IPv4, the first 64 bits of IPv6."""
    if ":" not in address:
        return address
    return str(ip_network(f"{address.partition('%')[0]}/64", strict=False))


@transaction_required
def note_declines(payment: Payment, *, before: int) -> None:
    """Count the declines of this locked payment, of which `before` were known.

    Past a limit its source is stopped for a while and an alert is kept.
    """
    if before < LIMITS[GuardKind.PAYMENT] <= payment.failures:
        defer("payments.cancel_intent", reference=str(payment.reference))
        _alert(GuardKind.PAYMENT, digest(GuardKind.PAYMENT, str(payment.id)), payment.store_id, payment.failures)
    GuardMark.objects.filter(payment=payment).update(at=now())
    since = now() - WINDOW
    at_store = Payment.objects.filter(store_id=payment.store_id, created_at__gt=since).aggregate(sum=Sum("failures"))
    attacked = (at_store["sum"] or 0) >= LIMITS[GuardKind.STORE]
    if attacked:
        _alert(GuardKind.STORE, digest(GuardKind.STORE, str(payment.store_id)), payment.store_id, at_store["sum"])
    for mark in GuardMark.objects.filter(payment=payment):
        under_attack = attacked and mark.kind == GuardKind.ADDRESS
        _judge(mark, payment.store_id, limit=ADDRESS_LIMIT_UNDER_ATTACK if under_attack else None)


@transaction_required
def note_saving_declines(*, saving_id: str, declines: int) -> bool:
    """Count the cards that were declined while one was to be saved; False when the saving is none of ours, or old.

    A state, not a step: told twice, or late, it counts the same.
    """
    marks = list(GuardMark.objects.select_for_update().filter(saving_id=saving_id).order_by("id"))
    for mark in marks:
        if declines > mark.failures:
            mark.failures, mark.at = declines, now()
            mark.save(update_fields=["failures", "at"])
            _judge(mark, None)
    if declines >= SAVING_LIMIT:
        _end_savings(GuardMark.objects.filter(saving_id=saving_id))
    return bool(marks)


def _end_savings(marks: "QuerySet[GuardMark]") -> None:
    for saving_id in _open_savings(marks):
        defer("payments.cancel_saving", saving_id=saving_id)


def _open_savings(marks: "QuerySet[GuardMark]") -> "QuerySet[GuardMark, str]":
    return marks.filter(ended_at=None).exclude(saving_id="").values_list("saving_id", flat=True).distinct()


def cancel_saving(*, saving_id: str) -> None:
    """Have a card's form take no more cards at the provider, whatever became of it; may be repeated.

    Raises Unavailable or Unknown: call it again.
    """
    # A new key each time: cancelling twice does no harm, and a stored 5xx would stay.
    gateway().cancel_saving(saving_id=saving_id, key=f"codepop:cancel:{saving_id}:{uuid7()}")
    GuardMark.objects.filter(saving_id=saving_id, ended_at=None).update(ended_at=now())


def cancel_old_savings() -> int:
    """Add a job for each card's form that was left open, or whose own job gave up; returns how many."""
    old = _open_savings(GuardMark.objects.filter(at__lt=now() - SAVING_OPEN_FOR)).order_by("saving_id")
    return sum(defer_once("payments.cancel_saving", key=f"saving:{one}", saving_id=one) for one in old[:BATCH])


def _judge(mark: GuardMark, store_id: UUID | None, *, limit: int | None = None) -> None:
    """Stop a source whose declines, of payments and of cards to be saved together, are one too many."""
    kind = GuardKind(mark.kind)
    marks = GuardMark.objects.filter(kind=kind, key_hash=mark.key_hash, at__gt=now() - WINDOW)
    sums = marks.aggregate(paying=Sum("payment__failures"), saving=Sum("failures"))
    declines = (sums["paying"] or 0) + (sums["saving"] or 0)
    if declines >= (limit or LIMITS[kind]):
        _alert(kind, bytes(mark.key_hash), store_id, declines)
        _end_savings(GuardMark.objects.filter(kind=kind, key_hash=mark.key_hash))


def _alert(kind: GuardKind, key_hash: bytes, store_id: UUID | None, declines: int) -> None:
    at = now()
    alert, new = GuardAlert.objects.get_or_create(
        kind=kind,
        key_hash=key_hash,
        defaults={"store_id": store_id, "declines": declines, "first_at": at, "last_at": at, "until": at},
    )
    again = new or alert.until < at
    blocked = {"declines": declines, "last_at": at, "until": at + BLOCKED_FOR}
    GuardAlert.objects.filter(id=alert.id).update(**blocked, **({"seen_at": None} if again else {}))
    if again:
        raise_alert(
            "card_testing", f"{declines} declined cards from one {kind.value}: it is stopped.", subject=str(alert.id)
        )
        publish(CardTestingSuspected(alert_id=alert.id, kind=kind.value, store_id=store_id))


def acknowledge_alert(*, alert_id: UUID) -> None:
    """Note that somebody looked at an alert; what it stops stays stopped until its time."""
    GuardAlert.objects.filter(id=alert_id, seen_at=None).update(seen_at=now())
    close_alert("card_testing", subject=str(alert_id))


def forget_payers() -> int:
    """Delete the hashes of a day ago, and alerts of a quarter ago; returns how many marks went."""
    forget_alerts(now() - ALERTS_KEPT)
    for alert in GuardAlert.objects.filter(until__lt=now() - MARKS_KEPT, forgotten=False)[:1000]:
        forget_source(alert)
    return forget_marks(now() - MARKS_KEPT)


def forget_marks(before: datetime) -> int:
    """Delete the hashes from before this moment, and end the savings that only they know; returns how many."""
    with transaction():
        old = GuardMark.objects.filter(at__lt=before)
        _end_savings(old)
        return old.delete()[0]


def forget_alerts(before: datetime) -> int:
    """Delete the alerts whose stop ended before this moment; returns how many."""
    return GuardAlert.objects.filter(until__lt=before).delete()[0]


def forget_source(alert: GuardAlert) -> None:
    """Leave of an alert only that there was one: its hash leads nowhere any more."""
    alert.key_hash, alert.forgotten = alert.id.bytes, True
    alert.save(update_fields=["key_hash", "forgotten"])
