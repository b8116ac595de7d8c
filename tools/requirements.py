"""Which test shows which numbered requirement: from the `req` marks, with outcomes of the last `./run test`."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from tools.bootstrap import ROOT

IDS = ROOT / "docs" / "requirements-ids.txt"


@dataclass
class Requirement:
    """One number with the tests that show it, each with its last outcome."""

    number: str
    group: str
    tests: dict[str, str] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """none, not run, failed or passed: the worst outcome of its tests counts."""
        outcomes = set(self.tests.values())
        if not outcomes:
            return "none"
        if outcomes & {"failed", "error"}:
            return "failed"
        return "passed" if "passed" in outcomes else "not run"


def read_ids(text: str) -> dict[str, Requirement]:
    pairs = (line.split() for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return {number: Requirement(number, group) for number, group in pairs}


def collect() -> dict[str, list[str]]:
    """Test -> numbers, by letting pytest collect without running."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "collected.json"
        command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "--requirements-file", str(file)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode != 0 or not file.exists():
            sys.exit(f"✗ the tests can't be collected:\n{(done.stdout + done.stderr)[-4000:]}")
        rows = json.loads(file.read_text())
    return {test: row["requirements"] for test, row in rows.items()}


def last_outcomes(path: Path) -> dict[str, str]:
    try:
        return {test: row["outcome"] for test, row in json.loads(path.read_text()).items()}
    except (OSError, ValueError):
        return {}


def assign(
    requirements: dict[str, Requirement], tests: dict[str, list[str]], outcomes: dict[str, str]
) -> dict[str, list[str]]:
    """Give each requirement its tests. Answers the numbers that do not exist, with the tests that name them."""
    unknown: dict[str, list[str]] = defaultdict(list)
    for test, numbers in sorted(tests.items()):
        for number in numbers:
            if number in requirements:
                requirements[number].tests[test] = outcomes.get(test, "not run")
            else:
                unknown[number].append(test)
    return dict(unknown)


def _print(requirements: dict[str, Requirement], unknown: dict[str, list[str]]) -> None:
    for requirement in requirements.values():
        if requirement.tests:
            print(f"{requirement.number:<10}{requirement.group:<14}{requirement.state}")
            for test, outcome in requirement.tests.items():
                print(f"    {outcome:<9}{test}")
    missing = [requirement.number for requirement in requirements.values() if not requirement.tests]
    print(f"\nWithout a test ({len(missing)}):")
    for start in range(0, len(missing), 12):
        print("    " + " ".join(missing[start : start + 12]))
    for number, tests in unknown.items():
        print(f"✗ {number} is no requirement; named by {', '.join(tests)}")
    shown = len(requirements) - len(missing)
    print(f"\n{shown} of {len(requirements)} requirements have tests.")


def run(arguments: list[str], last_test: Path) -> int:
    parser = argparse.ArgumentParser(prog="./run requirements")
    parser.add_argument("--json", type=Path, help="write the table to this file too")
    given = parser.parse_args(arguments)
    requirements = read_ids(IDS.read_text())
    unknown = assign(requirements, collect(), last_outcomes(last_test))
    _print(requirements, unknown)
    if given.json:
        rows = {
            row.number: {"group": row.group, "state": row.state, "tests": row.tests} for row in requirements.values()
        }
        given.json.write_text(json.dumps({"requirements": rows, "unknown": unknown}, indent=1) + "\n")
    return 1 if unknown else 0
