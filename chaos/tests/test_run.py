"""A short run from nothing: no invariant breaks, the drinks are fetched, and a replay is the same history again."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chaos.command import main
from chaos.stage import Stage, prepared

pytestmark = [pytest.mark.xdist_group("chaos")]
PAYMENT_PATH = ("place", "create intent", "take message", "refund", "open door", "remake", "remake fails")


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with prepared(1) as (only,):
        yield only


@pytest.fixture(scope="module")
def run(stage: Stage) -> dict[str, Any]:
    """Drawn histories, and a process that dies once at each point of the payment path."""
    return stage.run("--seed", "11", "--histories", "30", "--scenes", ",".join(PAYMENT_PATH))


@pytest.mark.req("D5", "DB-02", "PAY-14", "PAY-15", "PAY-16")
def test_no_invariant_breaks_whatever_strikes(run: dict[str, Any]) -> None:
    assert run["failures"] == []
    assert set(run["checked"]) == {f"I{number}" for number in range(1, 14)}
    assert set(run["struck"]) == {"crash", "race", "stripe", "sql", "commit"}


@pytest.mark.req("D5")
def test_orders_end_in_every_way_that_people_bring_about(run: dict[str, Any]) -> None:
    assert set(run["ends"]) >= {"picked_up", "cancelled", "expired"}
    assert run["ends"]["picked_up"] >= 8


@pytest.mark.req("D5", "DB-02")
def test_a_process_dies_at_each_point_of_the_payment_path(run: dict[str, Any]) -> None:
    points = run["crash_points"]
    assert set(points) == set(PAYMENT_PATH)
    # Before and after each commit; round the call too where the provider is called.
    assert all(count >= 2 for count in points.values()), points
    assert all(points[name] >= 6 for name in ("create intent", "take message", "refund")), points
    visited = {(step, fault) for step, fault, _ in run["coverage"]}
    before, after = "crash_before_call", "crash_after_call"
    assert visited >= {(3, before), (4, after), (8, before), (8, after), (12, before), (13, after)}


@pytest.mark.req("D5")
def test_a_replay_is_the_same_history(stage: Stage, run: dict[str, Any]) -> None:
    """Byte for byte, in new processes; and as it was after other histories in one process."""
    first, second = (stage.run("--replay", "11-4") for _ in range(2))
    assert first["wrong"] == []
    assert len(first["shown"].splitlines()) > 5
    assert first["shown"].encode() == second["shown"].encode()
    assert first["digest"] == second["digest"]
    assert stage.run("--replay", "11-4:0,1,2")["digest"] != first["digest"]
    assert run["last"] == {"11-29": stage.run("--replay", "11-29")["digest"]}


@pytest.mark.req("D5")
def test_the_command_says_how_it_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    assert "--replay" in capsys.readouterr().out


@pytest.mark.req("D5")
def test_a_run_that_is_stopped_says_what_it_has_done(stage: Stage) -> None:
    stage.answer.unlink(missing_ok=True)  # what an earlier run left would be taken for this one's
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(stage.run, "--seed", "5", "--histories", "100000")
        while not running.done() and not (stage.so_far() or {}).get("drawn"):
            time.sleep(0.1)
        stage.stop()
        report = running.result()
    assert 0 < report["drawn"] < 100_000
    assert (report["complete"], report["failures"]) == (False, [])
    assert report["checked"]["I1"] > 0
