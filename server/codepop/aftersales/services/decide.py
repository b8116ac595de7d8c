"""The second person's yes or no to what was above the first one's limit."""

from collections.abc import Callable
from uuid import UUID

from codepop.aftersales.errors import AlreadyDecided, NeedsAnother
from codepop.aftersales.limits import Staff
from codepop.aftersales.models import Amends, Kind, State
from codepop.aftersales.selectors import reaches
from codepop.aftersales.services.refunds import grant, hold_day, hold_with_remakes
from codepop.aftersales.services.remakes import check_still_owed
from codepop.core.audit import record_audit
from codepop.core.db import transaction, transaction_required
from codepop.core.errors import NotFound
from codepop.core.log import get_logger
from codepop.kit.clock import now
from codepop.ordering import services as ordering

log = get_logger(__name__)


def approve(*, amends_id: UUID, by: Staff) -> Amends:
    """Carry out what waits. Raises NotFound, AlreadyDecided, NeedsAnother, and what the order refuses meanwhile."""

    def say_yes(amends: Amends) -> None:
        if not reaches(by, amount_cents=amends.amount_cents):
            raise NeedsAnother
        if amends.kind == Kind.REMAKE:
            check_still_owed(amends)
        grant(amends, by)

    return _decide(amends_id, by, say_yes)


def decline(*, amends_id: UUID, by: Staff) -> Amends:
    """Turn down what waits: its drinks and its amount are free again. Raises NotFound, AlreadyDecided, NeedsAnother."""

    def say_no(amends: Amends) -> None:
        amends.state = State.DECLINED
        amends.save(update_fields=["state"])

    return _decide(amends_id, by, say_no)


def _decide(amends_id: UUID, by: Staff, act: Callable[[Amends], None]) -> Amends:
    with transaction():
        amends = _locked(amends_id, by)
        if amends.state != State.WAITING:
            raise AlreadyDecided
        if amends.asked_by_id == by.user_id:
            raise NeedsAnother
        amends.decided_by_id, amends.decided_at = by.user_id, now()
        amends.save(update_fields=["decided_by", "decided_at"])
        act(amends)
        record_audit(
            actor=by.actor,
            action=f"{amends.kind}.{'decline' if amends.state == State.DECLINED else 'approve'}",
            subject=f"order:{amends.order_id} {amends.amount_cents} {amends.currency}",
            note=amends.cause,
            where=amends.store_id,
        )
        log.info("amends_decided", amends=str(amends.id), state=str(amends.state), by=str(by.user_id))
        return amends


@transaction_required
def _locked(amends_id: UUID, by: Staff) -> Amends:
    """Lock in the sequence of `begin`: the person's day, the order, then the row."""
    hold_day(by.user_id)
    found = Amends.objects.filter(id=amends_id).first()
    if found is None:
        raise NotFound
    if found.whole:
        hold_with_remakes(found.order_id)
    else:
        ordering.hold_order(order_id=found.order_id)
    return Amends.objects.select_for_update(no_key=True).get(id=amends_id)
