"""A store with its machines, and orders in its queue, through the product's own commands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from codepop.catalog.tests.factories import SmallCatalogue
from codepop.core.db import transaction
from codepop.core.idempotency import Answer, IdempotentCall
from codepop.fulfilment import services
from codepop.fulfilment.models import DoorUse, Ticket
from codepop.fulfilment.reports import Report
from codepop.fulfilment.selectors import Work
from codepop.fulfilment.services import Accepted
from codepop.kit import pickup_code
from codepop.kit.clock import now
from codepop.ordering.machine import Status
from codepop.ordering.tests.factories import MadeOrder, Shop, make_order, make_shop
from codepop.stores import selectors as stores
from codepop.stores.selectors import DeviceView
from codepop.stores.tests.factories import make_door_controller, make_robot_device, make_store


@dataclass
class TestDevice:
    """A device that numbers its reports by itself."""

    __test__ = False
    view: DeviceView
    key: str
    seq: int = 0

    @property
    def header(self) -> dict[str, str]:
        """Return what signs its calls."""
        return {"Authorization": f"Device {self.view.id}:{self.key}"}

    @property
    def robot_id(self) -> UUID:
        """Return the robot's id; the device must be a robot's."""
        assert self.view.robot_id is not None
        return self.view.robot_id

    def next(self, kind: str, ticket_id: UUID | None = None, **data: Any) -> Report:
        """Return the device's next report, without sending it."""
        self.seq += 1
        return Report(self.seq, kind, now(), ticket_id, data)

    def tell(self, kind: str, ticket_id: UUID | None = None, **data: Any) -> Accepted:
        """Send one report."""
        return services.accept_reports(device=self.view, reports=[self.next(kind, ticket_id, **data)])


@dataclass
class Cooler:
    """An open shop with robots and a door controller that can speak."""

    shop: Shop
    robots: list[TestDevice] = field(default_factory=list)
    controller: TestDevice = field(init=False)

    @property
    def store_id(self) -> UUID:
        """Return the store's id."""
        return self.shop.store.id


def make_cooler(
    *, robots: int = 2, doors: int = 12, on_hand: int = 100_000, menu: SmallCatalogue | None = None
) -> Cooler:
    shop = make_shop(store=make_store(robots=robots, doors=doors), menu=menu, on_hand=on_hand)
    cooler = Cooler(shop)
    for robot in shop.store.robots.order_by("number"):
        device, key = make_robot_device(robot=robot)
        cooler.robots.append(TestDevice(stores.authenticate_device(device.id, key), key))
    device, key = make_door_controller(store=shop.store)
    cooler.controller = TestDevice(stores.authenticate_device(device.id, key), key)
    return cooler


def make_queued(cooler: Cooler, *, quantity: int = 1) -> MadeOrder:
    """A paid order in its store's queue."""
    made = make_order(status=Status.QUEUED, shop=cooler.shop, quantity=quantity)
    with transaction():
        services.enqueue(order_id=made.order.id, store_id=cooler.store_id, make_seconds=made.order.make_seconds)
    return made


def claim(device: TestDevice) -> Work:
    """Claim, and insist on work."""
    work = services.claim_work(device=device.view)
    assert isinstance(work, Work), work
    return work


def make_ready(cooler: Cooler, *, robot: int = 0, quantity: int = 1) -> tuple[MadeOrder, Work]:
    """An order whose drink stands behind its door."""
    made = make_queued(cooler, quantity=quantity)
    work = claim(cooler.robots[robot])
    cooler.robots[robot].tell("loaded", work.ticket_id, door_number=work.door_number)
    made.order.refresh_from_db()
    return made, work


def request_open(order_id: UUID, code: str, *, key: str = "") -> Answer:
    """Ask for the order's door, under a key of its own unless one is given."""
    call = IdempotentCall(caller="guest", key=key or str(uuid4()), fingerprint=code.encode())
    return services.request_open(order_id=order_id, code=code, call=call)


def code_of(order_id: UUID) -> str:
    """Return the six characters that open the order's door now."""
    use = DoorUse.objects.exclude(state="closed").get(ticket__order_id=order_id)
    return pickup_code.short_code(key=stores.pickup_key(use.store_id), order_id=order_id, nonce=use.nonce)


def ticket_of(order_id: UUID) -> Ticket:
    return Ticket.objects.get(order_id=order_id)


def events_json(*reports: Report) -> dict[str, list[Mapping[str, Any]]]:
    """Return the body in which a device sends reports."""
    return {
        "events": [
            {
                "seq": one.seq,
                "type": one.type,
                "at": one.at.isoformat(),
                "ticket_id": str(one.ticket_id) if one.ticket_id else None,
                "data": dict(one.data),
            }
            for one in reports
        ]
    }
