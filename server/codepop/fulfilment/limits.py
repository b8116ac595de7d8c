"""The numbers fulfilment runs on, each with its reason."""

from datetime import timedelta

from django.conf import settings

LEASE = timedelta(seconds=30)
"""A working robot reports every few seconds; half a minute of silence is no hiccup of the network any more."""

PROBE = timedelta(seconds=10)
"""After the lease the store is woken and has this long to deliver what its devices kept: longer than their back-off."""

STORE_AWAY_LIMIT = timedelta(minutes=10)
"""How long an order waits for a store that is cut off altogether before it counts as not made."""

DISCARD_AWAY_LIMIT = timedelta(hours=2)
"""How long an overdue drink of a store that is cut off stays valid: it may have been fetched by its offline code."""

MAX_ATTEMPTS = 3
"""Robots that may try one order; after that the customer's money is worth more than another try."""

STRANDED = timedelta(minutes=15)
"""How long an order waits in a store in which no robot works or speaks, before its money goes back."""

OPEN_COMMAND = timedelta(seconds=60)
"""A door opens while its person stands there, or not at all."""

WRONG_CODES = 5
LOCK_OUT = timedelta(minutes=15)


def pickup_time() -> timedelta:
    """Return how long a drink waits behind its door (DOM-27): PICKUP_SECONDS of the settings, 30 minutes by default."""
    return timedelta(seconds=getattr(settings, "PICKUP_SECONDS", 1800))
