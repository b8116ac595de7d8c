"""Money back for many orders at once: planned, started by somebody whose limit reaches that far, resumed until done.

Urgent ones start at once; the others go in the store's night, so that customers' own refunds never wait behind them
(C31). Either way only so many a minute: Stripe allows 25 requests a second on one endpoint, and checkouts need them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from codepop.aftersales.errors import AlreadyDecided, AskInvalid, FormUsed, NeedsAnother
from codepop.aftersales.limits import Staff
from codepop.aftersales.models import Batch, BatchItem, BatchState, Cause
from codepop.aftersales.selectors import reaches
from codepop.aftersales.services.refunds import hold_day, hold_with_remakes, withdraw_remakes
from codepop.core.audit import record_audit
from codepop.core.db import transaction
from codepop.core.errors import AppError, NotFound
from codepop.core.log import get_logger
from codepop.kit.clock import now
from codepop.ordering import services as ordering
from codepop.ordering.errors import RemakeUnderWay
from codepop.ordering.selectors import sold_between
from codepop.stores.selectors import get_store

log = get_logger(__name__)

A_MINUTE: Final = 60
"""Refunds that all batches together ask for in a minute."""

NIGHT: Final = range(1, 5)
"""Hours of the store's own clock in which batches that are not urgent go."""

LONGEST: Final = timedelta(days=7)
GIVEN: Final = "given"


@dataclass(frozen=True)
class BatchAsk:
    """Which orders: those of a store placed from `since` until `until`."""

    form_key: UUID
    store_id: UUID
    since: datetime
    until: datetime
    cause: str
    urgent: bool


def plan_batch(*, ask: BatchAsk, by: Staff) -> Batch:
    """Fix the orders that a batch is about; nothing moves until it is started. The same form gives the same batch.

    Raises AskInvalid, also when nothing was sold in that time, and FormUsed for a used form with something else in it.
    """
    if ask.cause not in Cause.values:
        raise AskInvalid(fields={"cause": "Choose a reason from the list."})
    if not timedelta(0) < ask.until - ask.since <= LONGEST:
        raise AskInvalid(fields={"until": f"The end comes after the start, at most {LONGEST.days} days."})
    store = get_store(ask.store_id)
    with transaction():
        if found := Batch.objects.filter(form_key=ask.form_key).first():
            return _planned_before(found, ask)
        sold = sold_between(store.id, since=ask.since, until=ask.until)
        if not sold:
            raise AskInvalid(fields={"since": "Nothing was sold in that time."})
        batch = Batch(
            form_key=ask.form_key,
            store_id=store.id,
            since=ask.since,
            until=ask.until,
            cause=ask.cause,
            urgent=ask.urgent,
            total_cents=sum(cents for _, cents in sold),
            currency=store.currency,
            asked_by_id=by.user_id,
        )
        Batch.objects.bulk_create([batch], ignore_conflicts=True)
        kept = Batch.objects.get(form_key=ask.form_key)
        if kept.id != batch.id:  # the same form, sent at the same moment, was first
            return _planned_before(kept, ask)
        BatchItem.objects.bulk_create([BatchItem(batch=batch, order_id=order_id) for order_id, _ in sold])
        _audit(batch, "plan", by)
        return batch


def _planned_before(found: Batch, ask: BatchAsk) -> Batch:
    was = (found.store_id, found.since, found.until, found.cause, found.urgent)
    if was != (ask.store_id, ask.since, ask.until, ask.cause, ask.urgent):
        raise FormUsed
    return found


