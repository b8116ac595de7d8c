"""Pytest plugin: the run fails when anything the sandbox said isn't what the official Stripe SDK's types allow.

Every sandbox that a test starts, in any worker and in systems under test, records into one folder; the process that
controls the run judges it at the end.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sandbox.tests.oracle import EXAMPLES
from sandbox.tests.verdict import Verdict, judge_records

FOLDER = "SANDBOX_RECORD"
VERDICT = pytest.StashKey[Verdict]()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput") or not os.environ.get(FOLDER):
        return
    verdict = judge_records(Path(os.environ[FOLDER]))
    session.config.stash[VERDICT] = verdict
    if verdict.problems and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    verdict = config.stash.get(VERDICT, None)
    if verdict is None or not verdict.objects:
        return
    colour = "red" if verdict.problems else "green"
    terminalreporter.write_line(verdict.line(), **{colour: True})
    known = (
        "Stripe's own examples"
        if EXAMPLES.exists()
        else "objects made from the SDK's types; Stripe's examples are absent"
    )
    terminalreporter.write_line(f"  its judge was checked with {known}")
    for line in verdict.listed():
        terminalreporter.write_line(line)
