"""Bulk refunds: choose a store and a time, look at what it comes to, start it, watch it."""

from datetime import datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from codepop.accounts.access import Principal
from codepop.aftersales import selectors as aftersales
from codepop.aftersales import services
from codepop.aftersales.selectors import BatchView
from codepop.aftersales.services import BatchAsk
from codepop.core.errors import AppError, InvalidInput
from codepop.ordering.selectors import order_labels
from codepop.reporting.figures import money
from codepop.reporting.staff.desk import acting, chosen_stores, require_store, stores_for
from codepop.reporting.staff.orders import local_text
from codepop.reporting.staff.screen import frame, page
from codepop.reporting.staff.sign_in import WrongMethod
from codepop.stores.selectors import StoreView


@page("staff:batches")
def batches(request: HttpRequest, who: Principal) -> HttpResponse:
    """List bulk refunds, and plan one."""
    if request.method != "POST":
        return _list(request, who)
    try:
        (store,) = chosen_stores(who, "staff:batches", request.POST.get("store", "") or "-")
        planned = services.plan_batch(ask=_ask(request, store), by=acting(who, "staff:batches", store))
    except AppError as error:
        return _list(request, who, problem=" ".join([error.message, *error.fields.values()]), status=error.http_status)
    return HttpResponseRedirect(reverse("staff:batch", kwargs={"batch_id": planned.id}))


def _list(request: HttpRequest, who: Principal, *, problem: str = "", status: int = 200) -> HttpResponse:
    mine = {store.id: store for store in stores_for(who, "staff:batches")}
    context = {
        "stores": list(mine.values()),
        "rows": [_row(one, mine[one.store_id]) for one in aftersales.batches(mine)],
        "causes": aftersales.CAUSES,
        "form_key": uuid4(),
        "asked": request.POST,
        "problem": problem,
    }
    around = frame(who, store=None, operation="staff:batches")
    return render(request, "staff/batches.html", around | context, status=status)


def _ask(request: HttpRequest, store: StoreView) -> BatchAsk:
    form, zone = request.POST, ZoneInfo(store.timezone)
    try:
        since, until = (datetime.fromisoformat(form.get(name, "")).replace(tzinfo=zone) for name in ("since", "until"))
        key = UUID(form.get("form_key", ""))
    except ValueError:
        raise InvalidInput("Say from when until when, on the store's clock.") from None
    return BatchAsk(
        form_key=key,
        store_id=store.id,
        since=since,
        until=until,
        cause=form.get("cause", ""),
        urgent=form.get("urgent") == "yes",
    )


def _row(one: BatchView, store: StoreView) -> dict[str, object]:
    return {
        "one": one,
        "store": store.name,
        "span": f"{local_text(one.since, store)} – {local_text(one.until, store)}",
        "total": money(one.total_cents, one.currency),
        "look": {"done": "ok", "running": "warn", "stopped": "bad"}.get(one.state, ""),
    }


@page("staff:batch")
def batch(request: HttpRequest, who: Principal, batch_id: UUID) -> HttpResponse:
    """Show a bulk refund and how far it is; the part that changes is fetched again while it is under way."""
    found, store = _found(request, "staff:batch", batch_id)
    return _page(request, who, found, store)


def _found(request: HttpRequest, operation: str, batch_id: UUID) -> tuple[BatchView, StoreView]:
    found = aftersales.find_batch(batch_id)
    store = require_store(request, operation, found.store_id if found else None)
    assert found is not None
    return found, store


def _page(
    request: HttpRequest, who: Principal, found: BatchView, store: StoreView, *, problem: str = "", status: int = 200
) -> HttpResponse:
    refused = aftersales.batch_refusals(found.id)
    labels = order_labels([order_id for order_id, _ in refused])
    context = _row(found, store) | {
        "refused": [(labels[order_id].code, order_id, code.replace("_", " ")) for order_id, code in refused],
        "problem": problem,
    }
    template = "staff/_batch.html" if request.headers.get("HX-Request") else "staff/batch.html"
    around = frame(who, store=store, operation="staff:batch")
    return render(request, template, around | context | {"store": store}, status=status)


@page("staff:batch_start")
def start(request: HttpRequest, who: Principal, batch_id: UUID) -> HttpResponse:
    """Let a bulk refund go."""
    return _change(request, who, batch_id, "staff:batch_start")


@page("staff:batch_stop")
def stop(request: HttpRequest, who: Principal, batch_id: UUID) -> HttpResponse:
    """Stop a bulk refund."""
    return _change(request, who, batch_id, "staff:batch_stop")


def _change(request: HttpRequest, who: Principal, batch_id: UUID, operation: str) -> HttpResponse:
    if request.method != "POST":
        raise WrongMethod
    found, store = _found(request, operation, batch_id)
    command = services.start_batch if operation == "staff:batch_start" else services.stop_batch
    try:
        command(batch_id=batch_id, by=acting(who, operation, store))
    except AppError as error:
        return _page(request, who, found, store, problem=error.message, status=error.http_status)
    return HttpResponseRedirect(reverse("staff:batch", kwargs={"batch_id": batch_id}))
