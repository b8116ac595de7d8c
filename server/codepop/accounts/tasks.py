"""Clock-driven work on people."""

from codepop.accounts import services
from codepop.core.jobs import periodic
from codepop.core.sessions import forget_sessions
from codepop.kit.clock import now


@periodic("17 * * * *", name="accounts.tidy")
def tidy() -> None:
    """Delete what is over: sessions with the devices they were on, tries that count no more."""
    forget_sessions(now())
    services.forget_old_tries()
