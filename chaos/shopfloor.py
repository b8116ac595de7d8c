"""Robots, the cooler doors, and what changes in a store between a quote and its payment."""

from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from chaos.people import attempt
from chaos.provider import Json
from chaos.strike import Outcome, Striker
from chaos.world import World
from codepop.fulfilment import services
from codepop.fulfilment.reports import Report
from codepop.fulfilment.selectors import Work
from codepop.fulfilment.tests.factories import TestDevice
from codepop.kit import pickup_code
from codepop.stores import selectors as stores
from codepop.stores import services as store_commands

SKEW_SECONDS = 290
_HELD = """
    SELECT u.nonce FROM fulfilment_dooruse u JOIN fulfilment_ticket t ON t.id = u.ticket_id
    WHERE u.state <> 'closed' AND t.order_id = %s
"""
_DOOR = """
    SELECT d.number, t.id FROM fulfilment_dooruse u JOIN fulfilment_ticket t ON t.id = u.ticket_id
    JOIN stores_coolerdoor d ON d.id = u.door_id WHERE u.state <> 'closed' AND t.order_id = %s
"""
_IN_LINE = """
    SELECT (SELECT count(*) FROM fulfilment_ticket WHERE status IN ('queued', 'claimed', 'making')),
        (SELECT count(*) FROM stores_robot WHERE status <> 'normal'),
        (SELECT count(*) FROM fulfilment_dooruse WHERE state <> 'closed')
"""
_SHOPS = {
    "dearer": "UPDATE catalog_size SET price_cents = price_cents + 20; UPDATE catalog_catalogversion"
    " SET version = gen_random_uuid()",
    "empty": "UPDATE inventory_stocklevel l SET on_hand = reserved; INSERT INTO inventory_stockmovement"
    " (at, store_id, ingredient_id, kind, amount, reason)"
    " SELECT chaos.now(), store_id, ingredient_id, 'corrected', on_hand - moved, 'counted' FROM ("
    " SELECT l.store_id, l.ingredient_id, l.on_hand, (SELECT coalesce(sum(m.amount), 0) FROM inventory_stockmovement m"
    " WHERE m.store_id = l.store_id AND m.ingredient_id = l.ingredient_id) AS moved FROM inventory_stocklevel l) x"
    " WHERE on_hand <> moved",
}


