"""The pages of the staff: thin, each one query function and one template."""

from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from codepop.accounts.access import Principal
from codepop.accounts.roles import ScopeKind
from codepop.core.errors import AppError, NotFound
from codepop.core.log import get_logger
from codepop.fulfilment import selectors as fulfilment
from codepop.inventory import selectors as inventory
from codepop.kit.clock import now
from codepop.ordering import selectors as ordering
from codepop.reporting import figures, selectors
from codepop.reporting.staff import board as boards
from codepop.reporting.staff.orders import GROUP_TITLES, order_page, order_rows
from codepop.reporting.staff.screen import Visit, frame, may, page, store_page
from codepop.reporting.staff.sign_in import WrongMethod
from codepop.stores import selectors as stores
from codepop.stores import services
from codepop.stores.selectors import StoreView

log = get_logger(__name__)

_FIRST_SCREENS: Final = ("staff:store", "staff:machines", "staff:stock")


@page("staff:home")
def home(request: HttpRequest, who: Principal) -> HttpResponse:
    """Show the stores that the person's grants cover; with only one, go there."""
    mine = _stores_of(who)
    if len(mine) == 1 and request.GET.get("all") is None:
        return HttpResponseRedirect(_first_screen(who, mine[0]))
    at = now()
    glances = selectors.glances([store.id for store in mine])
    cards = [
        {
            "store": store,
            "hours": boards.hours_text(store, at),
            "open": store.is_open(at),
            "glance": glances[store.id],
            "url": _first_screen(who, store),
        }
        for store in mine
    ]
    cards.sort(key=_least_urgent)
    return render(request, "staff/home.html", frame(who, store=None, operation="staff:home") | {"cards": cards})


def _least_urgent(card: dict[str, Any]) -> tuple[bool, bool]:
    """Sort stores that need somebody before the others, and open ones before closed ones."""
    glance: selectors.Glance = card["glance"]
    well = glance.robots_working == glance.robots and not glance.stock_low and card["store"].accepting_orders
    return well, not card["open"]


def _stores_of(who: Principal) -> list[StoreView]:
    scopes = {(grant.scope_kind, grant.scope_id) for grant in who.grants}
    if (ScopeKind.CHAIN, None) in scopes:
        return stores.list_stores()
    return [
        store
        for store in stores.list_stores()
        if (ScopeKind.STORE, store.id) in scopes or (ScopeKind.REGION, store.region_id) in scopes
    ]


def _first_screen(who: Principal, store: StoreView) -> str:
    name = next(name for name in _FIRST_SCREENS if may(who, name, store))
    return reverse(name, kwargs={"slug": store.slug})


def _show(request: HttpRequest, visit: Visit, template: str, status: int = 200, **context: Any) -> HttpResponse:
    around = frame(visit.who, store=visit.store, operation=visit.operation)
    return render(request, template, around | context, status=status)


@store_page("staff:store")
def store(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show the store's screen."""
    return _store_screen(request, visit)


def _store_screen(request: HttpRequest, visit: Visit, *, problem: str = "", status: int = 200) -> HttpResponse:
    return _show(
        request,
        visit,
        "staff/store.html",
        status,
        board=boards.make_board(visit.store),
        live_url=f"{settings.CODEPOP.live_url}/live/v1/stores/{visit.store.id}",
        problem=problem,
    )


@store_page("staff:panels")
def panels(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Return the part of the store's screen that changes, for HTMX."""
    return _show(request, visit, "staff/_panels.html", board=boards.make_board(visit.store), fragment=True)


@store_page("staff:pause")
def pause(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Take no new orders for now; customers read the reason."""
    if request.method != "POST":
        raise WrongMethod
    try:
        services.pause_orders(
            store_id=visit.store.id, reason=str(request.POST.get("reason", "")), actor=visit.who.actor
        )
    except AppError as error:
        text = " ".join([error.message, *error.fields.values()])
        return _store_screen(request, visit, problem=text, status=error.http_status)
    log.info("orders_paused", store=str(visit.store.id), user=str(visit.who.user_id))
    return HttpResponseRedirect(reverse("staff:store", kwargs={"slug": visit.store.slug}))


@store_page("staff:resume")
def resume(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Take orders again."""
    if request.method != "POST":
        raise WrongMethod
    services.resume_orders(store_id=visit.store.id, actor=visit.who.actor)
    log.info("orders_resumed", store=str(visit.store.id), user=str(visit.who.user_id))
    return HttpResponseRedirect(reverse("staff:store", kwargs={"slug": visit.store.slug}))


@store_page("staff:orders")
def orders(request: HttpRequest, visit: Visit) -> HttpResponse:
    """List the store's orders: in progress, in the future, or past."""
    group = request.GET.get("show", "in-progress")
    if group not in selectors.GROUPS:
        raise NotFound
    found = selectors.store_orders(visit.store.id, group=group, before=_uuid(request.GET.get("before")))
    labels = ordering.order_labels([row.id for row in found.rows])
    return _show(
        request,
        visit,
        "staff/orders.html",
        group=group,
        tabs=[(key, title, key == group) for key, title in GROUP_TITLES.items()],
        rows=order_rows(found.rows, labels, visit.store),
        before=found.before,
    )


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound from None


@store_page("staff:order")
def order(request: HttpRequest, visit: Visit, order_id: UUID) -> HttpResponse:
    """Show one order of the store: what happened, what is in it, how the payment stands."""
    found = selectors.find_order(visit.store.id, order_id)
    if found is None:
        raise NotFound
    label = ordering.order_labels([order_id])[order_id]
    return _show(
        request,
        visit,
        "staff/order.html",
        order=order_page(found, label, visit.store),
        cancel_note=ordering.cancel_note(order_id),
    )


@store_page("staff:money")
def money(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show what the store sold on each of the last days, by the ledger."""
    days = selectors.sold_by_day(visit.store.id, timezone=visit.store.timezone, at=now())
    shown = [_money_row(day, visit.store.currency) for day in days]
    return _show(request, visit, "staff/money.html", days=shown)


def _money_row(day: selectors.Day, currency: str) -> dict[str, Any]:
    return {
        "name": f"{day.day:%A, %B} {day.day.day}",
        "orders": day.orders,
        "sales": figures.money(day.sales_cents, currency),
        "refunds": figures.money(day.refunds_cents, currency),
        "net": figures.money(day.sales_cents - day.refunds_cents, currency),
        "tax": figures.money(day.tax_cents, currency),
    }


@store_page("staff:stock")
def stock(request: HttpRequest, visit: Visit) -> HttpResponse:
    """List all the store's stock."""
    rows = boards.stock_rows(visit.store, now(), inventory.levels(visit.store.id))
    return _show(request, visit, "staff/stock.html", rows=rows, low=sum(1 for row in rows if row.word))


@store_page("staff:machines")
def machines(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show the store's robots, doors and door controller."""
    at = now()
    seen = fulfilment.controller_seen_at(visit.store.id)
    return _show(
        request,
        visit,
        "staff/machines.html",
        robots=stores.robots(visit.store.id),
        doors=[boards.door_state(door, at) for door in fulfilment.doors_now(visit.store.id)],
        controller_seen=seen.astimezone(ZoneInfo(visit.store.timezone)) if seen else None,
        controller_silent=boards.is_controller_silent(seen, at),
    )


@page("staff:missing")
def missing(request: HttpRequest, who: Principal) -> HttpResponse:
    """Answer for addresses below /staff/ that are no page."""
    raise NotFound
