"""Seeds, shrinking's ground, and the matrix: pure."""

from collections import Counter
from dataclasses import replace

import pytest

from chaos.limits import Limit, Stuck
from chaos.matrix import ABSENT, MATRIX, STEPS, Coverage, cells
from chaos.report import Report
from chaos.steps import PRODUCT, history


@pytest.mark.req("D5")
def test_a_seed_always_gives_the_same_steps() -> None:
    assert history("7-3") == history("7-3")
    assert history("7-3") != history("7-4")


@pytest.mark.req("D5")
def test_histories_hold_every_kind_of_step_and_fault() -> None:
    steps = [step for number in range(400) for step in history(f"1-{number}")]
    assert {step.kind for step in steps} >= PRODUCT
    assert {step.fault.partition(":")[0] for step in steps} == {"", "crash", "race", "stripe", "sql", "commit"}
    struck = Counter(bool(step.fault) for step in steps if step.kind in PRODUCT)
    assert 0.1 < struck[True] / struck.total() < 0.4


@pytest.mark.req("D5")
def test_only_cells_of_the_matrix_count_and_missing_ones_are_named() -> None:
    coverage = Coverage()
    coverage.visit(2, "crash_before_commit")
    coverage.visit(5, "crash_before_commit")
    assert coverage == {(2, "crash_before_commit"): 1}
    assert len(coverage.missing()) == len(cells()) - 1
    assert {step for step, _ in cells()} <= set(STEPS)
    assert len(cells()) == sum(map(len, MATRIX.values()))
    assert all(ABSENT.values())


@pytest.mark.req("D5")
def test_a_report_adds_up_its_workers() -> None:
    part = {
        "histories": 2,
        "steps": 9,
        "checked": {"I1": 9},
        "coverage": [[2, "again", 1]],
        "crash_points": {},
        "ends": {"picked_up": 1},
        "failures": [],
        "complete": True,
        "drawn": 1,
        "longest_step": 70,
    }
    parts = [part, {**part, "crash_points": {"place": 4}}]
    report = Report.of(parts, seconds=2, seed=1, asked=2, directed=False).as_json()
    assert (report["verdict"], report["asked"], report["drawn"], report["longest_step_statements"]) == (
        "passed",
        2,
        2,
        70,
    )
    assert (report["histories"], report["steps"], report["violations"]) == (4, 18, 0)
    assert report["invariants"]["I1"] == 18
    assert report["invariants"]["I2"] == 0
    assert report["coverage"]["visited"] == 1
    assert report["coverage"]["cells"]["2 again"] == 2
    assert report["crash_points"] == {"visited": 4, "by_command": {"place": 4}}
    assert report["ends"] == {"picked_up": 2}
    assert report["histories_per_s"] == 2


@pytest.mark.req("D5")
@pytest.mark.parametrize(
    ("complete", "failures", "verdict", "running"),
    [(True, [], "passed", "passed"), (False, [], "stopped", "running"), (False, [{"seed": "1-1"}], "failed", "failed")],
)
def test_a_run_that_was_stopped_has_a_verdict_of_its_own(
    complete: bool, failures: list[dict[str, str]], verdict: str, running: str
) -> None:
    part = {"histories": 3, "steps": 9, "checked": {}, "coverage": [], "crash_points": {}, "ends": {}, "drawn": 2}
    part |= {"longest_step": 1, "complete": complete, "failures": failures}
    report = Report.of([part], seconds=2, seed=1, asked=9, directed=False)
    assert (report.verdict(), report.verdict(running=True)) == (verdict, running)
    directed = replace(report, directed=True).verdict()
    assert directed == ("uncovered" if verdict == "passed" else verdict)
    visits = dict.fromkeys(cells(), 1)
    assert replace(report, directed=True, visits=visits).verdict() == verdict
    assert report.said.startswith("2 of 9 histories and 1 directed ones")


@pytest.mark.req("D5")
def test_a_step_that_sends_statements_without_end_is_stopped_and_named() -> None:
    limit = Limit(most=3)
    sent: list[str] = []

    def execute(sql: str, *_more: object) -> None:
        sent.append(sql)

    for number in range(3):
        limit.begin(f"step {number},")
        for _ in range(3):
            limit(execute, "SELECT 1", None, False, {})
    with pytest.raises(Stuck, match="step 2, sent more than 3 statements"):
        limit(execute, "SELECT 2", None, False, {})
    assert sent == ["SELECT 1"] * 9
