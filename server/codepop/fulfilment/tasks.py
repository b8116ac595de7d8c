"""Clock-driven work of fulfilment."""

from codepop.core.jobs import periodic
from codepop.fulfilment import services


@periodic("*/5 * * * * *", name="fulfilment.fail_silent_robots")
def fail_silent_robots() -> None:
    """Hand on, or refund, what robots hold that have stopped answering."""
    services.fail_silent_robots()


@periodic("*/30 * * * * *", name="fulfilment.refund_stranded")
def refund_stranded() -> None:
    """Give the money back where no robot works any more."""
    services.refund_stranded_orders()


@periodic("*/10 * * * * *", name="fulfilment.discard_overdue")
def discard_overdue() -> None:
    """Discard drinks that nobody fetched in time."""
    services.discard_overdue()
