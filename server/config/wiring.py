"""Who hears which event: the whole flow of the shop on one page.

`Inside(handler)` runs at once, in the transaction that published the event; it only touches the database.
`After(task)` becomes a job row of the same commit; it may use the network or take long.
"""

from collections.abc import Sequence

from codepop.core.events import After, Event, Inside

EVENTS: dict[type[Event], Sequence[Inside | After]] = {}
