"""Payouts: read from the provider, kept with the single movements they are made of, each joined to its payment."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from codepop.core.db import transaction
from codepop.core.log import get_logger
from codepop.gateways.payments import PayoutMovement, ProviderPayout
from codepop.gateways.payments.stripe import gateway
from codepop.kit.clock import now
from codepop.payments.models import Dispute, Payment, Payout, PayoutLine, Refund

log = get_logger(__name__)

LOOK_BACK: Final = timedelta(days=14)
"""A payout may fail days after it was made, and then looks different."""


def read_payouts() -> int:
    """Take in the payouts of the last two weeks with their movements; returns how many are new or changed.

    May be repeated and run twice at once: rows are joined by the provider's ids. Raises Unavailable.
    """
    known = dict(Payout.objects.filter(complete=True).values_list("provider_payout_id", "status"))
    changed = [one for one in gateway().list_payouts(since=now() - LOOK_BACK) if known.get(one.id) != one.status]
    for one in changed:
        _store(one, gateway().list_payout_movements(payout_id=one.id))
    return len(changed)


def _store(payout: ProviderPayout, movements: Sequence[PayoutMovement]) -> None:
    complete = sum(one.net_cents for one in movements) == payout.amount_cents
    if not complete:
        log.warning("payout_incomplete", payout=payout.id, movements=len(movements))
    owners = _owners(movements)
    with transaction():
        row, _ = Payout.objects.update_or_create(
            provider_payout_id=payout.id,
            defaults={
                "status": payout.status[:20],
                "amount_cents": payout.amount_cents,
                "currency": payout.currency,
                "arrives_on": payout.arrives_on,
                "paid_at": payout.created_at,
                "complete": complete,
            },
        )
        PayoutLine.objects.bulk_create(
            [_line(row, one, owners.get(one.source)) for one in movements],
            update_conflicts=True,
            unique_fields=["provider_id"],
            update_fields=["payment", "store"],
        )


def _line(payout: Payout, movement: PayoutMovement, owner: tuple[UUID, UUID] | None) -> PayoutLine:
    payment_id, store_id = owner or (None, None)
    return PayoutLine(
        payout=payout,
        provider_id=movement.id,
        kind=movement.kind[:40],
        source=movement.source,
        payment_id=payment_id,
        store_id=store_id,
        amount_cents=movement.amount_cents,
        fee_cents=movement.fee_cents,
        net_cents=movement.net_cents,
        moved_at=movement.created_at,
    )


def _owners(movements: Sequence[PayoutMovement]) -> Mapping[str, tuple[UUID, UUID]]:
    """Return payment and store of each charge, refund and dispute that is ours, by its id at the provider."""
    sources = [one.source for one in movements if one.source]
    charges = Payment.objects.filter(last_charge_id__in=sources).values_list("last_charge_id", "id", "store_id")
    refunds = Refund.objects.filter(provider_refund_id__in=sources)
    disputes = Dispute.objects.filter(provider_dispute_id__in=sources)
    found = {str(source): (payment, store) for source, payment, store in charges}
    for source, payment, store in refunds.values_list("provider_refund_id", "payment_id", "payment__store_id"):
        found[str(source)] = (payment, store)
    for source, payment, store in disputes.values_list("provider_dispute_id", "payment_id", "payment__store_id"):
        found[str(source)] = (payment, store)
    return found
