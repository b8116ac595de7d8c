"""One customer's visit, from the menu to the open door, and what it left behind."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx

from simulator.customers.card import DECLINED, GOOD, SECURE, CardForm, FormBroken, Outcome
from simulator.customers.cart import lines_for
from simulator.customers.outage import AWAY, Leaves, Outage, Wait
from simulator.customers.plans import Ending, Paying, Pickup, Plan
from simulator.customers.shop import NoAnswer, Reply, Shop

Json = dict[str, Any]

FINAL = frozenset({"picked_up", "cancelled", "expired", "failed", "discarded"})
LOOK_EVERY = 1.0
PATIENCE_SECONDS = 900.0
AHEAD = timedelta(seconds=20)
LONGEST_QUEUE_SECONDS = 180
"""Whoever wanted a later time takes the drink now instead when the store promises none sooner than this."""


@dataclass
class Trace:
    """What happened to one customer; `wrong` holds what no customer should ever see."""

    plan: Plan
    order_id: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    stories: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    status: str = ""
    saw_paid: bool = False
    away: Wait = field(default_factory=Wait)

    def note(self, word: str) -> None:
        """Add a word to the story."""
        self.stories.append(word)

    def accuse(self, what: str) -> None:
        """Record something that must not happen."""
        self.wrong.append(f"customer {self.plan.number}: {what}")


@dataclass(frozen=True)
class World:
    """What all customers share."""

    shop: Shop
    cards: CardForm
    keypads: httpx.AsyncClient
    stores: list[Json]
    tokens: list[str]
    strangers: list[str]
    """Ids of orders that others placed, to pry into."""
    outage: Outage | None = None
    """Customers know what to do when the provider goes away for long; else they only try a few times."""


class Gone(Exception):
    """The customer has left: there is nothing more to do in this visit."""


async def visit(world: World, trace: Trace) -> None:
    """Live through a visit; whatever goes wrong at the shop's side ends in the trace, never in an exception."""
    try:
        await _Visit(world, trace.plan, trace).run()
    except Gone:
        pass
    except Leaves:
        trace.note("left in the outage")
    except NoAnswer as error:
        trace.note("left without an answer")
        trace.note(str(error))
    except FormBroken as error:
        trace.note("card form broken")
        trace.note(str(error))


