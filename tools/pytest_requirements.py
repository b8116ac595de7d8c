"""Pytest plugin: which test shows which numbered requirement, and how it went.

`./run test` passes `--requirements-file`; the controlling process writes there one JSON object of test ->
{requirements, outcome}. `./run requirements` reads it, or collects without running.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

RANKS = {"passed": 0, "skipped": 1, "xfailed": 1, "failed": 2, "error": 3}
PROPERTY = "requirement"
# xdist writes a test's group behind its name.
GROUP = re.compile(r"@[\w-]+$")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--requirements-file", default=None, help="write tests, requirements, outcomes to this JSON file")


def pytest_configure(config: pytest.Config) -> None:
    path = config.getoption("requirements_file")
    if path:
        config.pluginmanager.register(Record(Path(path)), "codepop-requirements")


def required_by(item: pytest.Item) -> list[str]:
    """Numbers in all `req` marks of a test, its class and its module."""
    return sorted({str(number) for mark in item.iter_markers("req") for number in mark.args})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Properties travel with xdist's reports to the controlling process.
    for item in items:
        item.user_properties.extend((PROPERTY, number) for number in required_by(item))


class Record:
    """Tests with their numbers and worst outcomes, written at the end by the process that controls the run."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._numbers: dict[str, list[str]] = {}
        self._outcomes: dict[str, str] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            self._numbers[item.nodeid] = required_by(item)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        numbers = [str(value) for name, value in report.user_properties if name == PROPERTY]
        test = GROUP.sub("", report.nodeid)
        self._numbers.setdefault(test, sorted(set(numbers)))
        outcome = "error" if report.failed and report.when != "call" else report.outcome
        if RANKS[outcome] >= RANKS[self._outcomes.get(test, "passed")]:
            self._outcomes[test] = outcome

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(session.config, "workerinput"):
            return
        rows = {
            test: {"requirements": numbers, "outcome": self._outcomes.get(test, "not run")}
            for test, numbers in sorted(self._numbers.items())
        }
        self._path.write_text(json.dumps(rows, indent=1) + "\n")