def start_batch(*, batch_id: UUID, by: Staff) -> Batch:
    """Let a planned or stopped batch go. Raises NotFound, AlreadyDecided, NeedsAnother above the person's limit."""
    with transaction():
        hold_day(by.user_id)
        batch = _locked(batch_id)
        if batch.state not in (BatchState.PLANNED, BatchState.STOPPED):
            raise AlreadyDecided
        if not reaches(by, amount_cents=batch.total_cents, but=batch.id):
            raise NeedsAnother
        batch.state, batch.started_by_id, batch.started_at = BatchState.RUNNING, by.user_id, now()
        batch.save(update_fields=["state", "started_by", "started_at"])
        log.warning("batch_started", batch=str(batch.id), by=str(by.user_id), cents=batch.total_cents)
        _audit(batch, "start", by)
        return batch


def stop_batch(*, batch_id: UUID, by: Staff) -> Batch:
    """Stop a batch: what was given stays given. Raises NotFound, AlreadyDecided."""
    with transaction():
        batch = _locked(batch_id)
        if batch.state not in (BatchState.PLANNED, BatchState.RUNNING):
            raise AlreadyDecided
        batch.state = BatchState.STOPPED
        batch.save(update_fields=["state"])
        log.warning("batch_stopped", batch=str(batch.id), by=str(by.user_id))
        _audit(batch, "stop", by)
        return batch


def _audit(batch: Batch, did: str, by: Staff) -> None:
    record_audit(
        actor=by.actor,
        action=f"batch.{did}",
        subject=f"batch:{batch.id} {batch.total_cents} {batch.currency}",
        note=batch.cause,
        where=batch.store_id,
    )


def _locked(batch_id: UUID) -> Batch:
    batch = Batch.objects.select_for_update(no_key=True).filter(id=batch_id).first()
    if batch is None:
        raise NotFound
    return batch


def run_batches() -> int:
    """Give back a minute's worth of the batches whose time it is, urgent ones first; returns how many orders.

    Each order is its own commit, so a crash resumes where it was; two runs at once share the work.
    """
    left = A_MINUTE
    for batch in Batch.objects.filter(state=BatchState.RUNNING).order_by("-urgent", "started_at"):
        if left and (batch.urgent or is_night(batch.store_id)):
            left -= _run(batch, left)
    return A_MINUTE - left


def is_night(store_id: UUID) -> bool:
    """Say whether it is night at a store."""
    return now().astimezone(ZoneInfo(get_store(store_id).timezone)).hour in NIGHT


def _run(batch: Batch, most: int) -> int:
    ids = list(batch.items.filter(outcome="").order_by("id").values_list("id", flat=True)[:most])
    done = sum(_give(batch, item_id) for item_id in ids)
    with transaction():
        row = _locked(batch.id)
        if row.state == BatchState.RUNNING and not row.items.filter(outcome="").exists():
            row.state, row.ended_at = BatchState.DONE, now()
            row.save(update_fields=["state", "ended_at"])
            log.info("batch_done", batch=str(batch.id))
    return done


def _give(batch: Batch, item_id: int) -> bool:
    """Give one order's money back, unless another run has it or the batch was stopped; a refusal is kept with it.

    While a robot makes its drinks again, an order waits for a later run.
    """
    try:
        with transaction():
            item = _open_item(item_id)
            if item is None:
                return False
            who = f"batch:{batch.id}"
            hold_with_remakes(item.order_id)
            withdraw_remakes(item.order_id, actor=who)
            ordering.give_back(order_id=item.order_id, amount_cents=None, reason=who, actor=who)
            _close(item, GIVEN)
    except AppError as refusal:
        if refusal.http_status >= 500 or isinstance(refusal, RemakeUnderWay):
            return False
        with transaction():
            if item := _open_item(item_id):
                _close(item, refusal.code)
    return True


def _open_item(item_id: int) -> BatchItem | None:
    items = BatchItem.objects.select_for_update(skip_locked=True, of=("self",))
    return items.filter(id=item_id, outcome="", batch__state=BatchState.RUNNING).first()


def _close(item: BatchItem, outcome: str) -> None:
    item.outcome, item.done_at = outcome[:30], now()
    item.save(update_fields=["outcome", "done_at"])
