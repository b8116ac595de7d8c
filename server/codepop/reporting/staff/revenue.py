"""Revenue by store and day, Stripe's payouts beside it, and both as a file."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from codepop.accounts.access import Principal
from codepop.accounts.roles import ScopeKind
from codepop.core.errors import InvalidInput
from codepop.kit.clock import now
from codepop.reporting import revenue
from codepop.reporting.figures import money
from codepop.reporting.staff.desk import chosen_stores, stores_for
from codepop.reporting.staff.screen import frame, page
from codepop.stores.selectors import StoreView

DAYS: Final = 14
_HEADER: Final = (
    "store", "day", "currency", "orders", "gross", "sales", "refunds", "tax owed", "disputes", "dispute fees", "net",
)  # fmt: skip


@page("staff:revenue")
def days(request: HttpRequest, who: Principal) -> HttpResponse:
    """Show each store's days, their sums by currency, and the payouts of the same days."""
    chosen = chosen_stores(who, "staff:revenue", request.GET.get("store", ""))
    problem = ""
    try:
        first, last = _span(request, chosen)
    except InvalidInput as error:
        problem, (first, last) = error.message, _usual(chosen)
    by_id = {store.id: store for store in chosen}
    found = revenue.by_day(list(by_id), first=first, last=last)
    whole = _sees_all(who) and len(chosen) == len(stores_for(who, "staff:revenue"))
    payouts = revenue.payouts(list(by_id), whole=whole, first=first, last=last)
    context = {
        "stores": stores_for(who, "staff:revenue"),
        "asked": {"store": request.GET.get("store", ""), "from": first.isoformat(), "to": last.isoformat()},
        "query": request.GET.urlencode(),
        "rows": [_row(one, by_id) for one in found],
        "sums": _sums(found),
        "payouts": [_payout(one, whole=whole) for one in payouts],
        "whole": whole,
        "problem": problem,
    }
    around = frame(who, store=None, operation="staff:revenue")
    return render(request, "staff/revenue.html", around | context, status=422 if problem else 200)


def _sees_all(who: Principal) -> bool:
    return any(grant.scope_kind == ScopeKind.CHAIN for grant in who.grants)


def _usual(chosen: list[StoreView]) -> tuple[date, date]:
    zone = ZoneInfo(chosen[0].timezone if chosen else "UTC")
    today = now().astimezone(zone).date()
    return today - timedelta(days=DAYS - 1), today


def _span(request: HttpRequest, chosen: list[StoreView]) -> tuple[date, date]:
    usual = _usual(chosen)
    try:
        first = date.fromisoformat(request.GET["from"]) if request.GET.get("from") else usual[0]
        last = date.fromisoformat(request.GET["to"]) if request.GET.get("to") else usual[1]
    except ValueError:
        raise InvalidInput("Write days as year-month-day, such as 2026-11-25.") from None
    if not timedelta(0) <= last - first <= timedelta(days=revenue.LONGEST_DAYS):
        raise InvalidInput(f"Choose from 1 to {revenue.LONGEST_DAYS} days, the first one first.")
    return first, last


def _row(one: revenue.DayRow, by_id: Mapping[UUID, StoreView]) -> dict[str, Any]:
    return {
        "day": f"{one.day:%a}, {one.day:%b} {one.day.day}",
        "store": by_id[one.store_id].name,
        "orders": one.orders,
        "gross": money(one.gross_cents, one.currency),
        "sales": money(one.sales_cents, one.currency),
        "refunds": money(one.refunds_cents, one.currency),
        "disputes": money(one.disputes_cents + one.fees_cents, one.currency),
        "tax": money(one.tax_cents, one.currency),
        "net": money(one.net_cents, one.currency),
    }


def _sums(found: list[revenue.DayRow]) -> list[dict[str, str]]:
    """Sum up by currency: amounts of two currencies are never added."""
    sums = []
    for currency in sorted({one.currency for one in found}):
        rows = [one for one in found if one.currency == currency]
        sums.append(
            {
                "currency": currency.upper(),
                "gross": money(sum(one.gross_cents for one in rows), currency),
                "refunds": money(sum(one.refunds_cents for one in rows), currency),
                "tax": money(sum(one.tax_cents for one in rows), currency),
                "net": money(sum(one.net_cents for one in rows), currency),
            }
        )
    return sums


def _payout(one: revenue.PayoutRow, *, whole: bool) -> dict[str, Any]:
    return {
        "day": f"{one.arrives_on:%b} {one.arrives_on.day}, {one.arrives_on.year}",
        "status": one.status.replace("_", " "),
        "look": {"paid": "ok", "failed": "bad", "canceled": "bad"}.get(one.status, "warn"),
        "amount": money(one.amount_cents, one.currency) if whole else "",
        "charged": money(one.charged_cents, one.currency),
        "returned": money(one.returned_cents, one.currency),
        "fees": money(one.fees_cents, one.currency),
        "net": money(one.net_cents, one.currency),
        "agrees": one.agrees,
    }


@page("staff:revenue_file")
def file(request: HttpRequest, who: Principal) -> HttpResponse:
    """Return the days as CSV, amounts as plain decimals."""
    chosen = chosen_stores(who, "staff:revenue_file", request.GET.get("store", ""))
    first, last = _span(request, chosen)
    by_id = {store.id: store for store in chosen}
    rows = [
        (
            by_id[one.store_id].name,
            one.day.isoformat(),
            one.currency.upper(),
            one.orders,
            *(_decimal(cents) for cents in _amounts(one)),
        )
        for one in revenue.by_day(list(by_id), first=first, last=last)
    ]
    answer = HttpResponse(revenue.as_csv(_HEADER, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="revenue-{first}-{last}.csv"'
    return answer


def _amounts(one: revenue.DayRow) -> tuple[int, ...]:
    return (
        one.gross_cents,
        one.sales_cents,
        one.refunds_cents,
        one.tax_cents,
        one.disputes_cents,
        one.fees_cents,
        one.net_cents,
    )


def _decimal(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
