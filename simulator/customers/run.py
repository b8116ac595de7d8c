"""A whole run: sign in, let all customers visit, wait until everything has come to rest, check the books.

`visits` and `finish` are apart, so that the next run's customers may come while this one's drinks wait to be thrown
away and its unpaid orders to expire: most of a run's time passes with nobody there.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from simulator.customers.books import Intent, Ours, intents, violations, violations_of
from simulator.customers.card import GOOD, CardForm
from simulator.customers.config import Config, read_accounts
from simulator.customers.database import Database
from simulator.customers.kills import AGREE_WITHIN, Kills, disagreements, seconds_to_agree
from simulator.customers.outage import Outage, Window, judge
from simulator.customers.plans import DECLINES_EACH, Plan, make_plans
from simulator.customers.shop import NoAnswer, Shop, home_of
from simulator.customers.visit import FINAL, Trace, World, visit

Json = dict[str, Any]

REST_EVERY = 2.0
STOPPED_SECONDS = 60.0
"""How long a run that is stopped waits for the orders that are on their way."""


@dataclass(frozen=True)
class Wish:
    """What was asked for on the command line."""

    customers: int
    seed: int
    fault: str | None
    at_once: int
    settle_seconds: float
    store: str | None = None
    declines_each: int = DECLINES_EACH
    kills: int = 0
    """How many processes of the platform are killed while customers come, one after the other, until that is done."""
    outage_seconds: float | None = None
    """How long the payment provider is away in the middle of it; None: it isn't."""


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
    killed: dict[str, int] = field(default_factory=dict)
    agree_seconds: float | None = None
    """From the last kill until our books and the provider's were the same."""
    database_checked: bool = False
    outage: Json | None = None
    asked: Json = field(default_factory=dict)
    """What was to be done, for a reader of a result that says what was."""
    stopped: bool = False
    over: bool = False

    @property
    def verdict(self) -> str:
        """Return the one word for it; what was stopped has found nothing wrong in what it did."""
        if self.violations or (self.unsettled and not self.stopped):
            return "failed"
        return "stopped" if self.stopped else "passed" if self.over else "running"

    def to_json(self) -> Json:
        """Return the run's result for a file, as far as it has come."""
        stories = Counter(word for trace in self.traces for word in trace.stories)
        return {
            "verdict": self.verdict,
            "asked": self.asked,
            "customers": len(self.traces),
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
            "killed": self.killed,
            "agree_seconds": self.agree_seconds,
            "database_checked": self.database_checked,
            **({"outage": self.outage} if self.outage else {}),
        }


