"""`./run bench webhook`: how soon a provider's message is the order's state, and on the customer's screen.

Orders are placed and paid at the sandbox, which is kept from telling; then we deliver its events, signed, to the system
that runs: at rising load, at half of the highest rate with every customer's stream open, and all of them once more.
"""

import argparse
import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from bench._checkout import Basket, CheckoutFailed, Client, Times, Wire, baskets
from bench._load import percentile
from bench._processor import processor_seconds
from bench._provider import Provider
from bench._report import run_measurement
from bench._watch import Commits, Screens

MEASURED = ("web", "worker", "postgres")
LEVELS = (1, 2, 4, 8, 16)
PREPARING = 4
STATE_SECONDS = 60.0
BUDGETS = {"p99_ms_to_screen": 250.0}


@dataclass(frozen=True)
class Told:
    """An order that is paid at the provider, and the event that says so, not yet delivered."""

    order: Times
    body: bytes


@dataclass
class Burst:
    """What came of delivering some events: milliseconds from the first byte sent."""

    to_answer: list[float] = field(default_factory=list)
    to_state: list[float] = field(default_factory=list)
    to_screen: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def per_second(self) -> float:
        """Return how many events became state in a second, from the first sent to the last applied."""
        return len(self.to_state) / self.seconds if self.seconds else 0.0


class Bench:
    """A measurement of a running system."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self.addresses = facts["addresses"]
        self.pids = {name: facts["processes"][name] for name in MEASURED if name in facts["processes"]}
        self.database = psycopg.connect(facts["database_url"], autocommit=True)
        self.commits = Commits(facts["database_url"])
        with closing(Client(self.addresses["web"], self.addresses["sandbox"], "")) as asking:
            config = asking.get("/config")
        if config["mode"] != "sandbox":
            raise CheckoutFailed("this system takes real money: it is not measured")
        self.publishable_key = config["stripe"]["publishable_key"]
        self.provider = Provider(self.addresses["sandbox"], "whsec_sandbox")
        self.placed: list[Times] = []

    def client(self) -> Client:
        """Return a new client."""
        return Client(self.addresses["web"], self.addresses["sandbox"], self.publishable_key)

    def prepare(self, goods: Sequence[Basket], count: int) -> list[Told]:
        """Place orders and pay them at the sandbox, whose deliveries must be kept back meanwhile."""
        shares = [range(first, count, PREPARING) for first in range(min(PREPARING, count))]

        def some(numbers: range) -> list[tuple[Times, str]]:
            client = self.client()
            try:
                return [client.checkout_unseen(goods[number % len(goods)]) for number in numbers]
            finally:
                client.close()

        with ThreadPoolExecutor(PREPARING) as pool:
            orders = [one for share in pool.map(some, shares) for one in share]
        self.placed += [order for order, _ in orders]
        events = self.provider.paid_events([intent for _, intent in orders])
        return [Told(order, json.dumps(events[intent]).encode()) for order, intent in orders]

    def deliver(
        self, told: Sequence[Told], *, clients: int, per_second: float | None = None, screens: Screens | None = None
    ) -> Burst:
        """Deliver the events over so many connections and wait until each has had its effect."""
        burst, sent = Burst(), dict[str, float]()
        begin = time.perf_counter()
        self._post_all(told, burst, sent, clients=clients, per_second=per_second)
        self._wait(sent, screens, burst)
        for order, at in sent.items():
            if seen := [one for one in self.commits.seen[order] if one > at]:
                burst.to_state.append((seen[0] - at) * 1000)
                burst.seconds = max(burst.seconds, seen[0] - begin)
            if screens and order in screens.paid:
                burst.to_screen.append((screens.paid[order] - at) * 1000)
        return burst

    def _post_all(
        self, told: Sequence[Told], burst: Burst, sent: dict[str, float], *, clients: int, per_second: float | None
    ) -> None:
        begin, numbers, lock = time.perf_counter(), iter(range(len(told))), threading.Lock()

        def post() -> None:
            wire = Wire(self.addresses["web"])
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    break
                if per_second:
                    time.sleep(max(0.0, begin + number / per_second - time.perf_counter()))
                one, at = told[number], time.perf_counter()
                sent[one.order.order_id] = at
                try:
                    self.provider.deliver(wire, one.body)
                    burst.to_answer.append((time.perf_counter() - at) * 1000)
                except (CheckoutFailed, OSError) as error:
                    burst.errors[str(error)[:160]] += 1
            wire.close()

        threads = [threading.Thread(target=post) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _wait(self, sent: dict[str, float], screens: Screens | None, burst: Burst) -> None:
        statement = "SELECT count(*) FROM ordering_order WHERE id = ANY(%s::uuid[]) AND status = 'payment_pending'"
        end = time.monotonic() + STATE_SECONDS
        while time.monotonic() < end:
            row = self.database.execute(statement, [list(sent)]).fetchone()
            unseen = [order for order in sent if screens and order not in screens.paid]
            if row == (0,) and not unseen:
                return
            time.sleep(0.05)
        burst.errors["an event had no effect in time"] += 1

    def repeat(self, told: Sequence[Told], *, clients: int) -> tuple[float, int]:
        """Deliver everything again; returns how many a second were answered, and how many rows that made (none)."""
        before, burst, begin = self._rows(), Burst(), time.perf_counter()
        self._post_all(told, burst, {}, clients=clients, per_second=None)
        lasted = time.perf_counter() - begin
        return len(burst.to_answer) / lasted, self._rows() - before + sum(burst.errors.values())

    def _rows(self) -> int:
        counted = "SELECT (SELECT count(*) FROM core_inboxmessage) + (SELECT count(*) FROM payments_ledgertransaction)"
        row = self.database.execute(counted).fetchone()
        return int(row[0]) if row else 0

    def close(self) -> None:
        """Cancel what was ordered, so that the stores' stock and books are as before, and let go."""
        client = self.client()
        for one in self.placed:
            try:
                client.cancel(one)
            except (CheckoutFailed, OSError):
                continue
        client.close()
        self.commits.close()
        self.database.close()


