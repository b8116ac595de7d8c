"""Clock-driven work of running the chain."""

from codepop.core.jobs import periodic
from codepop.ops import keys


@periodic("41 6 * * *", name="ops.remind_of_secrets")
def remind_of_secrets() -> None:
    """Say once a day which secrets are due to be changed."""
    keys.remind()
