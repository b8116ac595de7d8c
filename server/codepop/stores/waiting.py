"""How long a drink takes at a store when nobody is before you. Pure.

The queue is not known at this level: a quote adds it and is what counts. Lists of stores show this floor.
"""

from codepop.stores.selectors import StoreView

HANDLING_SECONDS = 20
"""From paying to the robot's first movement, and from its last to a closed door."""


def ready_in_seconds(store: StoreView) -> int | None:
    """Seconds from paying to a drink behind its door with no queue; None when no robot works."""
    if store.robots_working == 0:
        return None
    return HANDLING_SECONDS + store.seconds_per_drink
