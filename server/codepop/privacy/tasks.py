"""Jobs and schedules of privacy."""

from uuid import UUID

from codepop.core.jobs import Lane, Urgency, periodic, task
from codepop.privacy import services


@task(name="privacy.make_export", urgency=Urgency.BULK)
def make_export(export_id: str) -> None:
    """Write the file with everything about a person."""
    services.make_export(export_id=UUID(export_id))


@periodic("*/1 * * * *", name="privacy.advance_erasures", lane=Lane.PAYMENTS)
def advance_erasures() -> None:
    """Go on with the erasures that are due, and with exports whose job was lost."""
    services.advance_due()
    services.make_waiting_exports()


@periodic("13 3 * * *", name="privacy.cut")
def cut() -> None:
    """Delete what is past its time."""
    services.cut_all()
