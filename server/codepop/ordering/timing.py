"""When a drink will be ready, when to start it, and which pickup times a store can keep. Pure."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from codepop.ordering.machine import PickupMode
from codepop.stores.hours import is_open, next_opening
from codepop.stores.selectors import StoreView
from codepop.stores.waiting import HANDLING_SECONDS

START_MARGIN = timedelta(seconds=60)
"""A scheduled drink is started so much earlier than its make time asks for: another robot may have to take over."""

FARTHEST = timedelta(days=7)
SLACK = timedelta(seconds=90)
"""A time chosen as the earliest possible stays valid while its person types and pays."""


@dataclass(frozen=True)
class Pickup:
    """When its person wants to fetch an order; undecided until after paying if need be."""

    mode: PickupMode = PickupMode.UNDECIDED
    at: datetime | None = None


@dataclass(frozen=True)
class PickupProblem:
    """Why a pickup can't be kept; `closed` when the store's hours are the reason."""

    message: str
    closed: bool


def clock_text(at: datetime, timezone: str, *, now: datetime) -> str:
    """Return a time as people of the store's town say it: `2:30 PM`, with the weekday when it is not today."""
    local, today = at.astimezone(ZoneInfo(timezone)), now.astimezone(ZoneInfo(timezone)).date()
    text = f"{local.hour % 12 or 12}:{local.minute:02d} {'AM' if local.hour < 12 else 'PM'}"
    return text if local.date() == today else f"{text} on {local:%A}"


def make_seconds(store: StoreView, drinks: int) -> int:
    """Return how long one robot of the store works on so many drinks."""
    return drinks * store.seconds_per_drink + HANDLING_SECONDS


def ready_in_seconds(*, queue_seconds: int, robots: int, own_seconds: int) -> int:
    """Return when an order would be ready if it joined the queue now: the work before it is shared by the robots."""
    return math.ceil(queue_seconds / max(robots, 1)) + own_seconds


def release_at(pickup: Pickup, *, own_seconds: int, now: datetime) -> datetime | None:
    """Return when the order must go to the robots: at once, in time for its pickup, or None while undecided."""
    if pickup.mode == PickupMode.NOW:
        return now
    if pickup.mode == PickupMode.AT and pickup.at:
        return pickup.at - timedelta(seconds=own_seconds) - START_MARGIN
    return None


def is_fetchable(store: StoreView, pickup: Pickup, *, own_seconds: int, now: datetime) -> bool:
    """Say whether the store is open when a drink is wanted that is started now: at its time, or once it is ready."""
    ready = now + timedelta(seconds=own_seconds)
    return is_open(store.schedule, pickup.at if pickup.at is not None and pickup.at > now else ready)


def pickup_problem(store: StoreView, pickup: Pickup, *, ready_in: int, now: datetime) -> PickupProblem | None:
    """Say why the store can't keep this pickup, or None. `ready_in`: seconds until ready when started now."""
    if pickup.mode == PickupMode.AT:
        return _problem_at(store, pickup.at, ready_in=ready_in, now=now)
    if not is_open(store.schedule, now):
        return PickupProblem(f"{store.name} is closed now.{_opening_hint(store, now)}", closed=True)
    if store.robots_working == 0:
        return PickupProblem(f"No robot is working at {store.name} right now. Choose another store.", closed=False)
    if not is_open(store.schedule, now + timedelta(seconds=ready_in)):
        return PickupProblem(
            f"{store.name} closes before this would be ready.{_opening_hint(store, now + timedelta(seconds=ready_in))}",
            closed=True,
        )
    return None


def _problem_at(store: StoreView, at: datetime | None, *, ready_in: int, now: datetime) -> PickupProblem | None:
    if at is None:
        return PickupProblem("Say when: send `at`, for example 2026-11-23T18:30:00Z.", closed=False)
    if at > now + FARTHEST:
        return PickupProblem("Choose a time within the next 7 days.", closed=False)
    if at < now + timedelta(seconds=ready_in) - SLACK:
        earliest = now + timedelta(seconds=ready_in)
        return PickupProblem(f"The earliest is {clock_text(earliest, store.timezone, now=now)}.", closed=False)
    if not is_open(store.schedule, at):
        wanted = clock_text(at, store.timezone, now=now)
        return PickupProblem(f"{store.name} is closed at {wanted}.{_opening_hint(store, at)}", closed=True)
    return None


def _opening_hint(store: StoreView, at: datetime) -> str:
    opening = next_opening(store.schedule, at)
    return f" It opens at {clock_text(opening, store.timezone, now=at)}: choose a time from then on." if opening else ""
