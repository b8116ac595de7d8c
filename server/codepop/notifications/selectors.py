"""Queries on messages, choices and flawed addresses."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet

from codepop.accounts.selectors import find_email
from codepop.kit.clock import now
from codepop.notifications.kinds import (
    CHANNELS,
    DEFAULTS,
    NEWS_BY_MAIL,
    OPTIONAL,
    RULES,
    Category,
    Channel,
    Flaw,
    Kind,
    Urgency,
)
from codepop.notifications.models import OPEN, Campaign, Choice, FlawedAddress, Message, State
from codepop.ordering.texts import money_text
from codepop.payments.selectors import refund_by_id
from codepop.privacy.purposes import Purpose
from codepop.privacy.selectors import allows

LATE: Final = timedelta(minutes=5)
DELAYED: Final = timedelta(seconds=60)


@dataclass(frozen=True)
class DeliveryFigures:
    """How the mails that were tried in a span of time fared."""

    tried: int
    failing: int
    waiting: int
    dead: int


@dataclass(frozen=True)
class NoticeView:
    """A notice of an order as its person reads it."""

    id: UUID
    kind: str
    text: str
    at: datetime
    seen: bool


def choices_of(user_id: UUID) -> dict[tuple[Category, Channel], bool]:
    """Return what a person wants by each channel; what they never decided has its default."""
    found = {(category, channel): DEFAULTS[category, channel] for category in OPTIONAL for channel in CHANNELS}
    rows = Choice.objects.filter(user_id=user_id).order_by("at", "id").values_list("category", "channel", "allowed")
    for category, channel, allowed in rows:
        found[Category(category), Channel(channel)] = allowed
    found[NEWS_BY_MAIL] = allows(user_id, Purpose.NEWS_MAIL)
    return found


def flaw_of(address: str) -> FlawedAddress | None:
    """Return what is wrong with an address, None when nothing is known."""
    return FlawedAddress.objects.filter(email=address).first()


def flawed_addresses() -> int:
    """Count the addresses that mail does not reach."""
    return FlawedAddress.objects.count()


def flaw_of_person(user_id: UUID) -> Flaw | None:
    """Return what is wrong with a person's address."""
    address = find_email(user_id)
    row = flaw_of(address) if address else None
    return Flaw(row.flaw) if row else None


def delivery_figures(*, since: datetime) -> DeliveryFigures:
    """Count the mails tried since; failing is what was given up, or was refused at least twice and still waits."""
    mails = Message.objects.filter(channel=Channel.MAIL)
    tried = mails.filter(attempted_at__gt=since)
    failing = tried.filter(Q(state=State.DEAD) | Q(state=State.QUEUED, attempts__gte=2))
    return DeliveryFigures(
        tried=tried.count(),
        failing=failing.count(),
        waiting=mails.filter(state__in=OPEN).count(),
        dead=mails.filter(state=State.DEAD).count(),
    )


def waiting_too_long(at: datetime) -> int:
    """Count the mails about accounts that have waited for more than five minutes."""
    return _account_mail().filter(created_at__lt=at - LATE).count()


def mail_is_delayed() -> bool:
    """Say whether people who wait for a mail about their account have to be told that it takes longer."""
    held_up = ~Q(failure="") | Q(created_at__lt=now() - DELAYED)
    return _account_mail().filter(held_up).exists()


def _account_mail() -> QuerySet[Message]:
    return Message.objects.filter(channel=Channel.MAIL, state__in=OPEN, urgency=Urgency.ACCOUNT)


def notices_of(order_id: UUID, *, person: UUID | None) -> list[NoticeView]:
    """Return an order's notices, newest first, without what its person does not want in the app."""
    rows = Message.objects.filter(order_id=order_id, channel=Channel.IN_APP).order_by("-id")
    if person is not None and not choices_of(person)[Category.ORDER_EVENTS, Channel.IN_APP]:
        rows = rows.exclude(kind__in=[kind for kind, rule in RULES.items() if rule.category == Category.ORDER_EVENTS])
    return [NoticeView(row.id, row.kind, _notice_text(row), row.created_at, row.seen_at is not None) for row in rows]


def _notice_text(row: Message) -> str:
    if row.kind == Kind.REFUNDED and (refund := refund_by_id(UUID(row.subject_id))):
        amount = money_text(refund.amount_cents, refund.currency)
        if refund.status == "failed":
            return f"Your bank returned the refund of {amount} to us. We are on it; there is nothing you have to do."
        return f"{amount} went back to your card."
    return {
        Kind.RECEIPT.value: "Payment received. Your receipt comes by e-mail.",
        Kind.REFUNDED.value: "Your money went back to your card.",
        Kind.READY.value: "Your drinks are ready behind their door.",
    }[row.kind]


def get_campaign(campaign_id: UUID) -> Campaign | None:
    """Return a campaign."""
    return Campaign.objects.filter(id=campaign_id).first()


@dataclass(frozen=True)
class Stuck:
    """A group of mails that did not go out: what they are, how they stand, and why."""

    kind: str
    state: str
    failure: str
    count: int
    oldest: datetime


def stuck_mail() -> list[Stuck]:
    """Group what waits or was given up, the oldest first."""
    rows = (
        Message.objects.filter(channel=Channel.MAIL, state__in=[*OPEN, State.DEAD])
        .values("kind", "state", "failure")
        .annotate(count=Count("id"), oldest=Min("created_at"))
        .order_by("oldest")
    )
    return [Stuck(**row) for row in rows]
