"""The payment provider is away for an hour of the trial's time while customers come, and what they do about it.

An hour is shortened by the length of a minute that the platform was told for consents, so outage and consents shrink
alike. Half of the customers arrive during the outage, a quarter before it and a quarter after it.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

import httpx

from simulator.customers.books import Intent
from simulator.customers.plans import Plan
from simulator.customers.shop import NoAnswer, Reply

Json = dict[str, Any]

AWAY = "payment_provider_unavailable"
TOLD = "Payment system temporarily unavailable. Please try again in a few minutes."
"""The specification's words (scenario 1), which a customer must read."""

LONGEST_LOOK_SECONDS = 900.0
CLOSED_WITHIN_SECONDS = 150.0
"""Real seconds, however short the trial's minutes are: an order whose provider is away is asked for in vain for two
minutes, and the sweep that closes orders comes every 20 seconds and takes them in turn. Until then an order stands, and
whoever pays it by hand gets it."""


class Reaction(StrEnum):
    """What a customer does who reads that paying doesn't work."""

    RETRY = "tries again and again"
    STAY = "waits as long as we ask by ourselves"
    LONGER = "agrees to wait longer"
    CHARGE = "has the saved card charged later"
    CANCEL = "cancels"
    LEAVE = "walks away"


_REACTIONS = {
    Reaction.RETRY: 25,
    Reaction.STAY: 25,
    Reaction.LONGER: 25,
    Reaction.CANCEL: 10,
    Reaction.LEAVE: 15,
}


class Leaves(Exception):
    """The customer has had enough and goes, leaving the order to itself."""


@dataclass
class Wait:
    """What one customer met and agreed to while the provider was away."""

    reaction: Reaction | None = None
    charge_until: datetime | None = None
    """Until when the saved card may be charged without its person, as they were told."""
    paid_by_hand: bool = False


class Person(Protocol):
    """The side of a visit that waiting needs."""

    plan: Plan
    order: Json
    away: Wait

    async def ask(self, method: str, path: str, body: Json, key: str) -> Reply:
        """Send something about the order, and take a refusal as the answer that it is."""

    async def look(self) -> None:
        """Read the order again."""

    async def cancel(self) -> None:
        """Cancel the order and go."""

    def accuse(self, what: str) -> None:
        """Record something that must not happen."""


@dataclass
class Outage:
    """The provider's absence, and how it was met. `minute_seconds` is how long a minute of a consent lasts here."""

    seconds: float
    minute_seconds: int
    sandbox: httpx.AsyncClient
    met: Counter[Reaction] = field(default_factory=Counter)
    lasted: float = 0.0
    _began: float = field(default_factory=time.monotonic)

    async def arrive(self, number: int, customers: int) -> None:
        """Return when it is this customer's time to come."""
        await self._at(2 * self.seconds * number / customers)

    async def _at(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, self._began + seconds - time.monotonic()))

    async def happen(self, stopping: asyncio.Event) -> None:
        """Let the provider go, and come back; at once when the run stops. Raises NoAnswer: the sandbox didn't do it."""
        await _unless(stopping, self._began + self.seconds / 2 - time.monotonic())
        if stopping.is_set():
            return
        answer = await self.sandbox.post("/_sandbox/faults", json={"provider": "stripe", "kind": "outage"})
        if not answer.is_success:
            raise NoAnswer(f"the sandbox switched no outage on: {answer.status_code}")
        gone = time.monotonic()
        print("  the payment provider is away", flush=True)
        await _unless(stopping, self.seconds)
        await self.sandbox.request("DELETE", "/_sandbox/faults", headers={"content-type": "application/json"})
        self.lasted = round(time.monotonic() - gone, 1)
        print("  the payment provider is back", flush=True)

    async def sit_out(self, person: Person, refusal: Reply) -> bool:
        """React to the refusal as this person does; says whether they try to pay again. Raises Leaves."""
        if not str(refusal.body["error"]["message"]).startswith(TOLD):
            person.accuse(f"was told {refusal.body['error']['message']!r} in the outage")
        first = person.away.reaction is None
        reaction = person.away.reaction = person.away.reaction or reaction_of(person.plan)
        if first:
            self.met[reaction] += 1
        if reaction == Reaction.LEAVE:
            raise Leaves
        if reaction == Reaction.CANCEL:
            await person.cancel()
        if reaction == Reaction.RETRY:
            await asyncio.sleep(self.minute_seconds)
            return await self._still_unpaid(person)
        if first and reaction in (Reaction.LONGER, Reaction.CHARGE):
            await self._agree(person, minutes=120 if reaction == Reaction.CHARGE else 60)
        return await self._watch(person)

    async def _still_unpaid(self, person: Person) -> bool:
        await person.look()
        wait = person.order["payment_wait"]
        if wait and wait["state"] == "waiting" and person.order["status_text"] != TOLD:
            person.accuse(f"the order says {person.order['status_text']!r} in the outage")
        return bool(person.order["status"] == "payment_pending")

    async def _watch(self, person: Person) -> bool:
        """Look at the order until it can be paid, is paid or is over; who is asked again agrees once, or leaves."""
        end = time.monotonic() + LONGEST_LOOK_SECONDS
        while time.monotonic() < end and await self._still_unpaid(person):
            wait = person.order["payment_wait"]
            if wait is None or wait["state"] == "ready":
                return True
            if wait["state"] == "asking":
                if person.plan.patience < 0.5:
                    raise Leaves
                await self._agree(person, minutes=30)
            await asyncio.sleep(max(1.0, self.minute_seconds / 2))
        return False

    async def _agree(self, person: Person, *, minutes: int) -> None:
        charge = person.away.reaction == Reaction.CHARGE
        key = f"{person.plan.key}-wait-{person.order['id']}-n{time.monotonic_ns()}"
        reply = await person.ask("POST", "/payment/wait", {"minutes": minutes, "charge_saved_card": charge}, key)
        if reply.ok:
            wait = reply.body["payment_wait"]
            person.away.charge_until = datetime.fromisoformat(wait["until"]) if wait["charges_saved_card"] else None
        elif reply.code in ("pickup_passed", "held_long_enough", "no_saved_card"):
            await person.cancel()
        elif reply.code not in ("nothing_to_wait_for", "too_late"):
            person.accuse(f"wait: {reply.status} {reply.code or 'without a code'}")