def measure(bench: Bench, *, events: int) -> dict[str, Any]:
    """Do the whole measurement and return its figures."""
    load_before = os.getloadavg()[0]
    client = bench.client()
    goods = baskets(client)
    client.close()
    with bench.provider.webhooks_lost(seconds=3600):
        bench.deliver(bench.prepare(goods, 8), clients=4)  # nobody measures a cold start
        levels: list[tuple[int, Burst, float]] = []
        for clients in LEVELS:
            told = bench.prepare(goods, events)
            before = processor_seconds(bench.pids)
            burst = bench.deliver(told, clients=clients)
            used = sum(processor_seconds(bench.pids).values()) - sum(before.values())
            levels.append((clients, burst, used))
            print(f"  {clients:3} connections: {burst.per_second:6.1f} events/s", flush=True)
            if len(levels) > 1 and burst.per_second < levels[-2][1].per_second:
                break
        clients, best, used = max(levels, key=lambda level: level[1].per_second)
        told = bench.prepare(goods, events)
        screens = Screens(bench.addresses["live"], [(one.order.order_id, one.order.token) for one in told])
        try:
            steady = bench.deliver(told, clients=clients, per_second=best.per_second / 2, screens=screens)
        finally:
            screens.close()
        duplicates, wrong = bench.repeat(told * 4, clients=clients)
    for burst in (*[level[1] for level in levels], steady):
        for text, count in burst.errors.most_common(3):
            print(f"    {count} x {text}", file=sys.stderr)
    return {
        "events_per_s": round(best.per_second, 1),
        "p50_ms_to_state": round(percentile(steady.to_state, 0.5), 1),
        "p99_ms_to_state": round(percentile(steady.to_state, 0.99), 1),
        "p50_ms_to_screen": round(percentile(steady.to_screen, 0.5), 1),
        "p99_ms_to_screen": round(percentile(steady.to_screen, 0.99), 1),
        "duplicates_per_s": round(duplicates, 1),
        "errors": wrong + sum(sum(burst.errors.values()) for burst in (*[level[1] for level in levels], steady)),
        "p99_ms_to_answer": round(percentile(steady.to_answer, 0.99), 1),
        "clients": clients,
        "steady_per_s": round(best.per_second / 2, 1),
        "streams": len(steady.to_screen),
        "processor_ms_per_event": round(1000 * used / max(len(best.to_state), 1), 2),
        "levels": [{"clients": number, "events_per_s": round(burst.per_second, 1)} for number, burst, _ in levels],
        "machine": {"cores": os.cpu_count(), "load_before": round(load_before, 1)},
    }


def main(words: list[str]) -> int:
    """Measure; 0 when nothing failed on the way."""
    parser = argparse.ArgumentParser(prog="./run bench webhook", description=__doc__.split("\n\n")[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file")
    parser.add_argument("--events", type=int, default=100, help="how many events each load has (default 100)")
    given = parser.parse_args(words)
    figures = run_measurement(
        Bench, lambda bench: measure(bench, events=given.events), budgets=BUDGETS, file=given.json
    )
    if figures is None:
        return 2
    return 1 if figures["errors"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
