"""The control API under /_sandbox: state, books, request log, faults, clock, resets. For tests and for the console;
never part of a provider. What a provider adds is beside its own code (`stripe/control.py`).
"""

from starlette.requests import Request
from starlette.routing import Route

from sandbox.calls import ControlError, Handler, number, read_json, routes_of
from sandbox.clock import Clock
from sandbox.faults import KINDS, OPTIONS, Faults
from sandbox.mail.mailbox import KIND as MAIL
from sandbox.mail.server import MailServer
from sandbox.store import Json, Store
from sandbox.stripe.account import seed_ids
from sandbox.stripe.server import StripeServer

COUNTED = (
    "payment_intent",
    "charge",
    "refund",
    "customer",
    "payment_method",
    "setup_intent",
    "event",
    "delivery",
    "dispute",
    "payout",
    "balance_transaction",
    "request",
)


class Control:
    """The handlers of the control API."""

    def __init__(self, *, store: Store, clock: Clock, faults: Faults, stripe: StripeServer, mail: MailServer) -> None:
        self.store, self.clock, self.faults, self.stripe, self.mail = store, clock, faults, stripe, mail

    def routes(self) -> list[Route]:
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/_sandbox/state", self.state),
            ("POST", "/_sandbox/faults", self.add_fault),
            ("GET", "/_sandbox/faults", self.list_faults),
            ("DELETE", "/_sandbox/faults", self.remove_faults),
            ("DELETE", "/_sandbox/faults/{fault_id}", self.remove_faults),
            ("POST", "/_sandbox/reset", self.reset),
            ("POST", "/_sandbox/clock", self.set_clock),
        ]
        return routes_of(table)

    async def state(self, request: Request) -> Json:
        return {
            "now": self.clock.stamp(),
            "clock": self.clock.to_json(),
            "faults": [fault.to_json() for fault in self.faults.active()],
            "stripe": {kind: len(self.store.all(kind)) for kind in COUNTED}
            | {"pending_deliveries": sum(item["status"] == "pending" for item in self.store.all("delivery").values())},
            "mail": {"messages": len(self.store.all(MAIL))},
        }

    async def add_fault(self, request: Request) -> Json:
        return self.faults.add(await read_json(request)).to_json()

    async def list_faults(self, request: Request) -> Json:
        return {
            "faults": [fault.to_json() for fault in self.faults.active()],
            "struck": self.faults.struck,
            "kinds": KINDS,
            "options": OPTIONS,
        }

    async def remove_faults(self, request: Request) -> Json:
        query = request.query_params
        removed = self.faults.remove(
            fault_id=request.path_params.get("fault_id"), provider=query.get("provider"), kind=query.get("kind")
        )
        return {"removed": removed}

    async def reset(self, request: Request) -> Json:
        """Forget all objects and faults, set the clock back; the endpoint from the environment stays. With {"seed": 7}
        ids are drawn from that seed from now on, so that a run can be repeated to the letter.
        """
        wish = await read_json(request, "seed")
        seed_ids(int(number(wish, "seed", 0)) if "seed" in wish else None)
        self.store.clear()
        self.faults.remove()
        self.clock.reset(self.stripe.account.config.clock_factor)
        self.mail.reset()
        self.stripe.begin_anew()
        return {"reset": True}

    async def set_clock(self, request: Request) -> Json:
        """{"advance_seconds": 3600} lets time pass at once and does what has come due, {"factor": 60} makes waits pass
        faster, {"now": 1790000000} sets the time, {"held": true} stops it between such calls.
        """
        wish = await read_json(request, "advance_seconds", "factor", "now", "held")
        factor = number(wish, "factor", self.clock.factor)
        if factor <= 0:
            raise ControlError("factor must be a number above 0")
        if not isinstance(wish.get("held", False), bool):
            raise ControlError("held must be true or false")
        if factor != self.clock.factor:
            self.clock.set_factor(float(factor))
        if "held" in wish:
            self.clock.hold(wish["held"])
        if "now" in wish:
            self.clock.set_stamp(number(wish, "now", 0))
        self.clock.advance(float(number(wish, "advance_seconds", 0)))
        self.store.write_meta("clock", self.clock.to_json())
        self.stripe.scheduler.run_due()
        return {"now": self.clock.stamp(), "clock": self.clock.to_json()}
