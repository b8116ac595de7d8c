"""A failing history made as short as it can be: steps are left out as long as the same invariant still breaks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chaos.history import Tally, Verdict
from chaos.settle import play
from chaos.steps import Step
from chaos.world import World

MOST_TRIES = 80


@dataclass(frozen=True)
class Failure:
    """What went wrong, and the fewest steps that show it, with their numbers in the history of the seed."""

    seed: str
    wrong: list[str]
    kept: list[int]
    steps: list[str]
    trace: list[str]

    @property
    def command(self) -> str:
        """Return what replays it."""
        return f"./run chaos --replay {self.seed}:{','.join(map(str, self.kept))}"

    def as_json(self) -> dict[str, Any]:
        """Return the report's words."""
        return {
            "seed": self.seed,
            "violations": self.wrong,
            "steps": self.steps,
            "trace": self.trace,
            "replay": self.command if self.kept else "",
        }


def names_of(wrong: Sequence[str]) -> set[str]:
    """Return the invariants that a verdict names."""
    return {line.partition(":")[0] for line in wrong}


def shrunk(world: World, seed: str, steps: Sequence[Step], verdict: Verdict, *, most_tries: int) -> Failure:
    """Shrink by delta debugging: leave out ever smaller pieces while one of the same invariants still breaks."""
    wanted = names_of(verdict.wrong)
    end = len(steps) if verdict.at is None else min(verdict.at + 1, len(steps))
    kept, best = list(range(end)), verdict
    tries, size = 0, max(1, end // 2)
    while size and tries < most_tries:
        at = 0
        while at < len(kept) and tries < most_tries:
            fewer = kept[:at] + kept[at + size :]
            tries += 1
            found = play(world, seed, [steps[number] for number in fewer], Tally())
            if names_of(found.wrong) & wanted:
                kept, best = fewer, found
            else:
                at += size
        size //= 2
    return Failure(seed, best.wrong, kept, [str(steps[number]) for number in kept], best.trace)
