"""One worker's share of a run: sets Django up on its stage, plays histories, shrinks what fails, reports as JSON."""

import argparse
import json
import resource
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import django

django.setup()

from chaos.directed import SCENES, Directed  # noqa: E402 - models need Django to be set up
from chaos.history import Tally  # noqa: E402
from chaos.settle import play  # noqa: E402
from chaos.shrink import MOST_TRIES, Failure, shrunk  # noqa: E402
from chaos.steps import history  # noqa: E402
from chaos.world import World, opened  # noqa: E402

MOST_FAILURES = 5
"""A run that fails so often has said enough; the rest is left out."""


PROGRESS_SECONDS = 5
_WHO = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


@dataclass
class Share:
    """What one worker has played so far; written down now and then, so that a run that is stopped has a verdict."""

    answer: Path
    tally: Tally = field(default_factory=Tally)
    failures: list[Failure] = field(default_factory=list)
    crashes: dict[str, int] = field(default_factory=dict)
    drawn: int = 0
    """How many of the histories that were asked for, without the directed ones."""
    last: dict[str, str] = field(default_factory=dict)
    """Seed and trace of the last history, which a replay must meet."""
    stopping: bool = False
    complete: bool = False
    _written_at: float = field(default_factory=time.monotonic)

    def stop(self, *_signal: object) -> None:
        """End after the present history, as a signal asks."""
        self.stopping = True

    def goes_on(self) -> bool:
        """Say whether to play another history, and keep what there is."""
        if time.monotonic() - self._written_at > PROGRESS_SECONDS:
            self._written_at = time.monotonic()
            self.write()
        return not self.stopping and len(self.failures) < MOST_FAILURES

    def write(self) -> None:
        """Write the report as it stands, at once whole."""
        new = self.answer.with_suffix(".new")
        new.write_text(json.dumps(_report(self)))
        new.replace(self.answer)


def replay(world: World, words: str) -> dict[str, Any]:
    """Play one history, or those of its steps that are named, and show each step."""
    seed, _, chosen = words.partition(":")
    steps = history(seed)
    if chosen:
        steps = [steps[int(one)] for one in chosen.split(",")]
    verdict = play(world, seed, steps, Tally())
    lines = [f"{number:>3}  {line}" for number, line in enumerate(verdict.trace)]
    lines += [f"  ✗ {line}" for line in verdict.wrong] or ["  ✓ all invariants hold"]
    return {"shown": "\n".join([*lines, f"trace {verdict.digest}"]), "wrong": verdict.wrong, "digest": verdict.digest}


def play_share(world: World, given: argparse.Namespace, share: Share) -> None:
    """Play every so many-th history of the run, and the directed ones of this share."""
    number, workers = map(int, given.part.split("/"))
    for one in range(number, given.histories, workers):
        if not share.goes_on():
            break
        seed = f"{given.seed}-{one}"
        steps = history(seed)
        verdict = play(world, seed, steps, share.tally)
        share.drawn += 1
        share.last = {seed: verdict.digest}
        if verdict.wrong:
            print(f"· seed {seed}: {verdict.wrong[0]}", file=sys.stderr, flush=True)
            share.failures.append(shrunk(world, seed, steps, verdict, most_tries=given.shrink))
    directed = Directed(world, share.tally, share.failures, share.goes_on)
    if given.scenes:
        scenes = list(SCENES) if given.scenes == "all" else given.scenes.split(",")
        directed.crash_points(scenes[number::workers], share.crashes)
    if given.directed:
        directed.missing(part=(number, workers))
    share.complete = share.goes_on()


def _report(share: Share) -> dict[str, Any]:
    tally = share.tally
    return {
        "complete": share.complete,
        "drawn": share.drawn,
        "last": share.last,
        "longest_step": max(tally.limit.longest, tally.limit.used),
        "histories": tally.histories,
        "steps": tally.steps,
        "checked": dict(tally.checked),
        "coverage": [[step, fault, count] for (step, fault), count in tally.coverage.items()],
        "struck": dict(tally.struck),
        "ends": dict(tally.ends),
        "crash_points": share.crashes,
        "cpu_seconds": sum(resource.getrusage(who).ru_utime + resource.getrusage(who).ru_stime for who in _WHO),
        "failures": [one.as_json() for one in share.failures],
    }


def main(arguments: list[str]) -> int:
    """Do what the command asked of this worker."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--answer", type=Path, required=True)
    parser.add_argument("--replay")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--histories", type=int, default=0)
    parser.add_argument("--part", default="0/1")
    parser.add_argument("--directed", action="store_true")
    parser.add_argument("--scenes", default="")
    parser.add_argument("--shrink", type=int, default=MOST_TRIES)
    given = parser.parse_args(arguments)
    share = Share(given.answer)
    signal.signal(signal.SIGTERM, share.stop)
    with opened() as world:
        if given.replay:
            given.answer.write_text(json.dumps(replay(world, given.replay)))
        else:
            play_share(world, given, share)
            share.write()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
