"""A whole run: sign in, let all customers visit, wait until everything has come to rest, check the books."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx

from simulator.customers.books import Ours, intents, violations
from simulator.customers.card import CardForm
from simulator.customers.config import Config, read_accounts
from simulator.customers.database import Database
from simulator.customers.plans import make_plans
from simulator.customers.shop import NoAnswer, Shop
from simulator.customers.visit import FINAL, Trace, World, visit

Json = dict[str, Any]

REST_EVERY = 2.0


@dataclass(frozen=True)
class Wish:
    """What was asked for on the command line."""

    customers: int
    seed: int
    fault: str | None
    at_once: int
    settle_seconds: float
    store: str | None = None


@dataclass
class Outcome:
    """What a run came to."""

    traces: list[Trace] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)
    refunded: int = 0
    seconds: float = 0.0
    requests: int = 0
    repeated: int = 0
    server_errors: int = 0
    fault_hits: int = 0
    database_checked: bool = False

    def to_json(self) -> Json:
        """Return the run's result for a file."""
        stories = Counter(word for trace in self.traces for word in trace.stories)
        return {
            "orders": sum(1 for trace in self.traces if trace.order_id),
            "picked_up": self.statuses["picked_up"],
            "cancelled": self.statuses["cancelled"],
            "expired": self.statuses["expired"],
            "refunded": self.refunded,
            "violations": len(self.violations),
            "violation_details": self.violations[:100],
            "by_status": dict(sorted(self.statuses.items())),
            "unsettled": self.unsettled,
            "stories": dict(sorted(stories.items())),
            "seconds": round(self.seconds, 1),
            "requests": self.requests,
            "repeated_requests": self.repeated,
            "server_errors": self.server_errors,
            "fault_hits": self.fault_hits,
            "database_checked": self.database_checked,
        }


