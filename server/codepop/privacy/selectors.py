"""Queries: what somebody agreed to, and what they asked for about their data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from codepop.kit.clock import now
from codepop.privacy.models import OPEN_ERASURES, Consent, Erasure, Export, ExportState
from codepop.privacy.purposes import OPTIONAL, PURPOSES, Purpose


@dataclass(frozen=True)
class ConsentView:
    """How a person stands to a purpose. `ask`: they never decided, or said yes to what has changed since."""

    purpose: Purpose
    given: bool
    version: int
    current_version: int
    at: datetime | None
    ask: bool


def allows(user_id: UUID, purpose: Purpose) -> bool:
    """Say whether a person agrees, now, to what a purpose is now. Ask right before doing it, every time."""
    newest = Consent.objects.filter(user_id=user_id, purpose=purpose).order_by("-at", "-id").first()
    return newest is not None and newest.given and newest.version == PURPOSES[purpose].version


def people_who_agree(purpose: Purpose) -> Sequence[UUID]:
    """Return who agrees, now, to what a purpose is now."""
    newest = (
        Consent.objects.filter(purpose=purpose)
        .order_by("user_id", "-at", "-id")
        .distinct("user_id")
        .values_list("user_id", "given", "version")
    )
    return [user_id for user_id, given, version in newest if given and version == PURPOSES[purpose].version]


def consents_of(user_id: UUID) -> list[ConsentView]:
    """Return how a person stands to each purpose they decide about."""
    newest: dict[str, Consent] = {}
    for row in Consent.objects.filter(user_id=user_id).order_by("at", "id"):
        newest[row.purpose] = row
    return [_view(purpose, newest.get(purpose.value)) for purpose in OPTIONAL]


def _view(purpose: Purpose, row: Consent | None) -> ConsentView:
    current = PURPOSES[purpose].version
    if row is None:
        return ConsentView(purpose, given=False, version=0, current_version=current, at=None, ask=True)
    outdated = row.given and row.version != current
    return ConsentView(
        purpose,
        given=row.given and not outdated,
        version=row.version,
        current_version=current,
        at=row.at,
        ask=outdated,
    )


@dataclass(frozen=True)
class ExportView:
    """A file that was asked for; it can be fetched when it is ready, until it expires."""

    id: UUID
    ready: bool
    asked_at: datetime
    expires_at: datetime | None


def exports_of(user_id: UUID) -> list[ExportView]:
    """Return a person's files that are being made or can be fetched, the newest first."""
    rows = Export.objects.filter(user_id=user_id).defer("content").order_by("-asked_at", "-id")
    views = [ExportView(one.id, one.state == ExportState.READY, one.asked_at, one.expires_at) for one in rows]
    return [one for one in views if one.expires_at is None or one.expires_at > now()]


@dataclass(frozen=True)
class ErasureView:
    """An erasure that is asked for or under way."""

    state: str
    asked_at: datetime
    due_at: datetime
    waits_for: str


def erasure_of(user_id: UUID) -> ErasureView | None:
    """Return a person's open erasure."""
    row = Erasure.objects.filter(person_id=user_id, state__in=OPEN_ERASURES).first()
    return ErasureView(row.state, row.asked_at, row.due_at, row.waits_for) if row else None
