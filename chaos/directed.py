"""Histories made on purpose: every point at which a process can die, and the matrix's cells that chance left out."""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from chaos.history import Tally
from chaos.matrix import Cell, cells
from chaos.settle import play
from chaos.shrink import Failure
from chaos.steps import Step
from chaos.world import World

MOST_POINTS = 40
MOST_STATEMENTS = 60

_ORDERED = [Step("quote"), Step("place")]
_PAYABLE = [*_ORDERED, Step("intent")]
_PAID = [*_PAYABLE, Step("confirm", 0, "good")]
_TOLD = [*_PAID, Step("message", 0, "all")]
_BOOKED = [*_TOLD, Step("job")]
_QUEUED = [*_BOOKED, Step("pickup", 0, "now")]
_CLAIMED = [*_QUEUED, Step("claim")]
_READY = [*_CLAIMED, Step("robot", 0, "loaded")]
_FETCHED = [*_READY, Step("door"), Step("opened")]
_REMADE = [*_FETCHED, Step("staff_remake", 0, "now")]
_JAMMED = [Step("claim"), Step("robot", 0, "jam"), Step("robot", 0, "well")]
_CANCELLED = [*_BOOKED, Step("cancel")]
_REFUNDED = [*_CANCELLED, Step("job")]
_REFUND_TOLD = [*_REFUNDED, Step("message", 0, "all")]
_SAID = [Step("message", 0, "all"), Step("job")]

SCENES: dict[str, tuple[int, list[Step], Step]] = {
    "quote": (1, [], Step("quote")),
    "place": (2, [Step("quote")], Step("place")),
    "create intent": (3, _ORDERED, Step("intent")),
    "webhook": (7, _PAID, Step("message", 0, "next")),
    "take message": (8, _TOLD, Step("job")),
    "refresh": (15, _PAID, Step("refresh")),
    "look at open": (15, [*_PAID, Step("tick", 0, "70")], Step("sweep", 0, "look_at_open")),
    "expire": (15, [*_PAYABLE, Step("tick", 0, "1000")], Step("sweep", 0, "expire_stale")),
    "expire a paid one": (15, [*_PAID, Step("tick", 0, "1000")], Step("sweep", 0, "expire_stale")),
    "reconcile": (15, _PAID, Step("sweep", 0, "reconcile")),
    "claim": (10, _QUEUED, Step("claim")),
    "loaded": (10, _CLAIMED, Step("robot", 0, "loaded")),
    "jam": (10, _CLAIMED, Step("robot", 0, "jam")),
    "open door": (0, _READY, Step("door")),
    "opened": (0, [*_READY, Step("door")], Step("opened")),
    "cancel unpaid": (11, _PAYABLE, Step("cancel")),
    "cancel paid": (11, _BOOKED, Step("cancel")),
    "cancel intent": (11, [*_PAYABLE, Step("cancel")], Step("job")),
    "refund": (12, _CANCELLED, Step("job")),
    "refund webhook": (14, _REFUNDED, Step("message", 0, "next")),
    "take refund message": (14, _REFUND_TOLD, Step("job")),
    "remake": (10, _FETCHED, Step("staff_remake", 0, "now")),
    "remake fails": (
        10,
        [*_REMADE, *_JAMMED, *_JAMMED, Step("claim")],
        Step("robot", 0, "jam"),
    ),
    "hand refund message": (14, [*_BOOKED, Step("hand_refund", 0, "part"), Step("message", 0, "all")], Step("job")),
}
"""Name -> the matrix's step (0: none of its own), how to get there, and the step that a fault then strikes."""


@dataclass(frozen=True)
class Directed:
    """Plays histories made on purpose, as long as `goes_on` says so."""

    world: World
    tally: Tally
    failures: list[Failure]
    goes_on: Callable[[], bool]

    def crash_points(self, scenes: Sequence[str], found: dict[str, int]) -> None:
        """Let the process die once at each point of each of these scenes; `found` gets how many points each has."""
        for name in scenes:
            _, before, step = SCENES[name]
            for point in range(MOST_POINTS):
                struck = self.tally.struck["crash"]
                if not self._play(f"crash-{name}-{point}", [*before, _with(step, f"crash:{point}")]):
                    return
                if self.tally.struck["crash"] == struck:
                    break
                found[name] = point + 1

    def missing(self, *, part: tuple[int, int]) -> None:
        """Play histories until each cell of this share was visited, or none that is known gets there."""
        number, workers = part
        # Shared out by the whole list: each worker's own missing ones would leave cells to nobody.
        for cell in cells()[number::workers]:
            passed_by = ""
            for way, (scene, steps) in enumerate(_ways_to(cell)):
                if self.tally.coverage[cell]:
                    break
                if scene and scene == passed_by:
                    continue
                struck = self.tally.struck.total()
                if not self._play(f"cell-{cell[0]}-{cell[1]}-{way}", steps):
                    return
                if self.tally.struck.total() == struck:  # the scene's step has no such place, nor any after it
                    passed_by = scene

    def _play(self, name: str, steps: Sequence[Step]) -> bool:
        """Play one, unless the run is to end."""
        if not self.goes_on():
            return False
        verdict = play(self.world, name, steps, self.tally)
        if verdict.wrong:
            print(f"· {name}: {verdict.wrong[0]}", file=sys.stderr, flush=True)
            self.failures.append(Failure(name, verdict.wrong, [], [str(step) for step in steps], verdict.trace))
        return True


