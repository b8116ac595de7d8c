"""Simulated stores against the real platform: the whole way of a drink, machine faults, and a store that is cut off."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from datetime import timedelta
from typing import Any, TypeVar

import httpx
import pytest
from django.db import connection
from pytest_django.live_server_helper import LiveServer

from codepop.fulfilment import services
from codepop.fulfilment.models import DeviceEvent, DoorUse
from codepop.fulfilment.tests.factories import Cooler, TestDevice, code_of, make_cooler, make_queued, ticket_of
from codepop.inventory.selectors import discrepancies
from codepop.kit import pickup_code
from codepop.kit.clock import now
from codepop.ordering.tests.factories import MadeOrder
from codepop.payments.models import Refund
from codepop.stores import selectors as stores
from simulator import codes
from simulator.faults import Faults
from simulator.pace import Pace, end_tasks
from simulator.platform import Platform
from simulator.roster import DeviceKey, StoreRoster
from simulator.store import Store
from tools.ports import free_ports

pytestmark = pytest.mark.django_db(transaction=True)
T = TypeVar("T")
SPEED = 40.0
PATIENCE = 60.0


class Wire:
    """The store's line to the platform: a forwarder that can be cut and mended."""

    def __init__(self, target: str) -> None:
        self._host, port = target.removeprefix("http://").split(":")
        self._target_port = int(port)
        self.port = free_ports()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def mend(self) -> None:
        """Let calls through."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)

    async def cut(self) -> None:
        """Break all connections and refuse new ones."""
        if self._server:
            self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(self._host, self._target_port)
        self._writers |= {writer, far_writer}
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer), return_exceptions=True)
        self._writers -= {writer, far_writer}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


class CountingPlatform(Platform):
    """A platform that knows how many of its calls are under way, so that a test can end between calls."""

    under_way = 0

    async def _send(self, *call: Any) -> httpx.Response:
        self.under_way += 1
        try:
            return await super()._send(*call)
        finally:
            self.under_way -= 1


class Simulation:
    """One simulated store on an event loop of its own thread."""

    def __init__(self, cooler: Cooler, server: LiveServer) -> None:
        self.faults = Faults()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.wire = Wire(server.url)
        self._running = self.do(self._start(_roster(cooler)))

    async def _start(self, roster: StoreRoster) -> asyncio.Task[None]:
        await self.wire.mend()
        self._platform = CountingPlatform(f"http://127.0.0.1:{self.wire.port}")
        self._live = httpx.AsyncClient(base_url=f"http://127.0.0.1:{free_ports()}")
        self.store = Store(
            roster, platform=self._platform, live=self._live, pace=Pace(SPEED), faults=self.faults, seed=1
        )
        return asyncio.create_task(self.store.run(delay=0))

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something on the simulation's loop and wait for it."""
        done: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return done.result(PATIENCE)

    def wake(self) -> None:
        """Do what a notice of the live process does."""
        self._loop.call_soon_threadsafe(self.store.wake)

    def keypad(self, text: str) -> tuple[int | None, str]:
        """Type a code at the store."""
        answer = self.do(self.store.doors.keypad(text))
        return answer.door, answer.code

    def stop(self) -> None:
        """End the store and the loop."""
        self.do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    async def _stop(self) -> None:
        while self._platform.under_way:  # noqa: ASYNC110  a call's end is told to nobody
            await asyncio.sleep(0.01)
        await end_tasks([self._running])
        await self._live.aclose()
        await self._platform.close()
        await self.wire.cut()
        await end_tasks(task for task in asyncio.all_tasks() if task is not asyncio.current_task())


def _device(known: TestDevice) -> DeviceKey:
    return DeviceKey(id=str(known.view.id), name=known.view.name, key=known.key)


def _roster(cooler: Cooler) -> StoreRoster:
    return StoreRoster(
        id=str(cooler.store_id),
        slug=cooler.shop.store.slug,
        name=cooler.shop.store.name,
        robots=tuple(_device(robot) for robot in cooler.robots),
        controller=_device(cooler.controller),
        doors=cooler.shop.store.doors.count(),
    )


@pytest.fixture
def cooler(live_server: LiveServer) -> Cooler:
    """A store with two robots and twelve doors."""
    return make_cooler()


@pytest.fixture
def simulation(cooler: Cooler, live_server: LiveServer) -> Iterator[Simulation]:
    """The store's machines, at work."""
    running = Simulation(cooler, live_server)
    yield running
    running.stop()
    wait_for_quiet_database()


_OTHERS_AT_WORK = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""


def wait_for_quiet_database() -> None:
    """Let the server finish calls whose caller was cut off: they must not meet the next test's clean-up."""
    quiet = 0
    while quiet < 4:
        time.sleep(0.05)
        with connection.cursor() as cursor:
            cursor.execute(_OTHERS_AT_WORK)
            quiet = quiet + 1 if cursor.fetchone() == (0,) else 0


