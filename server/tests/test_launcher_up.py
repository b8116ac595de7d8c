"""`./run up` as a person meets it: the whole system from nothing, killed and started again. Slow, and few."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.patience import eventually
from tools import ports, processes
from tools.postgres import THROWAWAY_SETTINGS, remove_cluster, start_postgres, throwaway_folder
from tools.system import running_system

ROOT = Path(__file__).resolve().parents[2]
OURS = ("CODEPOP_", "STRIPE_", "MAIL_", "SANDBOX_", "SIMULATOR_", "DJANGO_", "PYTEST_", "DATABASE_URL")
UP_SECONDS = 240
# A whole system is much for one machine: those of all tests run one after the other.
pytestmark = pytest.mark.xdist_group("system")


class Up:
    """A `./run up` of the test's own, with what it has printed so far."""

    def __init__(self, data: Path, port: int, database_url: str | None = None) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        if database_url:
            environment["DATABASE_URL"] = database_url
        self.data = data
        self.said = ""
        self.begin = time.monotonic()
        self.seconds: float | None = None
        self._process = subprocess.Popen(
            [ROOT / "run", "up", "--no-app", "--data", data, "--port", str(port)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            self.said += line
            if "CodePop is up" in line:
                self.seconds = time.monotonic() - self.begin

    def wait_up(self) -> dict[str, Any]:
        assert eventually(lambda: self.seconds is not None or self._process.poll() is not None, UP_SECONDS), self.said
        assert self.seconds is not None, self.said
        facts = running_system(self.data)
        assert facts
        return facts

    def end(self, number: int) -> int:
        """Send the signal and wait for the end."""
        if self._process.poll() is None:
            self._process.send_signal(number)
        status = self._process.wait(90)
        self._reader.join(10)
        if self._process.stdout:
            self._process.stdout.close()
        return status


def all_ended(facts: dict[str, Any]) -> bool:
    return not any(processes.identity(pid) or processes.group_members(pid) for pid in facts["processes"].values())


def counts(url: str) -> tuple[object, ...]:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM stores_store), (SELECT count(*) FROM catalog_drink),"
            " (SELECT count(*) FROM accounts_user)"
        ).fetchone()
    assert row is not None
    return row


@pytest.fixture
def data() -> Iterator[Path]:
    with throwaway_folder("cp-up-") as folder:
        yield folder / "data"
        remove_cluster(folder / "data" / "postgres")


def test_up_stays_itself_over_kill_and_restart(data: Path) -> None:
    """From nothing to healthy; kill -9 leaves no process; the next start is quick, has the data, and stops cleanly."""
    port = ports.free_ports(5)
    first = Up(data, port)
    try:
        facts = first.wait_up()
        assert set(facts["processes"]) == {"postgres", "sandbox", "web", "live", "worker", "simulator"}
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ops/health") as answer:
            assert answer.status == 200
        assert f"http://127.0.0.1:{port}/staff/" in first.said
        before = counts(facts["database_url"])
        assert before[0] != 0
    finally:
        first.end(signal.SIGKILL)
    assert eventually(lambda: all_ended(facts), seconds=30)

    second = Up(data, port)
    try:
        again = second.wait_up()
        assert counts(again["database_url"]) == before
        assert "bringing the database up to date" not in second.said
        refused = subprocess.run(
            [ROOT / "run", "up", "--no-app", "--data", data, "--port", str(port)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert refused.returncode == 1
        assert f"already runs on {data}: http://127.0.0.1:{port}" in refused.stderr
    finally:
        status = second.end(signal.SIGINT)
    assert status == 0
    assert all_ended(again)
    assert running_system(data) is None
    for name in ("web", "live", "sandbox", "worker"):
        for line in (data / "logs" / f"{name}.log").read_text().splitlines():
            assert isinstance(json.loads(line), dict), f"{name}.log: {line}"


def test_up_uses_the_server_of_database_url(data: Path) -> None:
    other = start_postgres(data.parent / "pg", THROWAWAY_SETTINGS)
    try:
        up = Up(data, ports.free_ports(5), database_url=other.url)
        try:
            facts = up.wait_up()
            assert facts["database_url"] == other.url
            assert counts(other.url)[0] != 0
        finally:
            up.end(signal.SIGTERM)
        assert not (data / "postgres").exists()
    finally:
        other.stop()
        remove_cluster(data.parent / "pg")
