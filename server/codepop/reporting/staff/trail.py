"""The audit trail as the staff reads it: each the entries of their own stores, whoever answers for all of them all."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from codepop.accounts.access import Principal
from codepop.accounts.directory import names_of
from codepop.core.audit import Asked, Shown, entries
from codepop.core.errors import InvalidInput
from codepop.reporting.revenue import as_csv
from codepop.reporting.staff.desk import chosen_stores, stores_for
from codepop.reporting.staff.differences import whole_chain
from codepop.reporting.staff.screen import frame, page
from codepop.stores.selectors import StoreView

PAGE: Final = 50
FILE_LIMIT: Final = 10_000
KINDS: Final = {
    "people.": "People and roles, by admins",
    "account.": "Accounts, as the database saw it",
    "role.": "Roles, as the database saw it",
    "refund.": "Refunds",
    "remake.": "Drinks made again",
    "batch.": "Bulk refunds",
    "store.": "Pauses",
    "stock.": "Stock",
    "price.": "Prices",
    "view.": "Looks through another role",
    "session": "Sessions ended",
    "reconciliation.": "Differences with Stripe",
    "inbox.": "Held messages",
    "order.": "Impossible moves",
}
_HEADER: Final = ("time (UTC)", "who", "what", "about", "why", "where")


@page("staff:audit")
def trail(request: HttpRequest, who: Principal) -> HttpResponse:
    """Show entries, newest first, filtered."""
    mine = {str(store.id): store for store in stores_for(who, "staff:audit")}
    problem, found = "", []
    try:
        found = _entries(request, who, "staff:audit", most=PAGE + 1)
    except InvalidInput as error:
        problem = error.message
    query = request.GET.copy()
    query.pop("before", None)
    older = query.copy()
    if len(found) > PAGE:
        older["before"] = str(found[PAGE - 1].id)
    context = {
        "stores": sorted(mine.values(), key=lambda store: store.name),
        "kinds": KINDS,
        "asked": {name: request.GET.get(name, "") for name in ("store", "kind", "who", "about", "from", "to")},
        "rows": _rows(found[:PAGE], mine),
        "older": older.urlencode() if len(found) > PAGE else "",
        "query": query.urlencode(),
        "problem": problem,
    }
    around = frame(who, store=None, operation="staff:audit")
    return render(request, "staff/audit.html", around | context, status=422 if problem else 200)


@page("staff:audit_file")
def file(request: HttpRequest, who: Principal) -> HttpResponse:
    """Return the same entries as CSV, at most 10,000 of them."""
    mine = {str(store.id): store for store in stores_for(who, "staff:audit_file")}
    found = _entries(request, who, "staff:audit_file", most=FILE_LIMIT)
    rows = [
        (one.at.isoformat(timespec="seconds"), one.actor, one.action, one.subject, one.note, _where(one, mine))
        for one in found
    ]
    answer = HttpResponse(as_csv(_HEADER, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return answer


def _entries(request: HttpRequest, who: Principal, operation: str, *, most: int) -> list[Shown]:
    asked = request.GET
    chosen = chosen_stores(who, operation, asked.get("store", ""))
    chains: set[str] | None = {str(store.id) for store in chosen}
    if not asked.get("store"):
        regions = {str(grant.scope_id) for grant in who.grants if grant.scope_id}
        chains = None if whole_chain(who, operation) else (chains or set()) | regions
    zone = ZoneInfo(chosen[0].timezone if chosen else "UTC")
    kind = asked.get("kind", "")
    if kind not in ("", *KINDS):
        raise InvalidInput("Choose a kind from the list.")
    before = asked.get("before", "")
    if before and not (before.isdecimal() and len(before) < 19):
        raise InvalidInput("This page of the list doesn't exist. Begin with the newest entries.")
    return entries(chains, _asked(asked, kind, zone), before=int(before) if before else None, most=most)


def _asked(asked: QueryDict, kind: str, zone: ZoneInfo) -> Asked:
    until = _day(asked.get("to", ""), zone)
    return Asked(
        action=kind,
        actor=_plain(asked.get("who", "")),
        subject=_plain(asked.get("about", "")),
        since=_day(asked.get("from", ""), zone),
        until=until + timedelta(days=1) if until else None,
    )


def _plain(text: str) -> str:
    return text.strip().replace("\0", "")[:100]


def _day(text: str, zone: ZoneInfo) -> datetime | None:
    if not text:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=zone)
    except ValueError:
        raise InvalidInput("Write days as year-month-day, such as 2026-11-25.") from None
    if not 2000 <= day.year <= 2999:
        raise InvalidInput("That day is too far away.")
    return day


def _rows(found: list[Shown], mine: dict[str, StoreView]) -> list[dict[str, object]]:
    """Return rows for the page, with the names of staff beside their ids: the trail itself holds no name."""
    ids = {one.actor: one.actor.removeprefix("staff:") for one in found if one.actor.startswith("staff:")}
    known = names_of([UUID(text) for text in ids.values() if _is_id(text)])
    names = {actor: known.get(UUID(text), "") for actor, text in ids.items() if _is_id(text)}
    return [
        {
            "one": one,
            "at": f"{one.at:%Y-%m-%d %H:%M:%S}",
            "who": names.get(one.actor, ""),
            "where": _where(one, mine),
        }
        for one in found
    ]


def _where(one: Shown, mine: dict[str, StoreView]) -> str:
    store = mine.get(one.chain)
    return store.name if store else ("" if _is_id(one.chain) else one.chain)


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