class Run:
    """One run against one system."""

    def __init__(self, config: Config, wish: Wish) -> None:
        self._config, self._wish = config, wish
        connections = wish.at_once + 4
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        self._shop = Shop(config.public_url, connections=connections)
        self._keypads = httpx.AsyncClient(base_url=config.simulator_url, timeout=30, limits=limits)
        self._sandbox = httpx.AsyncClient(base_url=config.sandbox_url, timeout=30)
        self._database = Database(config.database_url) if config.database_url else None

    async def go(self) -> Outcome:
        """Run to the end. Raises NoAnswer when there is nothing to run against."""
        begin, outcome = time.monotonic(), Outcome()
        cards = await self._open_card_form()
        try:
            world = await self._world(cards)
            if self._wish.fault:
                await self._switch_on(self._wish.fault)
            outcome.traces = await self._let_visit(world)
            if self._wish.fault:
                outcome.fault_hits = await self._switch_off()
            await self._settle(outcome)
            await self._check(outcome)
        finally:
            await asyncio.gather(cards.close(), self._shop.close(), self._keypads.aclose(), self._sandbox.aclose())
        outcome.seconds = time.monotonic() - begin
        traffic = self._shop.traffic
        outcome.requests, outcome.repeated = traffic.requests, traffic.repeated
        outcome.server_errors = traffic.server_errors
        return outcome

    # --- before -------------------------------------------------------------------------------------------------------

    async def _open_card_form(self) -> CardForm:
        told = await self._shop.call("GET", "/api/v1/config")
        if not told.ok or told.body["mode"] != "sandbox":
            raise NoAnswer("this system takes real money: customers are only simulated in sandbox mode")
        key = told.body["stripe"]["publishable_key"]
        return CardForm(self._config.sandbox_url, publishable_key=key, connections=self._wish.at_once + 4)

    async def _world(self, cards: CardForm) -> World:
        stores = await self._open_stores()
        if not stores:
            raise NoAnswer("no store is open and taking orders now")
        tokens = [await self._shop.sign_in(one.email, one.password) for one in read_accounts()]
        return World(self._shop, cards, self._keypads, stores, tokens, strangers=[])

    async def _open_stores(self) -> list[Json]:
        found: list[Json] = []
        cursor = ""
        while True:
            reply = await self._shop.call("GET", f"/api/v1/stores?limit=50{cursor}")
            found += [one for one in reply.body["items"] if self._is_wanted(one)]
            if not reply.body.get("next"):
                return found
            cursor = f"&cursor={reply.body['next']}"

    def _is_wanted(self, store: Json) -> bool:
        return store["open"] and store["accepting_orders"] and self._wish.store in (None, store["slug"])

    async def _switch_on(self, kind: str) -> None:
        """Switch a fault on, strong enough to be met often and weak enough that people still get drinks."""
        wish: Json = {"provider": "stripe", "kind": kind, "seed": self._wish.seed, **FAULTS.get(kind, {})}
        answer = await self._sandbox.post("/_sandbox/faults", json=wish)
        if not answer.is_success:
            raise NoAnswer(answer.json()["error"]["message"])

    async def _switch_off(self) -> int:
        told = (await self._sandbox.get("/_sandbox/faults")).json()
        await self._sandbox.request("DELETE", "/_sandbox/faults", headers={"content-type": "application/json"})
        return sum(int(fault["hits"]) for fault in told["faults"])

    # --- visits -------------------------------------------------------------------------------------------------------

    async def _let_visit(self, world: World) -> list[Trace]:
        plans = make_plans(customers=self._wish.customers, seed=self._wish.seed, accounts=len(world.tokens))
        room = asyncio.Semaphore(self._wish.at_once)
        done = 0

        async def one(plan: Any) -> Trace:
            nonlocal done
            async with room:
                trace = await visit(world, plan)
            done += 1
            if done % 50 == 0:
                print(f"  {done} of {len(plans)} customers have been here", flush=True)
            return trace

        return list(await asyncio.gather(*(one(plan) for plan in plans)))

    # --- after --------------------------------------------------------------------------------------------------------

    async def _settle(self, outcome: Outcome) -> None:
        """Wait until every order of ours has ended and no money is on its way, or the time for it is over."""
        end = time.monotonic() + self._wish.settle_seconds
        waiting = [trace for trace in outcome.traces if trace.order_id]
        while True:
            waiting = await self._still_waiting(waiting)
            busy = await asyncio.to_thread(self._database.waiting) if self._database else 0
            if not waiting and not busy:
                break
            if time.monotonic() > end:
                outcome.unsettled += [f"order {one.order_id} is {one.status}" for one in waiting]
                outcome.unsettled += [f"{busy} jobs or refunds are under way"] if busy else []
                break
            await asyncio.sleep(REST_EVERY)
        outcome.statuses = Counter(trace.status for trace in outcome.traces if trace.order_id)

    async def _still_waiting(self, traces: Iterable[Trace]) -> list[Trace]:
        room = asyncio.Semaphore(8)

        async def look(trace: Trace) -> None:
            async with room:
                reply = await self._shop.call("GET", f"/api/v1/orders/{trace.order_id}", headers=trace.headers)
            if reply.ok:
                trace.status = reply.body["status"]

        traces = list(traces)
        await asyncio.gather(*(look(trace) for trace in traces))
        return [trace for trace in traces if trace.status not in FINAL]

    async def _check(self, outcome: Outcome) -> None:
        outcome.violations += [wrong for trace in outcome.traces for wrong in trace.wrong]
        if self._shop.traffic.server_errors:
            outcome.violations.append(f"{self._shop.traffic.server_errors} answers were 500, our own fault")
        theirs = intents((await self._sandbox.get("/_sandbox/stripe/books")).json())
        mine = frozenset(trace.order_id for trace in outcome.traces if trace.order_id)
        outcome.refunded = sum(1 for one in theirs if one.refunded_cents and one.order_id in mine)
        if self._database is None:
            return
        ours: Ours = await asyncio.to_thread(self._database.read)
        outcome.violations += violations(ours, theirs, only=None if not outcome.unsettled else mine)
        outcome.database_checked = True


FAULTS: dict[str, Json] = {
    "outage": {"seconds": 8},
    "refuse_before": {"probability": 0.3},
    "fail_after": {"probability": 0.3},
    "stored_500": {"probability": 0.15},
    "latency": {"probability": 0.5, "delay_ms": 1500},
    "timeout_after": {"probability": 0.05, "delay_ms": 15_000},
    "cut": {"probability": 0.2},
    "rate_limit": {"probability": 0.3},
    "html": {"probability": 0.2},
    "webhook_lost": {"probability": 0.7},
    "webhook_late": {"probability": 0.7, "delay_ms": 8000},
    "webhook_double": {},
    "webhook_reorder": {"probability": 0.5},
    "webhook_bad_signature": {"probability": 0.5},
    "webhook_old_timestamp": {"probability": 0.5},
    "webhook_invalid_utf8": {"probability": 0.5},
    "webhook_wrong_amount": {"probability": 0.5},
    "webhook_wrong_account": {"probability": 0.5},
    "search_lag": {},
}
"""How each of the sandbox's faults is switched on for a run."""
