"""Jobs and schedules of payments."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from codepop.core.jobs import Lane, Urgency, periodic, task
from codepop.core.log import get_logger
from codepop.gateways.payments import Unavailable
from codepop.payments import services

log = get_logger(__name__)


@contextmanager
def _or_at_the_next_run(name: str) -> Iterator[None]:
    """Leave what a provider that is away can't answer to the schedule's next run: it is no failed job.

    The breaker tells of the outage; failed jobs are for people to look at.
    """
    try:
        yield
    except Unavailable as error:
        log.warning("put_off_to_the_next_run", task=name, reason=error.code)


@task(name="payments.cancel_intent", lane=Lane.PAYMENTS)
def cancel_intent(reference: str) -> None:
    """Make an unpaid payment unpayable at the provider."""
    services.cancel_intent(reference=UUID(reference))


@task(name="payments.run_refund", lane=Lane.PAYMENTS, urgency=Urgency.ORDER)
def run_refund(payment_id: str, reason: str) -> None:
    """Give money back."""
    services.run_refund(payment_id=UUID(payment_id), reason=reason)


@task(name="payments.delete_payer", lane=Lane.PAYMENTS)
def delete_payer(user_id: str) -> None:
    """Delete what the provider keeps of an erased person."""
    services.delete_payer(user_id=UUID(user_id))


@task(name="payments.send_evidence", lane=Lane.PAYMENTS)
def send_evidence(dispute_id: str) -> None:
    """Answer a dispute."""
    services.send_evidence(dispute_id=UUID(dispute_id))


@task(name="payments.cancel_saving", lane=Lane.PAYMENTS)
def cancel_saving(saving_id: str) -> None:
    """Have a form to save a card take no more cards at the provider."""
    services.cancel_saving(saving_id=saving_id)


@periodic("45 */10 * * * *", name="payments.cancel_old_savings", lane=Lane.PAYMENTS)
def cancel_old_savings() -> None:
    """End the forms to save a card that were left open."""
    services.cancel_old_savings()


@periodic("17 * * * *", name="payments.forget_payers")
def forget_payers() -> None:
    """Delete what the guard against card testing doesn't need any more."""
    services.forget_payers()


@periodic("29 * * * *", name="payments.read_payouts", lane=Lane.PAYMENTS)
def read_payouts() -> None:
    """Keep what the provider paid to our bank."""
    with _or_at_the_next_run("payments.read_payouts"):
        services.read_payouts()


@periodic("*/10 * * * *", name="payments.look_at_disputes", lane=Lane.PAYMENTS)
def look_at_disputes() -> None:
    """Find disputes whose messages were lost, and tell of deadlines that are near."""
    try:
        with _or_at_the_next_run("payments.look_at_disputes"):
            services.look_at_disputes()
    finally:
        services.warn_of_deadlines()


@periodic("*/20 * * * * *", name="payments.look_at_open", lane=Lane.PAYMENTS)
def look_at_open() -> None:
    """Find out what lost messages would have told."""
    services.refresh_stale()
    services.finish_cancellations()
    services.rerun_stale()


@periodic("0 */2 * * * *", name="payments.reconcile", lane=Lane.PAYMENTS)
def reconcile() -> None:
    """Compare the provider's books with ours, and make lost messages good."""
    services.reconcile()


@periodic("30 */10 * * * *", name="payments.fetch_undelivered", lane=Lane.PAYMENTS)
def fetch_undelivered() -> None:
    """Take in messages that could not be delivered to us."""
    with _or_at_the_next_run("payments.fetch_undelivered"):
        services.fetch_undelivered()
