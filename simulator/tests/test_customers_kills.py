"""Killing for a trial: real processes die, only grown ones are chosen, and what differs afterwards is counted."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from simulator.customers.books import Intent, OrderRow
from simulator.customers.kills import Kills, disagreements, seconds_to_agree

SOLD = OrderRow(id="o1", status="paid", total_cents=720, history=(), ledger_cents=720, refunds_open=0)
PAID = Intent(id="pi_1", order_id="o1", captured_cents=720, refunded_cents=0, charges=1)


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


def _list(folder: Path, what: str, processes: dict[int, float]) -> None:
    (folder / f"{what}-processes.json").write_text(json.dumps({str(pid): since for pid, since in processes.items()}))


def test_a_listed_process_is_killed_and_counted(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    _list(tmp_path, "web", {sleeper.pid: time.time() - 5})
    kills = Kills(tmp_path, wanted=1, seed=1, pause_seconds=(0, 0.01))
    asyncio.run(kills.go())
    assert sleeper.wait(timeout=5) == -9
    assert dict(kills.done) == {"web": 1}
    assert kills.over.is_set()


def test_one_that_is_being_born_is_left_alone(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    _list(tmp_path, "web", {sleeper.pid: time.time() + 60, 2**22: time.time() - 60})
    kills = Kills(tmp_path, wanted=1, seed=1, pause_seconds=(0, 0.01))
    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(kills.go(), timeout=0.3))
    assert sleeper.poll() is None
    assert kills.done.total() == 0


@pytest.mark.parametrize(
    ("order", "intent", "differing"),
    [
        (SOLD, PAID, 0),
        (replace(SOLD, ledger_cents=0), PAID, 1),
        (SOLD, replace(PAID, refunded_cents=20), 1),
        (replace(SOLD, refunds_open=2), PAID, 2),
        (replace(SOLD, ledger_cents=0), replace(PAID, captured_cents=0), 0),
    ],
)
def test_what_both_books_see_differently_is_counted(order: OrderRow, intent: Intent, differing: int) -> None:
    assert disagreements({"o1": order}, [intent]) == differing


def test_waiting_for_the_books_has_an_end() -> None:
    left = iter([2, 1, 0])
    assert asyncio.run(seconds_to_agree(lambda: next(left), longest=10)) is not None
    assert asyncio.run(seconds_to_agree(lambda: 1, longest=0)) is None
