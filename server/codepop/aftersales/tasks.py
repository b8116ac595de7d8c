"""Clock-driven work of making good."""

from codepop.aftersales import services
from codepop.core.jobs import periodic


@periodic("* * * * *", name="aftersales.run_batches")
def run_batches() -> None:
    """Go on with refunds of many orders."""
    services.run_batches()
