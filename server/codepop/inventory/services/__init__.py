"""Commands on stock."""

from codepop.inventory.services.stock import (
    Amounts,
    OpeningLevel,
    consume,
    correct,
    open_levels,
    receive,
    release,
    reserve,
    return_to_hub,
    set_low_threshold,
    start_over,
    waste,
)

__all__ = [
    "Amounts",
    "OpeningLevel",
    "consume",
    "correct",
    "open_levels",
    "receive",
    "release",
    "reserve",
    "return_to_hub",
    "set_low_threshold",
    "start_over",
    "waste",
]
