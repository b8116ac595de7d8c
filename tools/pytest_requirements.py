"""Pytest plugin: which test shows which numbered requirement, and how it went.

`./run test` passes `--requirements-file`; the controlling process writes there one JSON object of test ->
{requirements, outcome}. `./run requirements` reads it, or collects without running.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

_outcomes = pytest.StashKey[dict[str, str]]()
_marks = pytest.StashKey[dict[str, list[str]]]()
RANKS = {"passed": 0, "skipped": 1, "xfailed": 1, "failed": 2, "error": 3}
PROPERTY = "requirement"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--requirements-file", default=None, help="write tests, requirements, outcomes to this JSON file")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_outcomes] = {}
    config.stash[_marks] = {}


def required_by(item: pytest.Item) -> list[str]:
    """Numbers in all `req` marks of a test, its class and its module."""
    return sorted({str(number) for mark in item.iter_markers("req") for number in mark.args})


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        numbers = required_by(item)
        config.stash[_marks][item.nodeid] = numbers
        # Properties travel with xdist's reports to the controlling process; the stash does not.
        item.user_properties.extend((PROPERTY, number) for number in numbers)


@pytest.hookimpl(trylast=True)
def pytest_report_teststatus(report: pytest.CollectReport | pytest.TestReport, config: pytest.Config) -> None:
    if not isinstance(report, pytest.TestReport):
        return
    numbers = [str(value) for name, value in report.user_properties if name == PROPERTY]
    config.stash[_marks].setdefault(report.nodeid, sorted(set(numbers)))
    outcome = "error" if report.failed and report.when != "call" else report.outcome
    outcomes = config.stash[_outcomes]
    if RANKS[outcome] >= RANKS[outcomes.get(report.nodeid, "passed")]:
        outcomes[report.nodeid] = outcome


def pytest_sessionfinish(session: pytest.Session) -> None:
    config = session.config
    path = config.getoption("requirements_file")
    if not path or hasattr(config, "workerinput"):
        return
    outcomes = config.stash[_outcomes]
    rows = {
        test: {"requirements": numbers, "outcome": outcomes.get(test, "not run")}
        for test, numbers in sorted(config.stash[_marks].items())
    }
    Path(path).write_text(json.dumps(rows, indent=1) + "\n")
