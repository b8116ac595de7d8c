"""Jobs and schedules of payments."""

from uuid import UUID

from codepop.core.jobs import Urgency, periodic, task
from codepop.payments import services


@task(name="payments.take_message", urgency=Urgency.ORDER)
def take_message(message_id: int) -> None:
    """Apply one of the provider's messages."""
    services.take_message(message_id=message_id)


@task(name="payments.cancel_intent")
def cancel_intent(reference: str) -> None:
    """Make an unpaid payment unpayable at the provider."""
    services.cancel_intent(reference=UUID(reference))


@task(name="payments.run_refund", urgency=Urgency.ORDER)
def run_refund(payment_id: str, reason: str) -> None:
    """Give money back."""
    services.run_refund(payment_id=UUID(payment_id), reason=reason)


@periodic("*/20 * * * * *", name="payments.look_at_open")
def look_at_open() -> None:
    """Find out what lost messages would have told."""
    services.refresh_stale()
    services.rerun_stale()
    services.retry_messages()
