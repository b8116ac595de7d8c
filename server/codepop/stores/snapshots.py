"""Stores as frozen values, kept by each process until their version changes.

A store is asked for with nearly every request and changes a few times a week, so a request pays one look at its version
instead of reading and assembling it again. The version is read before the rows, so what is kept is never older than its
version says.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Avg, Count, F, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from codepop.stores.hours import Schedule, build_schedule, is_open
from codepop.stores.models import WORKING_ROBOT_STATUSES, OpeningHours, SpecialDay, Store


@dataclass(frozen=True, kw_only=True)
class StoreView:
    """A store as other features and the API see it. `robots_working` counts machines that can make a drink now."""

    id: UUID
    slug: str
    name: str
    address: str
    city: str
    state: str
    postal_code: str
    lat: float
    lon: float
    timezone: str
    currency: str
    tax_rate_bps: int
    accepting_orders: bool
    pause_reason: str
    region_id: UUID
    hub_id: UUID
    schedule: Schedule
    robots_working: int
    seconds_per_drink: int

    def is_open(self, at: datetime) -> bool:
        """Whether the opening hours hold this instant; orders may be paused nevertheless."""
        return is_open(self.schedule, at)

    def local_date(self, at: datetime) -> date:
        """The date on the store's wall clock, for seasons."""
        return self.schedule.local_date(at)


_kept: dict[UUID, tuple[UUID, StoreView]] = {}


def store_views(versions: Mapping[UUID, UUID]) -> dict[UUID, StoreView]:
    """The stores of these versions by id, in the given order; one query when this process misses some, else none.

    A store that was deleted meanwhile is left out.
    """
    stale = [store_id for store_id, version in versions.items() if not _is_kept(store_id, version)]
    if stale:
        for view in _load(stale):
            _kept[view.id] = (versions[view.id], view)
    return {store_id: _kept[store_id][1] for store_id in versions if store_id in _kept}


def _is_kept(store_id: UUID, version: UUID) -> bool:
    kept = _kept.get(store_id)
    return kept is not None and kept[0] == version


def _load(store_ids: Iterable[UUID]) -> list[StoreView]:
    return [_view(row) for row in _rows().filter(id__in=list(store_ids))]


def _rows() -> QuerySet[Store]:
    hours = OpeningHours.objects.filter(store=OuterRef("pk")).order_by("weekday", "opens_minute")
    special = SpecialDay.objects.filter(store=OuterRef("pk")).order_by("date", "opens_minute")
    working = Q(robots__status__in=WORKING_ROBOT_STATUSES)
    return Store.objects.defer("pickup_key").annotate(
        weekly_rows=ArraySubquery(
            hours.values(row=JSONObject(weekday=F("weekday"), opens=F("opens_minute"), closes=F("closes_minute")))
        ),
        special_rows=ArraySubquery(
            special.values(row=JSONObject(date=F("date"), opens=F("opens_minute"), closes=F("closes_minute")))
        ),
        robots_working=Count("robots", filter=working),
        seconds_per_drink=Avg("robots__seconds_per_drink", filter=working),
    )


def _view(row: Any) -> StoreView:
    return StoreView(
        id=row.id,
        slug=row.slug,
        name=row.name,
        address=row.address,
        city=row.city,
        state=row.state,
        postal_code=row.postal_code,
        lat=row.lat,
        lon=row.lon,
        timezone=row.timezone,
        currency=row.currency,
        tax_rate_bps=row.tax_rate_bps,
        accepting_orders=row.accepting_orders,
        pause_reason=row.pause_reason,
        region_id=row.region_id,
        hub_id=row.hub_id,
        schedule=build_schedule(
            timezone=row.timezone,
            weekly=[(one["weekday"], one["opens"], one["closes"]) for one in row.weekly_rows],
            special=[(one["date"], one["opens"], one["closes"]) for one in row.special_rows],
        ),
        robots_working=row.robots_working,
        seconds_per_drink=round(row.seconds_per_drink or 0),
    )
