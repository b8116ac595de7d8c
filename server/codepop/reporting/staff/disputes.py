"""Disputes and what else of money needs a person."""

from datetime import UTC
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from codepop.accounts.access import Principal, require
from codepop.accounts.policy import POLICY
from codepop.aftersales import selectors as aftersales
from codepop.core.errors import AppError, NotFound
from codepop.gateways.payments import Evidence
from codepop.ordering.selectors import order_labels
from codepop.payments import attention
from codepop.payments import services as payments
from codepop.payments.attention import DisputeView, StoppedSource
from codepop.reporting import evidence, records, selectors
from codepop.reporting.figures import money
from codepop.reporting.staff import differences
from codepop.reporting.staff.desk import acting, answers, require_store, stores_for
from codepop.reporting.staff.orders import local_text
from codepop.reporting.staff.records import shown_amends
from codepop.reporting.staff.screen import frame, page
from codepop.reporting.staff.sign_in import WrongMethod
from codepop.stores.selectors import StoreView


@page("staff:attention")
def needs_you(request: HttpRequest, who: Principal) -> HttpResponse:
    """Show what of money waits for a person, in all the stores in charge."""
    mine = {store.id: store for store in stores_for(who, "staff:attention")}
    waiting = aftersales.waiting(mine)
    given = aftersales.given_lately(who.user_id) if who.user_id else 0
    labels = order_labels([one.order_id for one in waiting])
    context = {
        "amends": [
            shown_amends(
                one,
                mine[one.store_id],
                labels[one.order_id].code,
                answers(who, one, mine[one.store_id], given_cents=given),
            )
            for one in waiting
        ],
        "disputes": [_row(one, mine[one.store_id]) for one in attention.disputes(mine, open_only=True)],
        "refunds": [
            {
                "payment_id": one.payment_id,
                "store": mine[one.store_id].name,
                "amount": money(one.amount_cents, one.currency),
                "why": one.failure_code.replace("_", " "),
                "at": local_text(one.settled_at, mine[one.store_id]),
            }
            for one in attention.failed_refunds(mine)
        ],
        "differences": differences.shown_differences(who),
        "messages": differences.shown_messages(who),
        "closes": any(grant.role in POLICY["staff:difference"].roles for grant in who.grants),
        "sources": [
            _source(one, mine.get(one.store_id) if one.store_id else None)
            for one in attention.stopped_sources(mine, chain=differences.whole_chain(who, "staff:seen"))
        ],
    }
    return render(request, "staff/attention.html", frame(who, store=None, operation="staff:attention") | context)


def _source(one: StoppedSource, store: StoreView | None) -> dict[str, object]:
    """A source that only saved cards belongs to no store, whose clock could be used."""
    at = local_text(one.last_at, store) if store else f"{one.last_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return {"one": one, "store": store.name if store else "no store: while saving cards", "at": at}


@page("staff:seen")
def seen(request: HttpRequest, who: Principal, alert_id: UUID) -> HttpResponse:
    """Note that somebody looked at an alert."""
    if request.method != "POST":
        raise WrongMethod
    found = attention.find_alert(alert_id)
    if found is None or found[1]:
        require_store(request, "staff:seen", found[1] if found else None)
    else:
        require(request, "staff:seen")
    payments.acknowledge_alert(alert_id=alert_id)
    return HttpResponseRedirect(reverse("staff:attention"))


@page("staff:disputes")
def disputes(request: HttpRequest, who: Principal) -> HttpResponse:
    """List disputes: open ones by their deadline, then the latest that ended."""
    mine = {store.id: store for store in stores_for(who, "staff:disputes")}
    rows = [_row(one, mine[one.store_id]) for one in attention.disputes(mine)]
    return render(request, "staff/disputes.html", frame(who, store=None, operation="staff:disputes") | {"rows": rows})


def _row(one: DisputeView, store: StoreView) -> dict[str, object]:
    return {
        "one": one,
        "store": store.name,
        "amount": money(one.amount_cents, one.currency),
        "opened": local_text(one.opened_at, store),
        "due": local_text(one.due_at, store),
        "look": {"won": "ok", "lost": "bad", "needs_response": "warn"}.get(one.state, ""),
    }


@page("staff:dispute")
def dispute(request: HttpRequest, who: Principal, dispute_id: UUID) -> HttpResponse:
    """Show a dispute with the evidence that was sent, before that with what our own records give."""
    found, store = _found(request, "staff:dispute", dispute_id)
    return _page(request, who, found, store)


def _found(request: HttpRequest, operation: str, dispute_id: UUID) -> tuple[DisputeView, StoreView]:
    found = attention.find_dispute(dispute_id)
    store = require_store(request, operation, found.store_id if found else None)
    assert found is not None
    return found, store


def _page(
    request: HttpRequest,
    who: Principal,
    found: DisputeView,
    store: StoreView,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    pack = _pack(found, store)
    sent = attention.fixed_evidence(found.id) if found.evidence in ("sending", "sent") else None
    context = _row(found, store) | {
        "warnings": pack.warnings if found.answerable else (),
        "sent": sent is not None,
        "sent_at": local_text(found.evidence_at, store, seconds=True),
        "parts": _parts(sent or pack.evidence),
        "problem": problem,
    }
    around = frame(who, store=store, operation="staff:dispute")
    return render(request, "staff/dispute.html", around | context | {"store": store}, status=status)


def _parts(shown: Evidence) -> list[tuple[str, str]]:
    return [
        ("What was sold", shown.product),
        ("Delivered on", shown.served_on),
        ("What happened, by our machines", shown.activity),
        ("Our answer", shown.refusal),
        ("Refund policy", shown.refund_policy),
        ("Receipt", shown.summary),
    ]


def _pack(found: DisputeView, store: StoreView) -> evidence.Pack:
    record = records.find_record(found.payment_id)
    order = selectors.find_order(store.id, found.order_id)
    if record is None or order is None:
        raise NotFound
    return evidence.make_pack(record, order, store)


@page("staff:answer")
def answer(request: HttpRequest, who: Principal, dispute_id: UUID) -> HttpResponse:
    """Send the evidence to the bank; once."""
    if request.method != "POST":
        raise WrongMethod
    found, store = _found(request, "staff:answer", dispute_id)
    by = acting(who, "staff:answer", store)
    try:
        payments.ask_for_evidence(dispute_id=found.id, evidence=_pack(found, store).evidence, actor=by.actor)
    except AppError as error:
        return _page(request, who, found, store, problem=error.message, status=error.http_status)
    return HttpResponseRedirect(reverse("staff:dispute", kwargs={"dispute_id": dispute_id}))