async def _unless(stopping: asyncio.Event, seconds: float) -> None:
    """Let time pass, unless the run stops."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), max(0.0, seconds))


def reaction_of(plan: Plan) -> Reaction:
    """Return what a customer does; the same customer always the same. Only who is signed in has a saved card."""
    chance = random.Random(f"{plan.key}/{plan.patience}")
    if plan.account is not None and chance.random() < 0.7:
        return Reaction.CHARGE
    return chance.choices(list(_REACTIONS), list(_REACTIONS.values()))[0]


@dataclass(frozen=True)
class Window:
    """Of one order: what its person agreed to, and until when it could be paid at all."""

    order_id: str
    away: Wait
    pay_until: datetime | None
    """None: our database doesn't know the order."""


@dataclass
class Verdict:
    """What the closing checks of an outage found."""

    wrong: list[str] = field(default_factory=list)
    charged_by_itself: int = 0
    late_and_given_back: int = 0
    paid_before_closing: int = 0
    """Their person pressed Pay after the time to pay was over and before the order was closed: it is paid and made."""
    latest_seconds: float = 0.0
    """How long after that time the latest of these came."""
    recovered: int = 0
    """Paid in the end, though their person was told that paying doesn't work."""


def judge(windows: Iterable[Window], theirs: Mapping[str, Intent]) -> Verdict:
    """Hold each charge's time at the provider against what its person agreed to. Pure."""
    verdict = Verdict()
    for window in windows:
        intent = theirs.get(window.order_id)
        if window.pay_until is None:
            verdict.wrong.append(f"order {window.order_id} is lost")
        elif intent and intent.charged_at is not None:
            _judge_charge(verdict, window, window.pay_until, intent, intent.charged_at)
    return verdict


def _judge_charge(verdict: Verdict, window: Window, pay_until: datetime, intent: Intent, charged_at: float) -> None:
    verdict.recovered += window.away.reaction is not None
    if not window.away.paid_by_hand:
        verdict.charged_by_itself += 1
        until = window.away.charge_until
        if until is None or charged_at > until.timestamp():
            verdict.wrong.append(f"order {window.order_id}: charged by itself outside its person's consent")
    elif (late := charged_at - pay_until.timestamp()) > 0:
        # Its person pressed Pay on a page that was open too long: either the order still stood, or the money went back.
        if intent.captured_cents == intent.refunded_cents:
            verdict.late_and_given_back += 1
        elif late <= CLOSED_WITHIN_SECONDS:
            verdict.paid_before_closing += 1
            verdict.latest_seconds = round(max(verdict.latest_seconds, late), 1)
        else:
            verdict.wrong.append(f"order {window.order_id}: charged {late:.0f} s after it was over, and kept")
