"""Stores over HTTP: who is near, open, and able to make a drink."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from codepop.core.errors import InvalidInput
from codepop.core.schemas import ErrorOut
from codepop.kit.clock import now
from codepop.stores.hours import closes_at, minute_text, next_opening
from codepop.stores.selectors import FoundStore, StoreView, get_store_by_slug, nearest_stores, search_stores
from codepop.stores.waiting import ready_in_seconds

router = Router(tags=["stores"])
MAX_OFFSET = 10_000


class SpanOut(Schema):
    """Wall-clock times of the store, HH:MM. "24:00" ends the day; a closing below the opening is after it."""

    opens: str
    closes: str


class HoursOut(SpanOut):
    """One opening of a weekday; 0 is Monday."""

    weekday: int


class StoreOut(Schema):
    """`region` is the state's two letters. `reason` says in a sentence why a drink can't be had right now."""

    id: UUID
    slug: str
    name: str
    address: str
    city: str
    region: str
    postal_code: str
    lat: float
    lon: float
    timezone: str
    currency: str
    distance_m: int | None
    open: bool
    opens_at: datetime | None
    closes_at: datetime | None
    open_today: SpanOut | None
    accepting_orders: bool
    reason: str | None
    ready_in_seconds: int | None


class StoreDetailOut(StoreOut):
    hours: list[HoursOut]


class StoreListOut(Schema):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[StoreOut]
    next: str | None


class StoreQuery(Schema):
    """Near a place (`lat` and `lon` together), by text, or both."""

    lat: float | None = Field(None, ge=-90, le=90)
    lon: float | None = Field(None, ge=-180, le=180)
    q: str = Field("", max_length=100, pattern=r"^[^\x00]*$")
    limit: int = Field(20, ge=1, le=100)
    cursor: int = Field(0, ge=0, le=MAX_OFFSET)


@router.get(
    "/stores",
    operation_id="list_stores",
    response={200: StoreListOut, 422: ErrorOut},
    summary="Stores near a place or by text",
)
def list_stores(request: HttpRequest, query: Query[StoreQuery]) -> StoreListOut:
    """Return stores nearest first when a place is given, else in the chain's own order."""
    wanted = query.cursor + query.limit + 1
    if query.lat is not None and query.lon is not None:
        found = nearest_stores(lat=query.lat, lon=query.lon, limit=wanted, text=query.q)
    elif query.lat is None and query.lon is None:
        found = search_stores(text=query.q, limit=wanted)
    else:
        missing = "lon" if query.lon is None else "lat"
        raise InvalidInput(fields={missing: "Send lat and lon together, or neither."})
    page = found[query.cursor : wanted - 1]
    return StoreListOut(
        items=[StoreOut(**_facts(one)) for one in page],
        next=str(wanted - 1) if len(found) == wanted and wanted - 1 <= MAX_OFFSET else None,
    )


@router.get(
    "/stores/{slug}",
    operation_id="get_store",
    response={200: StoreDetailOut, 404: ErrorOut},
    summary="One store with its weekly hours",
)
def get_store(request: HttpRequest, slug: str) -> StoreDetailOut:
    """Return the store as it stands now."""
    store = get_store_by_slug(slug)
    return StoreDetailOut(**_facts(FoundStore(store, None)), hours=_hours_out(store))


def _hours_out(store: StoreView) -> list[HoursOut]:
    return [
        HoursOut(weekday=weekday, opens=minute_text(opens), closes=minute_text(closes))
        for weekday, spans in enumerate(store.schedule.weekly)
        for opens, closes in spans
    ]


def _facts(found: FoundStore) -> dict[str, Any]:
    store, at = found.store, now()
    is_open = store.is_open(at)
    opens_at = None if is_open else next_opening(store.schedule, at)
    return {
        "id": store.id,
        "slug": store.slug,
        "name": store.name,
        "address": store.address,
        "city": store.city,
        "region": store.state,
        "postal_code": store.postal_code,
        "lat": store.lat,
        "lon": store.lon,
        "timezone": store.timezone,
        "currency": store.currency,
        "distance_m": found.distance_m,
        "open": is_open,
        "opens_at": opens_at,
        "closes_at": closes_at(store.schedule, at) if is_open else None,
        "open_today": _today(store.schedule.spans_on(store.local_date(at))),
        "accepting_orders": store.accepting_orders and store.robots_working > 0,
        "reason": unavailable_reason(store, is_open=is_open, opens_at=opens_at, at=at),
        "ready_in_seconds": ready_in_seconds(store),
    }


def _today(spans: Sequence[tuple[int, int]]) -> SpanOut | None:
    if not spans:
        return None
    return SpanOut(opens=minute_text(spans[0][0]), closes=minute_text(max(closes for _, closes in spans)))


def unavailable_reason(store: StoreView, *, is_open: bool, opens_at: datetime | None, at: datetime) -> str | None:
    """One sentence on why no drink can be had right now, or None."""
    if not store.accepting_orders:
        return store.pause_reason
    if store.robots_working == 0:
        return "All robots of this store are being repaired."
    if is_open:
        return None
    return opening_text(store.timezone, opens_at, at)


def opening_text(timezone: str, opens_at: datetime | None, at: datetime) -> str:
    """When a closed store opens, in its own time: "Closed now, opens tomorrow at 7:00."."""
    if opens_at is None:
        return "Closed until further notice."
    zone = ZoneInfo(timezone)
    opens, local = opens_at.astimezone(zone), at.astimezone(zone)
    days = (opens.date() - local.date()).days
    clock = f"{opens.hour}:{opens.minute:02d}"
    if days == 0:
        return f"Closed now, opens at {clock}."
    if days == 1:
        return f"Closed now, opens tomorrow at {clock}."
    day = f"{opens:%A}" if opens - local < timedelta(days=6) else f"{opens:%B} {opens.day}"
    return f"Closed now, opens {day} at {clock}."
