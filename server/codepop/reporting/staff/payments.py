"""Payments for staff: find one, see all that is known of it, give money back, have drinks made again."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse

from codepop.accounts.access import Principal
from codepop.aftersales import selectors as aftersales
from codepop.aftersales import services
from codepop.aftersales.limits import Staff
from codepop.aftersales.services import Ask
from codepop.core.errors import AppError, InvalidInput, NotFound
from codepop.ordering import selectors as ordering
from codepop.payments import selectors as payments
from codepop.payments.errors import ProviderAway
from codepop.payments.services import charge_now
from codepop.reporting import records, selectors
from codepop.reporting.figures import cents_of, money
from codepop.reporting.staff.desk import acting, answers, chosen_stores, require_store, stores_for
from codepop.reporting.staff.records import FILTERS, list_row, record_page, shown_amends, shown_charge
from codepop.reporting.staff.screen import frame, page
from codepop.reporting.staff.sign_in import WrongMethod
from codepop.stores.selectors import StoreView

Command = Callable[..., Any]


@page("staff:payments")
def search(request: HttpRequest, who: Principal) -> HttpResponse:
    """Find payments by code, id, day, amount, state and store."""
    asked = request.GET
    mine = stores_for(who, "staff:payments")
    chosen = chosen_stores(who, "staff:payments", asked.get("store", ""))
    problem, found = "", records.RecordPage([], None)
    try:
        found = records.search([store.id for store in chosen], _wanted(asked, chosen))
    except InvalidInput as error:
        problem = error.message
    by_id = {store.id: store for store in mine}
    context = {
        "stores": mine,
        "asked": {name: asked.get(name, "") for name in ("text", "state", "amount", "from", "to", "store")},
        "states": FILTERS,
        "rows": [list_row(row, by_id[row.store_id]) for row in found.rows],
        "next": _next_page(asked, found.before),
        "problem": problem,
    }
    status = 422 if problem else 200
    return render(
        request, "staff/payments.html", frame(who, store=None, operation="staff:payments") | context, status=status
    )


def _next_page(asked: QueryDict, before: UUID | None) -> str:
    if before is None:
        return ""
    query = asked.copy()
    query["before"] = str(before)
    return query.urlencode()


def _wanted(asked: QueryDict, chosen: list[StoreView]) -> records.Wanted:
    state = asked.get("state", "")
    if state not in ("", *records.STATES):
        raise NotFound
    zone = ZoneInfo(chosen[0].timezone if chosen else "UTC")
    return records.Wanted(
        text=asked.get("text", "")[:255],
        state=state,
        amount_cents=cents_of(asked.get("amount", "")) if asked.get("amount") else None,
        since=_day(asked.get("from", ""), zone),
        until=_day_after(asked.get("to", ""), zone),
        before=_uuid(asked.get("before", "")),
    )


def _day(text: str, zone: ZoneInfo) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=zone)
    except ValueError:
        raise InvalidInput("Write days as year-month-day, such as 2026-11-25.") from None


def _day_after(text: str, zone: ZoneInfo) -> datetime | None:
    day = _day(text, zone)
    try:
        return day + timedelta(days=1) if day else None
    except OverflowError:
        raise InvalidInput("That day is too far away. Choose an earlier one.") from None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound from None


@page("staff:payment")
def record(request: HttpRequest, who: Principal, payment_id: UUID) -> HttpResponse:
    """Show all we know of one payment, and what can be done with it."""
    found, store = _found(request, "staff:payment", payment_id)
    return _record(request, who, found, store)


def _found(request: HttpRequest, operation: str, payment_id: UUID) -> tuple[records.PaymentRecord, StoreView]:
    found = records.find_record(payment_id)
    store = require_store(request, operation, found.record.store_id if found else None)
    assert found is not None
    return found, store


def _record(
    request: HttpRequest,
    who: Principal,
    found: records.PaymentRecord,
    store: StoreView,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    order = selectors.find_order(store.id, found.record.order_id)
    if order is None:
        raise NotFound
    given = aftersales.given_lately(who.user_id) if who.user_id else 0
    amends = [
        shown_amends(one, store, found.record.code, answers(who, one, store, given_cents=given))
        for one in aftersales.amends_of(found.record.order_id)
    ]
    context = {
        "page": record_page(found, order, store, lines=ordering.line_ids(found.record.order_id)),
        "amends": amends,
        "causes": aftersales.CAUSES,
        "refund_key": uuid4(),
        "remake_key": uuid4(),
        "left": money(payments.left_to_refund(found.record.order_id), found.record.currency),
        "can_give": payments.left_to_refund(found.record.order_id) > 0,
        "disputed": payments.is_disputed(found.record.order_id),
        "live": any(refund.status in ("requested", "pending") for refund in found.refunds),
        "problem": problem,
    }
    around = frame(who, store=store, operation="staff:payment")
    return render(request, "staff/payment.html", around | context, status=status)


@page("staff:payment_state")
def state(request: HttpRequest, who: Principal, payment_id: UUID) -> HttpResponse:
    """Return the refunds of a payment as they stand, for HTMX."""
    found, store = _found(request, "staff:payment_state", payment_id)
    order = selectors.find_order(store.id, found.record.order_id)
    if order is None:
        raise NotFound
    context = {
        "page": record_page(found, order, store, lines=[]),
        "live": any(refund.status in ("requested", "pending") for refund in found.refunds),
    }
    return render(request, "staff/_refunds.html", context)


@page("staff:charge")
def charge(request: HttpRequest, who: Principal, payment_id: UUID) -> HttpResponse:
    """Return what the provider says of the charge right now, for HTMX; or that it does not answer."""
    _found(request, "staff:charge", payment_id)
    try:
        seen = charge_now(payment_id)
    except ProviderAway:
        return render(request, "staff/_charge.html", {"away": True, "payment_id": payment_id})
    return render(request, "staff/_charge.html", {"facts": shown_charge(seen), "payment_id": payment_id})


@page("staff:refund")
def refund(request: HttpRequest, who: Principal, payment_id: UUID) -> HttpResponse:
    """Give money back."""
    return _make_good(request, who, payment_id, "staff:refund", services.ask_refund)


@page("staff:remake")
def remake(request: HttpRequest, who: Principal, payment_id: UUID) -> HttpResponse:
    """Have drinks made again."""
    return _make_good(request, who, payment_id, "staff:remake", services.ask_remake)


def _make_good(
    request: HttpRequest, who: Principal, payment_id: UUID, operation: str, command: Command
) -> HttpResponse:
    if request.method != "POST":
        raise WrongMethod
    found, store = _found(request, operation, payment_id)
    try:
        ask = _ask(request.POST, found.record.order_id, store.id)
        command(ask=ask, by=acting(who, operation, store))
    except AppError as error:
        text = " ".join([error.message, *error.fields.values()])
        return _record(request, who, found, store, problem=text, status=error.http_status)
    return HttpResponseRedirect(reverse("staff:payment", kwargs={"payment_id": payment_id}))


def _ask(form: QueryDict, order_id: UUID, store_id: UUID) -> Ask:
    what = form.get("what", "drinks")
    drinks = {}
    for name, value in form.items():
        if name.startswith("drink-") and value not in ("", "0"):
            drinks[_form_uuid(name.removeprefix("drink-"))] = _count(str(value))
    return Ask(
        form_key=_form_uuid(form.get("form_key", "")),
        order_id=order_id,
        store_id=store_id,
        cause=form.get("cause", ""),
        note=form.get("note", ""),
        whole=what == "whole",
        drinks=drinks if what == "drinks" else None,
        amount_cents=cents_of(form.get("amount", "")) if what == "amount" else None,
        start_now=form.get("start_now") == "yes",
    )


def _form_uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InvalidInput("This form is not complete. Load the page again.") from None


def _count(text: str) -> int:
    if not text.isdecimal() or len(text) > 3:
        raise InvalidInput("A number of drinks is a whole number.")
    return int(text)


@page("staff:decide")
def decide(request: HttpRequest, who: Principal, amends_id: UUID) -> HttpResponse:
    """Say yes or no to what is above somebody's limit."""
    if request.method != "POST":
        raise WrongMethod
    store = require_store(request, "staff:decide", aftersales.store_of(amends_id))
    by: Staff = acting(who, "staff:decide", store)
    command = services.approve if request.POST.get("answer") == "yes" else services.decline
    done = command(amends_id=amends_id, by=by)
    payment_id = records.payment_of_order(done.order_id)
    return HttpResponseRedirect(reverse("staff:payment", kwargs={"payment_id": payment_id}))
