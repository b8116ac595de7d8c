"""The program behind `./run chaos`: what is asked, by how many workers, and the report in words and as JSON."""

import argparse
import signal
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

from chaos.report import Report, print_report, write_report
from chaos.stage import Stage, prepared

PROGRESS_SECONDS = 30.0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run chaos", description="Seeded histories with faults; docs/chaos.md.")
    parser.add_argument("--histories", type=int, default=200, help="how many (default: 200)")
    parser.add_argument("--seed", type=int, default=1, help="the run's seed (default: 1)")
    parser.add_argument("--workers", type=int, default=2, help="processes, each with a world of its own (default: 2)")
    parser.add_argument("--replay", metavar="SEED[:STEPS]", help="play one history, or some steps of it, and show it")
    parser.add_argument("--no-directed", action="store_true", help="leave out the pass over the cells not yet visited")
    parser.add_argument("--scenes", default="all", help="commands to kill at each of their points (default: all)")
    parser.add_argument("--json", type=Path, help="write the report there")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Run and return 0 when nothing was violated or left out."""
    given = _options(arguments)
    begin = time.monotonic()
    workers = 1 if given.replay else max(1, given.workers)
    with prepared(workers) as stages:
        if given.replay:
            said = stages[0].run("--replay", given.replay)
            print(said["shown"])
            return 1 if said["wrong"] else 0
        started = time.monotonic()

        def so_far() -> Report:
            parts = [part for part in (stage.so_far() for stage in stages) if part]
            seconds, directed = time.monotonic() - started, not given.no_directed
            return Report.of(parts, seconds=seconds, seed=given.seed, asked=given.histories, directed=directed)

        _play(given, stages, so_far)
        report = so_far()
    print_report(report, preparing=started - begin)
    write_report(report, given.json, running=False)
    sys.stdout.flush()
    return 0 if report.verdict() == "passed" else 1


def _play(given: argparse.Namespace, stages: Sequence[Stage], so_far: Callable[[], Report]) -> None:
    """Let all workers play their shares, and write now and then how far they are.

    A signal asks them to end after the present history; one that does not is ended, and what it wrote last counts.
    """

    def stop(*_signal: object) -> None:
        for stage in stages:
            stage.stop()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    with ThreadPoolExecutor(len(stages)) as pool:
        shares = [_share(given, number, len(stages)) for number in range(len(stages))]
        running = {pool.submit(stage.run, *words) for stage, words in zip(stages, shares, strict=True)}
        while running:
            done, running = wait(running, timeout=PROGRESS_SECONDS)
            for one in done:
                one.result()
            report = so_far()
            print(f"· {report.said}", file=sys.stderr, flush=True)
            write_report(report, given.json, running=True)


def _share(given: argparse.Namespace, number: int, workers: int) -> list[str]:
    """Deal the histories out one by one, and the directed ones likewise."""
    words = [
        "--scenes",
        given.scenes,
        "--seed",
        str(given.seed),
        "--histories",
        str(given.histories),
        "--part",
        f"{number}/{workers}",
    ]
    return words if given.no_directed else [*words, "--directed"]