def _with(step: Step, fault: str) -> Step:
    return Step(step.kind, step.who, step.how, fault)


def _ways_to(cell: Cell) -> Iterator[tuple[str, list[Step]]]:
    """Yield what may visit a cell: a scene with the fault at each place in turn, or ("", what is made for it)."""
    number, fault = cell
    if fault in _MADE:
        yield from (("", steps) for steps in _MADE[fault])
        return
    scene_number = {4: 3, 13: 12}.get(number, number)
    for scene, (its_number, before, step) in SCENES.items():
        if its_number == scene_number:
            for text in _texts(fault):
                yield scene, [*before, _with(step, text)]


def _texts(fault: str) -> Iterator[str]:
    """Return the faults of a column, in every place they can strike."""
    if fault.startswith("crash_"):
        yield from (f"crash:{point}" for point in range(MOST_POINTS))
    elif fault.startswith("commit_"):
        yield from (f"commit:{fault.removeprefix('commit_')}:{nth}" for nth in range(6))
    elif fault in ("restart", "deadlock", "serialization", "disk_full"):
        yield from (f"sql:{fault}:{nth}" for nth in range(MOST_STATEMENTS))
    elif fault == "full":
        yield "sql:full:0"
    else:
        yield f"stripe:{fault}"


def _message(how: str) -> list[list[Step]]:
    return [[*_PAID, Step("message", 0, how)], [*_REFUNDED, Step("message", 0, how)]]


_MADE: dict[str, list[list[Step]]] = {
    **{how: _message(how) for how in ("double", "backwards", "lost", "late")},
    **{
        how: [[*_PAID, Step("message", 0, how)]]
        for how in ("forged", "old", "future", "other_secret", "unknown", "huge", "stranger")
    },
    "wrong_account": [[*_PAID, Step("message", 0, "stranger")]],
    "again": [
        [*_ORDERED, Step("place", 0, "again")],
        [*_PAYABLE, Step("intent", 0, "again")],
        [*_PAYABLE, Step("confirm", 0, "good", "again")],
        [*_CANCELLED, Step("cancel", 0, "again")],
    ],
    "tabs": [
        [Step("quote"), Step("place", 0, "tabs")],
        [*_ORDERED, Step("intent", 0, "", "race:intent:2")],
        [*_PAYABLE, Step("confirm", 0, "good", "tabs")],
    ],
    "other_payload": [[*_ORDERED, Step("place", 0, "other")]],
    "key_expired": [
        [
            Step("quote", 2),
            Step("place", 2),
            Step("intent", 2, "", f"stripe:{kind}"),
            Step("tick", 0, "90000"),
            Step("intent", 2),
        ]
        for kind in ("hang_up_after", "stored_500", "stored_before")
    ],
    "before_row": [
        *(
            [
                Step("quote", 2),
                Step("place", 2),
                Step("intent", 2, "", f"crash:{point}"),
                Step("confirm", 2, "stray"),
                *_SAID,
            ]
            for point in range(2, 8)
        ),
        [*_PAID, Step("hand_refund", 0, "part"), Step("message", 0, "backwards"), Step("job"), Step("job")],
        [*_PAID, Step("hand_refund", 0, "part"), Step("message", 0, "shuffled"), Step("job"), Step("job")],
    ],
    "skew": [[*_PAID, Step("shop", 0, "skew"), *_SAID, Step("tick", 0, "70"), Step("sweep", 0, "look_at_open")]],
    "jump": [
        [Step("quote"), Step("tick", 0, "1000"), Step("place")],
        [Step("tick", 0, "2000"), *_BOOKED, Step("pickup", 0, "now"), Step("claim"), Step("refresh")],
    ],
    **{
        column: [
            [Step("quote"), Step("shop", 0, how), Step("place")],
            [*_ORDERED, Step("shop", 0, how), Step("intent")],
        ]
        for column, how in (("dearer", "dearer"), ("paused", "pause"), ("sold_out", "empty"))
    },
    "cancel_meets_start": [
        *([*_QUEUED, Step("claim", 0, "", f"race:cancel:{point}")] for point in range(4)),
        *([*_QUEUED, Step("cancel", 0, "", f"race:claim:{point}")] for point in range(6)),
    ],
    "two_cancel": [[*_QUEUED, Step("cancel", 0, "", f"race:cancel:{point}"), Step("job")] for point in range(6)],
    "part_and_whole": [
        [*_CLAIMED, Step("staff_refund", 0, "part"), Step("staff_refund", 0, "whole"), Step("job"), Step("job")]
    ],
    "dispute": [[*_PAYABLE, Step("confirm", 0, "dispute"), *_SAID, Step("cancel"), Step("job"), *_SAID]],
    "paid_too_late": [
        [*_PAYABLE, Step("cancel"), Step("confirm", 0, "good"), *_SAID, Step("job")],
        [*_PAID, Step("cancel"), Step("job"), *_SAID],
    ],
    "two_at_once": [
        [*_PAID, Step("tick", 0, "70"), Step("sweep", 0, "look_at_open", f"race:sweep_look:{point}")]
        for point in range(6)
    ],
    "meets_webhook": [
        [*_PAID, Step("tick", 0, "70"), Step("sweep", 0, "look_at_open", f"race:message:{point}")] for point in range(6)
    ],
}
"""Columns that no fault of one step makes, and what does."""