@dataclass
class Floor:
    """The machines of the world's one store."""

    world: World
    striker: Striker
    changed: str = ""
    """What changed in the shop and was not put back: a column of the matrix."""

    def claim(self, robot: int, fault: str) -> Outcome:
        """A robot asks for work; when its answer is lost it asks again and gets the same."""
        device = self.world.cooler.robots[robot]

        def ask() -> Json:
            work: list[Work] = []

            def claim() -> str:
                found = services.claim_work(device=device.view)
                if isinstance(found, Work):
                    work.append(found)
                    return "work"
                return found.value

            said = attempt(claim)
            return said | ({"ticket": str(work[0].ticket_id), "door": work[0].door_number} if work else {})

        outcome = self.striker.run(ask, fault)
        if outcome.said:
            said = outcome.said.copy()
            outcome.said = {key: said[key] for key in said if key in ("done", "refused")}
        return outcome

    def robot(self, robot: int, how: str, fault: str) -> Outcome:
        """A robot reports on what it holds; it knows its ticket by asking."""
        device = self.world.cooler.robots[robot]
        held = self._held_by(device)
        kinds: dict[str, tuple[str, dict[str, Any]]] = {
            "step": ("step", {"drink_index": 0, "step_index": 1}),
            "loaded": ("loaded", {}),
            "jam": ("failed", {"reason": "jam"}),
            "well": ("status", {"status": "normal"}),
            "late": ("loaded", {}),
        }
        kind, data = kinds[how]
        if held is None and how != "well":
            return Outcome({"done": "idle"})
        report = device.next(kind, held if how != "well" else None, **data)
        return self._tell(device, report, fault)

    def _held_by(self, device: TestDevice) -> Any:
        row = self.world.admin.execute(
            "SELECT id FROM fulfilment_ticket WHERE robot_id = %s AND status IN ('claimed', 'making')",
            [device.robot_id],
        ).fetchone()
        return row[0] if row else None

    def _tell(self, device: TestDevice, report: Report, fault: str) -> Outcome:
        """Send a report; without an answer the device sends the same number again."""

        def tell() -> Json:
            return attempt(lambda: services.accept_reports(device=device.view, reports=[report]))

        outcome = self.striker.run(tell, fault)
        if outcome.said is None or "refused" in outcome.said:
            self.striker.run(tell)
        return outcome

    def code_of(self, order_id: str, *, wrong: bool = False) -> str:
        """Return the code that opens an order's door, or one that doesn't; empty when it has none."""
        row = self.world.admin.execute(_HELD, [order_id or None]).fetchone()
        if row is None:
            return ""
        key = stores.pickup_key(self.world.cooler.store_id)
        return pickup_code.short_code(key=key, order_id=UUID(order_id), nonce=row[0] + (1 if wrong else 0))

    def keypad(self, order_id: str, how: str, fault: str) -> Outcome:
        """Somebody types the code at the store."""
        code = self.code_of(order_id, wrong=how == "wrong") or "AAAAAA"
        device = self.world.cooler.controller.view
        return self.striker.run(lambda: attempt(lambda: services.open_at_keypad(device=device, code=code)), fault)

    def opened(self, order_id: str, fault: str) -> Outcome:
        """The door controller says that the order's door was opened, then closed."""
        row = self.world.admin.execute(_DOOR, [order_id or None]).fetchone()
        if row is None:
            return Outcome({"done": "no door"})
        controller = self.world.cooler.controller
        outcome = self._tell(controller, controller.next("door_opened", row[1], door_number=row[0]), fault)
        self._tell(controller, controller.next("door_closed", row[1], door_number=row[0]), "")
        return outcome

    def change(self, how: str) -> str:
        """Change what the store sells or asks, or how clocks agree."""
        store_id = self.world.cooler.store_id
        if how == "skew":
            self.world.provider.advance(SKEW_SECONDS)
        elif how == "pause":
            attempt(lambda: store_commands.pause_orders(store_id=store_id, reason="Cleaning", actor="staff:1"))
            self.changed = "paused"
        elif how in ("resume", "back", "full"):
            attempt(lambda: store_commands.resume_orders(store_id=store_id, actor="staff:1"))
            self.changed = ""
        else:
            for statement in _SHOPS[how].split("; "):
                self.world.admin.execute(statement)
            self.changed = "dearer" if how == "dearer" else "sold_out"
        return how

    def work_everything(self) -> None:
        """Let well robots and working doors finish all that is in line; nothing is asked of them when nothing is."""
        row = self.world.admin.execute(_IN_LINE).fetchone()
        waiting, ill, doors = row or (0, 0, 0)
        if ill and waiting:
            for device in self.world.cooler.robots:
                self._tell(device, device.next("status", None, status="normal"), "")
        for device in self.world.cooler.robots * 2 if waiting else ():
            attempt(partial(services.claim_work, device=device.view))
            if held := self._held_by(device):
                self._tell(device, device.next("loaded", held), "")
        if not waiting and not doors:
            return
        controller = self.world.cooler.controller
        loaded = self.world.admin.execute(
            "SELECT d.number, t.id, u.state FROM fulfilment_dooruse u JOIN fulfilment_ticket t ON t.id = u.ticket_id"
            " JOIN stores_coolerdoor d ON d.id = u.door_id WHERE u.state <> 'closed' ORDER BY d.number"
        ).fetchall()
        for number, ticket, state in loaded:
            if state == "emptying":
                self._tell(controller, controller.next("door_emptied", ticket, door_number=number), "")
            elif state in ("loaded", "opened"):
                for kind in ("door_opened", "door_closed"):
                    self._tell(controller, controller.next(kind, ticket, door_number=number), "")
