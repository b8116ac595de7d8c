"""Processes killed with -9, and the provider away, in the middle of traffic: nothing is lost, nothing charged twice."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]


def _simulate(tmp_path: Path, *words: str, **settings: str) -> tuple[dict[str, Any], subprocess.CompletedProcess[str]]:
    """Run customers against a system of their own; returns the result and the process."""
    found = tmp_path / "result.json"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CODEPOP_", "DATABASE_"))}
    done = subprocess.run(
        [sys.executable, str(ROOT / "run"), "simulate", *words, "--json", str(found), "--data", str(tmp_path / "none")],
        env=environment | settings,
        capture_output=True,
        text=True,
        timeout=540,
        check=False,
    )
    assert found.exists(), done.stdout + done.stderr
    return json.loads(found.read_text()), done


@pytest.mark.req("D5", "DB-02", "PAY-15")
def test_processes_killed_in_live_traffic_leave_both_books_the_same(tmp_path: Path) -> None:
    words = ["--kills", "24", "--at-once", "8", "--seed", "5"]
    result, done = _simulate(tmp_path, *words, CODEPOP_PAYMENT_SECONDS="20", CODEPOP_READY_SECONDS="15")
    assert (result["violation_details"], result["unsettled"]) == ([], []), done.stdout
    assert result["killed"] == {"web": 12, "worker": 12}
    assert result["agree_seconds"] is not None
    assert result["orders"] > 0
    assert done.returncode == 0


@pytest.mark.req("FAIL-01", "PAY-21")
def test_an_outage_amid_customers_loses_no_order_and_charges_nobody_without_consent(tmp_path: Path) -> None:
    words = ["--outage", "30", "--customers", "40", "--seed", "7"]
    result, done = _simulate(tmp_path, *words, CODEPOP_READY_SECONDS="15")
    assert (result["violation_details"], result["unsettled"]) == ([], []), done.stdout
    assert result["outage"]["seconds"] >= 30
    assert result["outage"]["told"] > 0
    assert result["outage"]["paid_after_all"] > 0
    assert result["outage"]["lost_or_charged_without_consent"] == 0
    assert done.returncode == 0
