"""Jobs and schedules of notifications."""

from uuid import UUID

from codepop.core.jobs import Lane, Urgency, periodic, task
from codepop.notifications import services


@task(name="notifications.deliver", lane=Lane.MAIL, urgency=Urgency.ORDER)
def deliver(message_id: str) -> None:
    """Send one message at once; when that fails its row waits for `deliver_due`."""
    services.deliver(message_id=UUID(message_id))


@periodic("*/5 * * * * *", name="notifications.deliver_due", lane=Lane.MAIL)
def deliver_due() -> None:
    """Send what waits, the most urgent first."""
    services.deliver_due()


@periodic("30 * * * * *", name="notifications.watch")
def watch() -> None:
    """Open or close the alerts about mail."""
    services.watch()


@task(name="notifications.start_campaign", urgency=Urgency.BULK)
def start_campaign(campaign_id: str) -> None:
    """Queue a campaign for everybody who wants news."""
    services.queue_campaign(campaign_id=UUID(campaign_id))