class _Visit:
    def __init__(self, world: World, plan: Plan, trace: Trace) -> None:
        self.world, self.plan, self.trace = world, plan, trace
        token = None if plan.account is None else world.tokens[plan.account]
        self.signed_in = {"X-Session-Token": token} if token else {}
        self.store: Json = world.stores[int(plan.store * len(world.stores))]
        self.order: Json = {}
        self.away = trace.away

    async def run(self) -> None:
        quote = await self._quote()
        await self._place(quote)
        if self.plan.pries:
            await self._pry()
        if self.plan.ending == Ending.CANCEL_UNPAID:
            await self._cancel()
        await self._pay()
        if self.plan.ending == Ending.CANCEL_PAID:
            await self._cancel()
        if self.plan.pickup == Pickup.NOW_AFTER_PAYING:
            await self._start_now()
        await self._wait_for_drink()
        if self.plan.ending == Ending.NO_SHOW:
            self.trace.note("no-show")
            return
        await self._fetch()

    # --- choosing -----------------------------------------------------------------------------------------------------

    async def _quote(self) -> Json:
        """Look at the menu and get a price; what is refused is chosen again, a few times."""
        for skip in range(5):
            menu = await self._call("GET", f"/stores/{self.store['slug']}/menu")
            lines = lines_for(self.plan.drinks, menu.body, skip=skip) if menu.ok else []
            if not lines:
                break
            reply = await self._call("POST", "/quotes", {"store_id": self.store["id"], "lines": lines})
            if reply.ok:
                return reply.body
            self._expect(reply, "quote", {"quote_refused", "store_closed"})
        self.trace.note("found nothing to order")
        raise Gone

    def _pickup(self, quote: Json) -> Json | None:
        scheduled = self.plan.pickup == Pickup.SCHEDULED
        if scheduled and quote["ready_in_seconds"] <= LONGEST_QUEUE_SECONDS:
            at = datetime.now(UTC) + timedelta(seconds=quote["ready_in_seconds"]) + AHEAD
            return {"mode": "at", "at": at.isoformat()}
        return {"mode": "now", "at": None} if scheduled or self.plan.pickup == Pickup.NOW_AT_ONCE else None

    async def _place(self, quote: Json) -> None:
        for _ in range(3):
            body = {"quote_id": quote["id"], "pickup": self._pickup(quote)}
            if not self.signed_in:
                body["contact_email"] = f"guest{self.plan.number}@customers.example"
            key = f"{self.plan.key}-place-{quote['id']}"
            reply = await self._tapped(partial(self._call, "POST", "/orders", body, key=key))
            if reply.ok:
                self._placed(reply.body)
                return
            self._expect(reply, "place", {"quote_changed", "quote_expired", "store_closed", "pickup_invalid"})
            quote = reply.body.get("quote") or await self._quote()
        self.trace.note("price kept changing")
        raise Gone

    def _placed(self, body: Json) -> None:
        self.order = body["order"]
        self.trace.order_id = self.order["id"]
        self.trace.headers = self.signed_in or {"X-Order-Token": body["order_token"]}
        self.world.strangers.append(self.order["id"])
        self.trace.note("ordered")

    async def _tapped(self, send: Callable[[], Awaitable[Reply]]) -> Reply:
        """Send, twice at once when this customer's finger is nervous: both answers must tell of the same thing."""
        if not self.plan.double_tap:
            return await send()
        first, second = await asyncio.gather(send(), send())
        if first.ok and second.ok and _identity(first) != _identity(second):
            self.trace.accuse("a double tap had two effects")
        return second if first.code == "idempotency_key_in_use" else first

    async def _pry(self) -> None:
        """Try somebody else's order, with one's own papers: it must look absent."""
        others = [one for one in self.world.strangers if one != self.order["id"]]
        if not others or self.signed_in:
            return
        target = others[self.plan.number % len(others)]
        seen = await self._call("GET", f"/orders/{target}")
        taken = await self._call(
            "POST", f"/orders/{target}/cancel", {"reason": None}, key=f"{self.plan.key}-pry-{self.order['id']}"
        )
        if seen.status != 404 or taken.status != 404:
            self.trace.accuse(f"a foreign order answered {seen.status} and {taken.status} instead of 404")

    # --- paying -------------------------------------------------------------------------------------------------------

    async def _pay(self) -> None:
        for number, passes in _attempts(self.plan):
            outcome = await self._try_card(number, passes=passes)
            if outcome is None:
                break
            await self._look(f"/orders/{self.order['id']}/payment/refresh", "POST")
            if self._is_paid(outcome):
                self.trace.note("paid")
                return
            self.trace.note(f"card {outcome.code or outcome.status}")
        if not self._is_paid(Outcome("")):
            self.trace.note("gave up paying")
            raise Gone

    async def _try_card(self, number: str, *, passes: bool) -> Outcome | None:
        """Fill in the card form; in an outage it breaks, and is filled in again as long as the order can be paid."""
        while (secret := await self._client_secret()) is not None:
            try:
                outcome = await self.world.cards.pay(secret, number=number, passes=passes)
            except FormBroken as error:
                if self.world.outage is None:
                    raise
                self.away.paid_by_hand |= error.confirmed
                self.trace.note("card form broken")
                await self._look()
                continue
            self.away.paid_by_hand |= outcome.status in ("succeeded", "processing")
            return outcome
        return None

    def _is_paid(self, outcome: Outcome) -> bool:
        if self.order["status"] not in ("payment_pending", "expired", "cancelled"):
            self.trace.saw_paid = True
            return True
        return outcome.status in ("succeeded", "processing")

    async def _client_secret(self) -> str | None:
        path = f"/orders/{self.order['id']}/payment"
        for attempt in range(4 if self.world.outage is None else 400):
            key = f"{self.plan.key}-pay-{self.order['id']}-{attempt}"
            reply = await self._tapped(partial(self._call, "POST", path, {}, key=key))
            if reply.ok:
                return str(reply.body["client_secret"])
            self._expect(reply, "payment", {"payment_closed", "payment_refused", "too_late", AWAY})
            if reply.status < 500:
                return None
            if self.world.outage is None:
                await asyncio.sleep(1.5)
            elif not await self.world.outage.sit_out(self, reply):
                return None
        return None

    async def ask(self, method: str, path: str, body: Json, key: str) -> Reply:
        """Send something about the order, and take a refusal as the answer that it is."""
        return await self._call(method, f"/orders/{self.order['id']}{path}", body, key=key)

    async def look(self) -> None:
        """Read the order again."""
        await self._look()

    async def cancel(self) -> None:
        """Cancel the order and go."""
        await self._cancel()
        raise Gone

    def accuse(self, what: str) -> None:
        """Record something that must not happen."""
        self.trace.accuse(what)

    # --- after paying -------------------------------------------------------------------------------------------------

    async def _start_now(self) -> None:
        await self._wait_until(lambda order: order["status"] != "payment_pending", seconds=60)
        reply = await self._call("PUT", f"/orders/{self.order['id']}/pickup", {"mode": "now", "at": None})
        if reply.ok:
            self.order = reply.body
        else:
            self._expect(reply, "pickup", {"pickup_invalid", "too_late", "store_closed"})
            await self._cancel()

    async def _cancel(self) -> None:
        """Change one's mind; too late is an answer too."""
        path = f"/orders/{self.order['id']}/cancel"
        key = f"{self.plan.key}-cancel-{self.order['id']}"
        reply = await self._tapped(partial(self._call, "POST", path, {"reason": "Changed my mind."}, key=key))
        if reply.ok:
            self.trace.note("cancelled")
            raise Gone
        self._expect(reply, "cancel", {"too_late"})
        self.trace.note("too late to cancel")

    async def _wait_for_drink(self) -> None:
        late = self.plan.ending == Ending.CANCEL_LATE
        if late:
            await self._wait_until(lambda order: order["status"] in ("preparing", "ready"))
            await self._cancel()
        await self._wait_until(lambda order: order["status"] == "ready")

    async def _wait_until(self, true: Callable[[Json], bool], *, seconds: float = PATIENCE_SECONDS) -> None:
        end = time.monotonic() + seconds
        while True:
            await self._look()
            if true(self.order):
                return
            if self.order["status"] in FINAL:
                raise Gone
            if time.monotonic() > end:
                self.trace.note(f"tired of waiting, order is {self.order['status']}")
                raise Gone
            await asyncio.sleep(LOOK_EVERY)

    async def _look(self, path: str = "", method: str = "GET") -> None:
        """Read the order again. A paid order never becomes unpaid in its customer's eyes."""
        reply = await self._call(method, path or f"/orders/{self.order['id']}", {} if method == "POST" else None)
        if not reply.ok:
            self._expect(reply, "look", {"payment_provider_unavailable"})
            return
        self.order = reply.body
        if self.trace.saw_paid and self.order["status"] == "payment_pending":
            self.trace.accuse("an order shown as paid went back to unpaid")
        self.trace.saw_paid |= self.order["status"] in ("paid", "queued", "preparing", "ready", "picked_up")

    # --- at the door --------------------------------------------------------------------------------------------------

    async def _fetch(self) -> None:
        await asyncio.sleep(self.plan.patience * 2)
        code = self.order["pickup_code"]
        if code is None:
            self.trace.accuse("a ready order shows no pickup code")
            raise Gone
        for number in range(self.plan.wrong_codes):
            await self._try_wrong_code(number)
        if self.plan.ending == Ending.FETCH_BY_APP:
            await self._open_by_app(code["text"], "open")
        else:
            text = code["qr_text"] if self.plan.ending == Ending.FETCH_BY_QR else code["text"]
            await self._open_at_keypad(text)
        await self._wait_until(lambda order: order["status"] == "picked_up", seconds=120)
        self.trace.note("picked up")

    async def _try_wrong_code(self, number: int) -> None:
        reply = await self._open("222 222", f"wrong-{number}")
        if reply.ok:
            self.trace.accuse("a wrong code opened a door")
        self._expect(reply, "wrong code", {"wrong_code", "code_locked", "no_door"})

    async def _open_by_app(self, text: str, name: str) -> None:
        for attempt in range(5):
            reply = await self._open(text, f"{name}-{attempt}")
            if reply.ok:
                return
            self._expect(reply, "open door", {"not_ready", "no_door"})
            await self._look()
            if self.order["status"] in FINAL:
                return
            await asyncio.sleep(1)

    async def _open(self, text: str, name: str) -> Reply:
        path = f"/orders/{self.order['id']}/open-door"
        return await self._call("POST", path, {"code": text}, key=f"{self.plan.key}-{name}-{self.order['id']}")

    async def _open_at_keypad(self, text: str) -> None:
        path = f"/stores/{self.store['slug']}/keypad"
        for _ in range(5):
            try:
                answer = await self.world.keypads.post(path, json={"code": text})
            except httpx.TransportError:
                await asyncio.sleep(1)
                continue
            if answer.is_success:
                return
            await self._look()
            if self.order["status"] in FINAL:
                return
            await asyncio.sleep(1)
        self.trace.note("keypad refused, asked the app")
        await self._open_by_app(text, "open-after-keypad")

    # --- talking ------------------------------------------------------------------------------------------------------

    async def _call(self, method: str, path: str, body: Json | None = None, *, key: str | None = None) -> Reply:
        headers = {**self.signed_in, **self.trace.headers}
        if key:
            headers["Idempotency-Key"] = key
        takes = frozenset({AWAY}) if self.world.outage else frozenset[str]()
        return await self.world.shop.call(method, f"/api/v1{path}", body=body, headers=headers, takes=takes)

    def _expect(self, reply: Reply, doing: str, codes: set[str]) -> None:
        """Accept a refusal that can happen to anybody; any other one is accused."""
        if not reply.ok and reply.code not in codes:
            self.trace.accuse(f"{doing}: {reply.status} {reply.code or 'without a code'}")


def _identity(reply: Reply) -> object:
    order = reply.body.get("order") or reply.body
    return order.get("id") or order.get("payment_id")


def _attempts(plan: Plan) -> list[tuple[str, bool]]:
    """Return the cards the customer tries, each with whether the bank's question is answered rightly."""
    bad = DECLINED[plan.number % len(DECLINED)]
    return {
        Paying.GOOD_CARD: [(GOOD, True)],
        Paying.DECLINED_THEN_GOOD: [(bad, True), (GOOD, True)],
        Paying.DECLINED_GIVES_UP: [(bad, True)],
        Paying.SECURE_PASSES: [(SECURE, True)],
        Paying.SECURE_FAILS_THEN_GOOD: [(SECURE, False), (GOOD, True)],
        Paying.SECURE_FAILS_GIVES_UP: [(SECURE, False)],
        Paying.NEVER: [],
    }[plan.paying]