class Run:
    """One run against one system. `stopping` ends it early: who is there leaves, and what was done is judged."""

    def __init__(self, config: Config, wish: Wish, stopping: asyncio.Event | None = None) -> None:
        self._config, self._wish = config, wish
        self._stopping = stopping or asyncio.Event()
        self.outcome = Outcome(asked={"customers": wish.customers, "kills": wish.kills, "fault": wish.fault})
        self._begin = time.monotonic()
        self._cards: CardForm | None = None
        connections = wish.at_once + 4
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        self._shop = Shop(config.public_url, connections=connections)
        self._keypads = httpx.AsyncClient(base_url=config.simulator_url, timeout=30, limits=limits)
        self._sandbox = httpx.AsyncClient(base_url=config.sandbox_url, timeout=30)
        self._database = Database(config.database_url) if config.database_url else None
        self._kills = Kills(config.data, wish.kills, wish.seed) if wish.kills and config.data else None
        self._outage: Outage | None = None

    async def go(self) -> Outcome:
        """Run to the end. Raises NoAnswer when there is nothing to run against."""
        try:
            await self.visits()
            return await self.finish()
        finally:
            await self.close()

    async def visits(self) -> None:
        """Let all customers come and go, with the fault switched on meanwhile. Raises NoAnswer."""
        outcome = self.outcome
        self._cards = await self._open_card_form()
        world = await self._world(self._cards)
        struck_before = 0
        if self._wish.fault:
            struck_before = await self._struck()
            await self._switch_on(self._wish.fault)
        agreed = asyncio.create_task(self._kill(outcome)) if self._kills else None
        away = asyncio.create_task(self._outage.happen(self._stopping)) if self._outage else None
        await self._let_visit(world)
        for task in filter(None, (away, agreed)):
            await task
        if self._wish.fault:
            await self._switch_off()
            outcome.fault_hits = await self._struck() - struck_before

    async def finish(self, others_gone: asyncio.Event | None = None) -> Outcome:
        """Wait until this run's orders have come to rest, and check them.

        `others_gone`: others come meanwhile, with faults of their own, until then; only from then on the time counts
        in which all must have come to rest, and only this run's orders can be judged.
        """
        outcome = self.outcome
        await self._settle(outcome, others_gone)
        await self._check(outcome, alone=others_gone is None)
        outcome.seconds = time.monotonic() - self._begin
        traffic = self._shop.traffic
        outcome.requests, outcome.repeated = traffic.requests, traffic.repeated
        outcome.server_errors = traffic.server_errors
        outcome.over = True
        return outcome

    async def close(self) -> None:
        """Close all connections."""
        if self._cards:
            await self._cards.close()
        await asyncio.gather(self._shop.close(), self._keypads.aclose(), self._sandbox.aclose())

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
        if self._wish.outage_seconds:
            for number, token in enumerate(tokens):
                await self._save_card(cards, token, key=f"saved-card-of-customer-{self._wish.seed}-{number}")
            self._outage = Outage(self._wish.outage_seconds, self._config.minute_seconds, self._sandbox)
        return World(self._shop, cards, self._keypads, stores, tokens, strangers=[], outage=self._outage)

    async def _save_card(self, cards: CardForm, token: str, *, key: str) -> None:
        """Have a person save a card, so that it can be charged while they are away."""
        path, headers = "/api/v1/me/payment-methods", {"X-Session-Token": token}
        setup = await self._shop.call("POST", f"{path}/setup", body={}, headers={**headers, "Idempotency-Key": key})
        if not setup.ok:
            raise NoAnswer(f"saving a card answered {setup.status} {setup.code}")
        method = await cards.save(setup.body["client_secret"], number=GOOD)
        chosen = await self._shop.call("PUT", f"{path}/default", body={"id": method}, headers=headers)
        if not chosen.ok:
            raise NoAnswer(f"a saved card answered {chosen.status}")

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

    async def _switch_off(self) -> None:
        await self._sandbox.request("DELETE", "/_sandbox/faults", headers={"content-type": "application/json"})

    async def _struck(self) -> int:
        """Return how often the wished kind of fault has struck since the sandbox's start: one may end by itself."""
        told = (await self._sandbox.get("/_sandbox/faults")).json()
        return int(told["struck"].get(self._wish.fault, 0))

    # --- visits -------------------------------------------------------------------------------------------------------

    async def _let_visit(self, world: World) -> None:
        wish = self._wish
        plans = make_plans(
            customers=wish.customers, seed=wish.seed, accounts=len(world.tokens), declines_each=wish.declines_each
        )
        room = asyncio.Semaphore(self._wish.at_once)
        traces = self.outcome.traces
        done = 0

        async def one(plan: Plan) -> None:
            nonlocal done
            if self._outage:
                await self._outage.arrive(plan.number, len(plans))
            async with room:
                if self._kills and self._kills.over.is_set():
                    return
                traces.append(trace := Trace(plan))
                shop = self._shop.from_home(home_of(plan.number, seed=self._wish.seed))
                try:
                    await visit(replace(world, shop=shop), trace)
                finally:
                    await shop.close()
            done += 1
            if done % 50 == 0:
                print(f"  {done} of {len(plans)} customers have been here", flush=True)

        everybody = asyncio.gather(*(one(plan) for plan in plans))
        stopped = asyncio.create_task(self._stopping.wait())
        either: set[asyncio.Future[Any]] = {everybody, stopped}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not everybody.done():
            everybody.cancel()
        with suppress(asyncio.CancelledError):
            await everybody

    async def _kill(self, outcome: Outcome) -> None:
        """Kill what was asked for, then see how long the books take to agree."""
        assert self._kills
        assert self._database
        await self._kills.go(self._stopping)
        outcome.killed = dict(self._kills.done)
        longest = AGREE_WITHIN[self._wish.fault != "webhook_lost"]
        outcome.agree_seconds = await seconds_to_agree(self._differing, longest=longest)
        if outcome.agree_seconds is None:
            outcome.violations.append(f"the books did not agree within {longest:.0f} s after the last kill")

    def _differing(self) -> int:
        assert self._database
        books = httpx.get(f"{self._config.sandbox_url}/_sandbox/stripe/books", timeout=30).json()
        return disagreements(dict(self._database.read().orders), intents(books))

    # --- after --------------------------------------------------------------------------------------------------------

    async def _settle(self, outcome: Outcome, others_gone: asyncio.Event | None) -> None:
        """Wait until every order of ours has ended and no money is on its way, or the time for it is over."""
        end = time.monotonic() + self._wish.settle_seconds
        waiting = [trace for trace in outcome.traces if trace.order_id]
        mine = [str(trace.order_id) for trace in waiting]
        while True:
            if others_gone and not others_gone.is_set():
                end = time.monotonic() + self._wish.settle_seconds
            if self._stopping.is_set() and not outcome.stopped:
                outcome.stopped, end = True, min(end, time.monotonic() + STOPPED_SECONDS)
            waiting = await self._still_waiting(waiting)
            busy = await self._busy(mine if others_gone else None)
            if not waiting and not busy:
                break
            if time.monotonic() > end:
                outcome.unsettled += [f"order {one.order_id} is {one.status}" for one in waiting]
                outcome.unsettled += [f"{busy} jobs or refunds are under way"] if busy else []
                break
            await asyncio.sleep(REST_EVERY)
        outcome.statuses = Counter(trace.status for trace in outcome.traces if trace.order_id)

    async def _busy(self, only: list[str] | None) -> int:
        """Count the jobs and refunds under way; `only` counts the refunds of these orders."""
        if self._database is None:
            return 0
        if only is None:
            return await asyncio.to_thread(self._database.waiting)
        return await asyncio.to_thread(self._database.refunds_waiting, only)

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

    async def _check(self, outcome: Outcome, *, alone: bool) -> None:
        outcome.violations += [wrong for trace in outcome.traces for wrong in trace.wrong]
        if self._shop.traffic.server_errors:
            outcome.violations.append(f"{self._shop.traffic.server_errors} answers were 500, our own fault")
        theirs = intents((await self._sandbox.get("/_sandbox/stripe/books")).json())
        mine = frozenset(trace.order_id for trace in outcome.traces if trace.order_id)
        outcome.refunded = sum(1 for one in theirs if one.refunded_cents and one.order_id in mine)
        if self._database is None:
            return
        ours: Ours = await asyncio.to_thread(self._database.read)
        if outcome.stopped:  # of an order that was stopped on its way nothing can be said
            mine = frozenset(str(one.order_id) for one in outcome.traces if one.order_id and one.status in FINAL)
        if alone:
            whole = not outcome.unsettled and not outcome.stopped
            outcome.violations += violations(ours, theirs, only=None if whole else mine)
        else:
            outcome.violations += violations_of(mine, ours, theirs)
        outcome.database_checked = True
        if self._outage:
            await self._check_outage(outcome, self._outage, {one.order_id: one for one in theirs})

    async def _check_outage(self, outcome: Outcome, outage: Outage, theirs: dict[str, Intent]) -> None:
        assert self._database
        until = await asyncio.to_thread(self._database.pay_until)
        ordered = [trace for trace in outcome.traces if trace.order_id]
        verdict = judge(
            (Window(one.order_id or "", one.away, until.get(one.order_id or "")) for one in ordered), theirs
        )
        outcome.violations += verdict.wrong
        outcome.outage = {
            "seconds": outage.lasted,
            "minutes_of_consent": round(outage.lasted / outage.minute_seconds, 1),
            "told": outage.met.total(),
            "reactions": {reaction.value: count for reaction, count in sorted(outage.met.items())},
            "paid_after_all": verdict.recovered,
            "charged_by_itself": verdict.charged_by_itself,
            "late_and_given_back": verdict.late_and_given_back,
            "paid_by_hand_before_closing": verdict.paid_before_closing,
            "latest_of_these_seconds": verdict.latest_seconds,
            "lost_or_charged_without_consent": len(verdict.wrong),
        }


async def read_books(config: Config) -> Json:
    """Return the sandbox's own books."""
    async with httpx.AsyncClient(base_url=config.sandbox_url, timeout=30) as client:
        found: Json = (await client.get("/_sandbox/stripe/books")).json()
        return found


FAULTS: dict[str, Json] = {
    "outage": {"seconds": 8},
    "refuse_before": {"probability": 0.3},
    "fail_after": {"probability": 0.3},
    "stored_500": {"probability": 0.15},
    "stored_before": {"probability": 0.15},
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
