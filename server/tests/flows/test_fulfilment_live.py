"""The live process as clients see it: real process, real PostgreSQL, real HTTP."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from django.db import connection

from codepop.core.db import transaction
from codepop.fulfilment.services.wakeup import wake_doors
from codepop.fulfilment.tests.factories import Cooler, claim, make_cooler, make_queued
from codepop.ordering.tests.factories import MadeOrder
from tests.database_role import as_owner
from tools.ports import free_ports

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 60.0


@dataclass
class LiveProcess:
    """A running live process."""

    url: str
    process: subprocess.Popen[bytes]


def _database_url() -> str:
    known = connection.settings_dict
    password = f":{quote(known['PASSWORD'])}" if known["PASSWORD"] else ""
    return f"postgresql://{quote(known['USER'])}{password}@{known['HOST']}:{known['PORT']}/{known['NAME']}"


@pytest.fixture(scope="module")
def live(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveProcess]:
    """A live process over the tests' database."""
    with running(tmp_path_factory.mktemp("live")) as process:
        yield process


@contextmanager
def running(folder: Path) -> Iterator[LiveProcess]:
    """Start a live process, and end it whatever happens."""
    port = free_ports()
    environment = {
        **os.environ,
        "DATABASE_URL": _database_url(),
        "DJANGO_SETTINGS_MODULE": "config.settings.base",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "server")]),
    }
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(port)]
    with (folder / "live.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--workers", "1", "config.asgi_live:application"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_healthy(url, process, folder / "live.log")
        yield LiveProcess(url, process)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(f"{url}/healthz", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    pytest.fail(log.read_text(errors="replace")[-3000:])


@dataclass
class Followed:
    """An open stream, read event by event."""

    lines: Iterator[str]
    seen: list[dict[str, Any]] = field(default_factory=list)

    def next(self) -> dict[str, Any]:
        """Return the next event: id, event and data; comments are passed over."""
        event: dict[str, Any] = {}
        for line in self.lines:
            if not line and "data" in event:
                return event
            name, _, value = line.partition(": ")
            if name in ("id", "event"):
                event[name] = value
            if name == "data":
                event["data"] = json.loads(value)
        raise AssertionError("the stream ended")


@contextmanager
def follow(url: str, headers: dict[str, str], *, quiet_seconds: float = PATIENCE) -> Iterator[Followed]:
    """Open a stream; silence of `quiet_seconds` raises httpx.ReadTimeout."""
    timeout = httpx.Timeout(5.0, read=quiet_seconds)
    with httpx.stream("GET", url, headers=headers, timeout=timeout) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Followed(answer.iter_lines())


def _order_url(live: LiveProcess, made: MadeOrder) -> str:
    return f"{live.url}/live/v1/orders/{made.order.id}"


def _cancel_connections() -> int:
    """Kill the live process's connections, which only their owner may; returns their number."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = %s",
            ["codepop-live"],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _in_the_making(cooler: Cooler) -> MadeOrder:
    made = make_queued(cooler)
    claim(cooler.robots[0])
    return made


def test_an_orders_stream(live: LiveProcess) -> None:
    """The document at once, and at each change; the same as the API shows."""
    cooler = make_cooler()
    made = make_queued(cooler)
    with follow(_order_url(live, made), {"X-Order-Token": made.token}) as stream:
        first = stream.next()
        assert (first["event"], first["data"]["status"]) == ("order", "queued")
        assert int(first["id"]) == first["data"]["version"]
        started = time.monotonic()
        work = claim(cooler.robots[0])
        second = stream.next()
        assert time.monotonic() - started < 1
        assert (second["data"]["status"], second["data"]["pickup_code"] is not None) == ("preparing", True)
        cooler.robots[0].tell("loaded", work.ticket_id, door_number=1)
        assert stream.next()["data"]["door"] == {"number": 1}


def test_last_event_id_is_honoured(live: LiveProcess) -> None:
    """What the client has is not sent again; what is newer is sent at once."""
    cooler = make_cooler()
    made = _in_the_making(cooler)
    made.order.refresh_from_db()
    have = {"X-Order-Token": made.token, "Last-Event-ID": str(made.order.version)}
    with pytest.raises(httpx.ReadTimeout), follow(_order_url(live, made), have, quiet_seconds=1.0) as stream:
        stream.next()
    older = {**have, "Last-Event-ID": str(made.order.version - 1)}
    with follow(_order_url(live, made), older) as stream:
        assert stream.next()["id"] == str(made.order.version)


@pytest.mark.req("D10")
def test_a_lost_database_connection_loses_no_change(live: LiveProcess) -> None:
    """Killed again and again; a change in between arrives by itself."""
    cooler = make_cooler()
    made = make_queued(cooler)
    with follow(_order_url(live, made), {"X-Order-Token": made.token}) as stream:
        assert stream.next()["data"]["status"] == "queued"
        assert _cancel_connections() >= 1
        work = claim(cooler.robots[0])
        assert stream.next()["data"]["status"] == "preparing"
        _cancel_connections()
        cooler.robots[0].tell("loaded", work.ticket_id, door_number=1)
        assert stream.next()["data"]["status"] == "ready"


def test_who_may_follow(live: LiveProcess) -> None:
    """The rules and the envelope of the API; a stranger's order looks like none."""
    cooler = make_cooler()
    made = make_queued(cooler)

    def ask(path: str, headers: dict[str, str]) -> tuple[int, str]:
        answer = httpx.get(f"{live.url}{path}", headers=headers, timeout=5)
        return answer.status_code, answer.json()["error"]["code"]

    mine = f"/live/v1/orders/{made.order.id}"
    assert ask(mine, {}) == (401, "not_signed_in")
    assert ask(mine, {"X-Order-Token": "wrong"}) == (404, "not_found")
    assert ask(mine, {"X-Session-Token": "wrong"}) == (401, "not_signed_in")
    assert ask(f"/live/v1/orders/{cooler.store_id}", {"X-Order-Token": made.token}) == (404, "not_found")
    assert ask("/live/v1/orders/7", {}) == (404, "not_found")
    assert ask(f"/live/v1/stores/{cooler.store_id}", {"X-Order-Token": made.token}) == (401, "not_signed_in")
    assert ask("/live/v1/devices", {}) == (401, "device_refused")
    assert ask("/live/v1/devices", {"Authorization": f"Device {cooler.controller.view.id}:no"}) == (
        401,
        "device_refused",
    )


def test_the_machines_stream_wakes_for_work_and_for_doors(live: LiveProcess) -> None:
    """A released order wakes the robots within a blink, an open command the door controller; other stores sleep."""
    cooler = make_cooler()
    other = make_cooler(menu=cooler.shop.menu)
    with follow(f"{live.url}/live/v1/devices", cooler.controller.header) as stream:
        make_queued(other)
        started = time.monotonic()
        make_queued(cooler)
        _woken(stream, "robots")
        assert time.monotonic() - started < 1
        with transaction():
            wake_doors(cooler.store_id)
        _woken(stream, "doors")


def _woken(stream: Followed, whom: str) -> None:
    """Read on until `whom` is told to look; `{}` tells everybody, as when the process has only just begun to listen."""
    while stream.next()["data"] not in ({"for": whom}, {}):
        continue


def test_cross_origin_rules(live: LiveProcess) -> None:
    """Only the shop's own pages may connect, with their credentials."""
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "x-order-token,last-event-id"}
    path = f"{live.url}/live/v1/orders/01a2079f-2773-714c-af41-d9a86d26c94c"
    own = os.environ["CODEPOP_PUBLIC_URL"]
    answer = httpx.options(path, headers={**asked, "Origin": own}, timeout=5)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == own
    assert answer.headers["access-control-allow-credentials"] == "true"
    foreign = httpx.options(path, headers={**asked, "Origin": "https://example.com"}, timeout=5)
    assert "access-control-allow-origin" not in foreign.headers


def test_a_hundred_streams_and_a_clean_end(tmp_path: Path) -> None:
    """Streams leave nothing behind when their clients go, and don't keep the process from stopping."""
    with running(tmp_path) as live:
        _open_and_end(live)


def _open_and_end(live: LiveProcess) -> None:
    cooler = make_cooler()
    made = make_queued(cooler)
    with httpx.Client(timeout=10, limits=httpx.Limits(max_connections=None)) as client:
        headers = {"X-Order-Token": made.token}
        streams = [
            client.send(client.build_request("GET", _order_url(live, made), headers=headers), stream=True)
            for _ in range(100)
        ]
        readers = [Followed(stream.iter_lines()) for stream in streams]
        assert {reader.next()["data"]["status"] for reader in readers} == {"queued"}
        claim(cooler.robots[0])
        assert {reader.next()["data"]["status"] for reader in readers} == {"preparing"}
        for stream in streams[:60]:
            stream.close()
        _until(lambda: httpx.get(f"{live.url}/healthz").json()["clients"] == 40)
        live.process.send_signal(signal.SIGTERM)
        assert live.process.wait(10) == 0


def _until(condition: Any) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)
