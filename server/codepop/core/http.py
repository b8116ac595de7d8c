"""What all provider clients share at the bottom: they refuse to send while a transaction is open.

A row lock held while somebody else's server thinks is how shops stand still; the refusal makes it a bug
that the first test finds.
"""

from codepop.core.db import in_transaction


class NetworkInsideTransaction(RuntimeError):
    """A provider was called while the database transaction was still open."""


def refuse_in_transaction() -> None:
    """Raise NetworkInsideTransaction when this thread's transaction is open; each gateway calls it before sending."""
    if in_transaction():
        raise NetworkInsideTransaction(
            "record what you want in one transaction, call the provider, then record the answer"
        )
