"""What a run found, added up over its workers: for people and as JSON."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaos.matrix import STEPS, Cell, cells

INVARIANTS = {
    "I1": "no double charge",
    "I2": "no lost paid order",
    "I3": "nothing is made unpaid",
    "I4": "refunds once, and whole",
    "I5": "both books agree",
    "I6": "only legal moves",
    "I7": "messages have their effect once",
    "I8": "one key, one answer, one order",
    "I9": "stock adds up",
    "I10": "nothing waits unheard",
    "I11": "all is settled in time",
    "I12": "no secrets in logs and jobs",
    "I13": "what was told is true",
}


@dataclass(frozen=True)
class Report:
    """The sums."""

    seed: int
    seconds: float
    asked: int
    directed: bool
    """The cells that chance left out were to be visited too."""
    drawn: int
    """How many of those that were asked for have been played; `histories` counts the directed ones too."""
    complete: bool
    """Nothing was stopped, or given up after many failures."""
    longest_step: int
    histories: int
    steps: int
    checked: Mapping[str, int]
    visits: Mapping[Cell, int]
    crash_points: Mapping[str, int]
    ends: Mapping[str, int]
    failures: list[dict[str, Any]]

    @classmethod
    def of(
        cls, parts: Iterable[Mapping[str, Any]], *, seconds: float, seed: int, asked: int, directed: bool
    ) -> "Report":
        """Add up the workers' parts."""
        parts = list(parts)
        checked: Counter[str] = Counter()
        visits: Counter[Cell] = Counter()
        ends: Counter[str] = Counter()
        for part in parts:
            checked.update(part["checked"])
            ends.update(part["ends"])
            visits.update({(step, fault): count for step, fault, count in part["coverage"]})
        return cls(
            seed=seed,
            seconds=seconds,
            asked=asked,
            directed=directed,
            drawn=sum(part["drawn"] for part in parts),
            complete=bool(parts) and all(part["complete"] for part in parts),
            longest_step=max((part["longest_step"] for part in parts), default=0),
            histories=sum(part["histories"] for part in parts),
            steps=sum(part["steps"] for part in parts),
            checked=checked,
            visits=visits,
            crash_points={name: count for part in parts for name, count in part["crash_points"].items()},
            ends=ends,
            failures=[failure for part in parts for failure in part["failures"]],
        )

    @property
    def said(self) -> str:
        """Return in a line how far it came."""
        return f"{self.drawn} of {self.asked} histories and {self.histories - self.drawn} directed ones: " + (
            f"{len(self.failures)} violations"
        )

    @property
    def missing(self) -> list[Cell]:
        """Return the cells of the matrix that no history visited."""
        return [cell for cell in cells() if not self.visits.get(cell)]

    def verdict(self, *, running: bool = False) -> str:
        """Return the one word for it; `stopped`, `running` and `uncovered` found nothing in what they saw."""
        if self.failures:
            return "failed"
        if not self.complete:
            return "running" if running else "stopped"
        return "uncovered" if self.directed and self.missing else "passed"

    def as_json(self, *, running: bool = False) -> dict[str, Any]:
        """Return the report as it is written to a file."""
        return {
            "verdict": self.verdict(running=running),
            "seed": self.seed,
            "asked": self.asked,
            "drawn": self.drawn,
            "histories": self.histories,
            "steps": self.steps,
            "violations": len(self.failures),
            "failures": self.failures,
            "invariants": {name: self.checked.get(name, 0) for name in INVARIANTS},
            "coverage": {
                "visited": len(cells()) - len(self.missing),
                "possible": len(cells()),
                "missing": [f"{step} {fault}" for step, fault in self.missing],
                "cells": {f"{step} {fault}": self.visits.get((step, fault), 0) for step, fault in cells()},
            },
            "crash_points": {"visited": sum(self.crash_points.values()), "by_command": dict(self.crash_points)},
            "ends": dict(self.ends),
            "longest_step_statements": self.longest_step,
            "seconds": round(self.seconds, 1),
            "histories_per_s": round(self.histories / self.seconds, 2) if self.seconds else 0,
        }


def print_report(report: Report, *, preparing: float) -> None:
    """Say it in words: failures last, where they are seen."""
    rate = report.histories / report.seconds if report.seconds else 0
    print(f"\n{report.histories} histories, {report.steps} steps in {report.seconds:.1f} s ({rate:.1f} a second)")
    print("orders ended as " + ", ".join(f"{name} {count}" for name, count in sorted(report.ends.items())))
    print(f"after {preparing:.1f} s of preparing; seed {report.seed}\n")
    for name, text in INVARIANTS.items():
        print(f"  {name:<4}{text:<36}{report.checked.get(name, 0):>8} times checked")
    visited = len(cells()) - len(report.missing)
    print(f"\n  matrix: {visited} of {len(cells())} cells visited; crash points: {sum(report.crash_points.values())}")
    for step, fault in report.missing if report.complete else ():
        print(f"    never visited: {step} {STEPS[step]} x {fault}")
    for failure in report.failures:
        print(f"\n✗ seed {failure['seed']}")
        for line in failure["violations"]:
            print(f"    {line}")
        for line in failure["trace"]:
            print(f"      {line}")
        print(f"    {failure['replay']}")
    marks = {"passed": "✓", "failed": "✗", "stopped": "◌ stopped early:", "uncovered": "✗ cells left out:"}
    mark = marks[report.verdict()]
    print(f"\n{mark} {report.said}")


def write_report(report: Report, path: Path | None, *, running: bool) -> None:
    """Write it to a file, at once whole."""
    if path is None:
        return
    new = path.with_name(f"{path.name}.new")
    new.write_text(json.dumps(report.as_json(running=running), indent=1) + "\n")
    new.replace(path)