def until(condition: Callable[[], bool]) -> None:
    """Wait until something has become true."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.05)


def status_of(made: MadeOrder) -> str:
    made.order.refresh_from_db()
    return made.order.status


def until_status(made: MadeOrder, status: str) -> None:
    """Wait until the order is there."""
    until(lambda: status_of(made) == status)


@pytest.mark.req("DOM-26", "DOM-28")
def test_twenty_orders_from_queue_to_pickup(cooler: Cooler, simulation: Simulation) -> None:
    """More orders than doors: production waits, every code opens its own door, nothing is left over."""
    orders = [make_queued(cooler) for _ in range(20)]
    simulation.wake()
    for made in orders:
        until_status(made, "ready")
        assert simulation.keypad(code_of(made.order.id)) == (made.order.door_number, "opened")
        until_status(made, "picked_up")
    until(lambda: not DoorUse.objects.exclude(state="closed").exists())
    assert discrepancies() == []


@pytest.mark.req("D6")
def test_a_jam_is_made_good_by_the_other_robot(cooler: Cooler, simulation: Simulation) -> None:
    """The customer waits a little longer and notices nothing else; the robot comes back by itself."""
    simulation.faults.add(store=cooler.shop.store.slug, robot=None, kind="jam", count=1)
    made = make_queued(cooler)
    simulation.wake()
    until_status(made, "ready")
    assert ticket_of(made.order.id).attempts == 2
    until(lambda: all(robot.working for robot in stores.robots(cooler.store_id)))
    assert not Refund.objects.exists()


@pytest.mark.req("D6")
def test_three_jams_and_the_money_goes_back(cooler: Cooler, simulation: Simulation) -> None:
    """Nobody has to ask for it."""
    simulation.faults.add(store=cooler.shop.store.slug, robot=None, kind="jam", count=3)
    made = make_queued(cooler)
    simulation.wake()
    until_status(made, "failed")
    assert Refund.objects.get().payment.reference == made.order.id


@pytest.mark.req("D10", "FAIL-10")
def test_a_store_cut_off_makes_and_hands_out_what_was_paid(cooler: Cooler, simulation: Simulation) -> None:
    """Cut after the claim: made, opened once by code, forgery and replay refused; later the books agree."""
    made = make_queued(cooler)
    simulation.wake()
    until_status(made, "preparing")
    door = simulation.store.doors.doors[1]
    until(lambda: door.order_id == str(made.order.id))
    code = code_of(made.order.id)
    nonce = DoorUse.objects.get().nonce
    simulation.do(simulation.wire.cut())
    until(lambda: door.state == "loaded")
    assert status_of(made) == "preparing"
    forged = codes.qr_text(bytes(32), str(made.order.id), nonce, int(time.time()) + 600)
    assert simulation.keypad(forged) == (None, "wrong_code")
    assert simulation.keypad(code) == (1, "opened")
    assert simulation.keypad(code) == (None, "wrong_code")
    until(lambda: door.state == "free")
    assert services.fail_silent_robots() == 0
    simulation.do(simulation.wire.mend())
    until_status(made, "picked_up")
    until(lambda: DoorUse.objects.get().state == "closed")
    told = DeviceEvent.objects.filter(device_id=cooler.controller.view.id).order_by("seq")
    assert list(told.values_list("type", flat=True)) == ["code_refused", "door_opened", "code_refused", "door_closed"]
    assert told.get(type="door_opened").data["how"] == "offline"
    assert discrepancies() == []


@pytest.mark.req("D10")
def test_guessing_offline_is_locked_out(cooler: Cooler, simulation: Simulation) -> None:
    """Five wrong codes, then not even the right one."""
    made = make_queued(cooler)
    simulation.wake()
    until_status(made, "ready")
    code = code_of(made.order.id)
    simulation.do(simulation.wire.cut())
    wrong = ("3" if code[0] == "2" else "2") + code[1:]
    assert [simulation.keypad(wrong)[1] for _ in range(6)] == ["wrong_code"] * 5 + ["code_locked"]
    assert simulation.keypad(code) == (None, "code_locked")


@pytest.mark.req("D10")
def test_controller_and_platform_derive_the_same_codes() -> None:
    """Two programs written apart from one description."""
    key, order_id, nonce = bytes(range(32)), "01a2079f-2773-714c-af41-d9a86d26c94c", 2**31 - 1
    until_then = now().replace(microsecond=0) + timedelta(minutes=30)
    same: dict[str, Any] = {"key": key, "order_id": order_id, "nonce": nonce}
    assert codes.short_code(key, order_id, nonce) == pickup_code.short_code(**same)
    assert codes.qr_text(key, order_id, nonce, int(until_then.timestamp())) == pickup_code.qr_text(
        **same, expires_at=until_then
    )
