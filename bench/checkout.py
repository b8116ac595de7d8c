"""`./run bench checkout`: what a checkout costs, against the floor of its own SQL (design section 14, first row).

A checkout is: quote, place, create the payment, confirm it at the sandbox, webhook, worker, order paid. Processor time
is that of web, worker and PostgreSQL; the sandbox, this driver and what the system does anyway (robots that ask for
work) are not counted.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from bench._checkout import Basket, CheckoutFailed, Client, Times, baskets
from bench._floor import FloorResult, Replay, copied_database, measure_floor
from bench._load import LoadResult, percentile, run_load
from bench._processor import processor_seconds
from bench._record import Recorder, Recording
from bench._report import print_machine

MEASURED = ("web", "worker", "postgres")
LEVELS = (1, 2, 4, 8, 16)
IDLE_SECONDS = 5.0
DRAIN_SECONDS = 60.0
TOLD_SECONDS = 150.0
BUDGETS = {
    "orders_per_s_per_core": (">=", 40.0),
    "p99_ms": ("<=", 150.0),
    "sql_place_order": ("<=", 15.0),
    "sql_flow": ("<=", 40.0),
    "ratio_to_floor": (">=", 0.5),
}


@dataclass(frozen=True)
class Level:
    """One load, with what it cost."""

    clients: int
    paid: int
    seconds: float
    processor: dict[str, float]
    errors: int

    @property
    def per_second(self) -> float:
        """Return paid orders per second of the clock."""
        return self.paid / self.seconds

    @property
    def per_core(self) -> float:
        """Return paid orders per second of processor time."""
        used = sum(self.processor.values())
        return self.paid / used if used > 0 else 0.0


@dataclass
class Bench:
    """A measurement of a running system."""

    facts: dict[str, Any]
    seconds: float
    placed: list[Times] = field(default_factory=list)
    load_before: float = 0.0

    def __post_init__(self) -> None:
        addresses = self.facts["addresses"]
        self.public_url, self.sandbox_url = addresses["web"], addresses["sandbox"]
        absent = [name for name in MEASURED if name not in self.facts["processes"]]
        if absent:
            raise CheckoutFailed(
                f"the processor time of {', '.join(absent)} can't be measured here, and the budget counts it. "
                "Run this against a system that ./run started with its own PostgreSQL, so without DATABASE_URL."
            )
        self.pids = {name: self.facts["processes"][name] for name in MEASURED}
        self.database = psycopg.connect(self.facts["database_owner_url"], autocommit=True)
        with closing(Client(self.public_url, self.sandbox_url, "")) as asking:
            config = asking.get("/config")
        if config["mode"] != "sandbox":
            raise CheckoutFailed("this system takes real money: it is not measured")
        self.publishable_key = config["stripe"]["publishable_key"]
        self.idle_per_second: dict[str, float] = {}

    def client(self) -> Client:
        """Return a new client."""
        return Client(self.public_url, self.sandbox_url, self.publishable_key)

    def look_at_idle(self) -> None:
        """Measure what the system uses while nobody orders, and nothing of earlier orders is left to do."""
        self._wait_until_told()
        before, begin = processor_seconds(self.pids), time.monotonic()
        time.sleep(IDLE_SECONDS)
        lasted, after = time.monotonic() - begin, processor_seconds(self.pids)
        self.idle_per_second = {name: (after[name] - before[name]) / lasted for name in self.pids}

    def level(self, goods: Sequence[Basket], clients: int) -> Level:
        """Measure one load until its last order is paid."""
        before, begin = processor_seconds(self.pids), time.monotonic()
        result = run_load(self.client, goods, clients=clients, seconds=self.seconds)
        paid = self._wait_until_paid(result)
        lasted, after = time.monotonic() - begin, processor_seconds(self.pids)
        used = {name: after[name] - before[name] - self.idle_per_second[name] * lasted for name in self.pids}
        _tell_errors(result)
        return Level(clients, paid, lasted, used, sum(result.errors.values()))

    def steady(self, goods: Sequence[Basket], *, per_second: float, clients: int) -> LoadResult:
        """Measure how long answers take at a steady load."""
        result = run_load(self.client, goods, clients=clients, seconds=self.seconds, per_second=per_second)
        self._wait_until_paid(result)
        _tell_errors(result)
        return result

    def _wait_until_told(self) -> None:
        """Wait until the receipts of the warm-up are sent: they are the worker's, but not what it does anyway."""
        end = time.monotonic() + TOLD_SECONDS
        statement = "SELECT count(*) FROM notifications_message WHERE state IN ('queued', 'sending')"
        while time.monotonic() < end:
            row = self.database.execute(statement).fetchone()
            if not row or not row[0]:
                return
            time.sleep(0.2)
        print(f"  receipts were still being sent after {TOLD_SECONDS:.0f} s: idle time is too high", file=sys.stderr)

    def _wait_until_paid(self, result: LoadResult) -> int:
        self.placed += result.times
        ids, end = [one.order_id for one in result.times], time.monotonic() + DRAIN_SECONDS
        statement = "SELECT count(*) FROM ordering_order WHERE id = ANY(%s::uuid[]) AND status = 'payment_pending'"
        while True:
            row = self.database.execute(statement, [ids]).fetchone()
            waiting = row[0] if row else 0
            if not waiting or time.monotonic() > end:
                result.errors.update({"not paid in time": waiting} if waiting else {})
                return len(ids) - waiting
            time.sleep(0.05)

    def record(self, goods: Sequence[Basket]) -> Recording:
        """Return the SQL of one checkout."""
        recorder = Recorder(sandbox_url=self.sandbox_url, webhook_secret="whsec_sandbox")
        client = self.client()
        try:
            return recorder.record(goods[0], pay=client.pay, worker_pid=self.pids["worker"])
        finally:
            client.close()

    def floor(self, recording: Recording, connections: int) -> FloorResult:
        """Measure the bare loop over the same number of connections."""
        with copied_database(self.facts["database_owner_url"]) as url:
            return measure_floor(
                Replay(recording),
                url=url,
                connections=connections,
                seconds=self.seconds,
                postgres_pid=self.pids.get("postgres"),
            )

    def clear_up(self) -> None:
        """Cancel what was ordered, so that the stores' stock and books are as before."""
        client = self.client()
        for one in self.placed:
            try:
                client.cancel(one)
            except (CheckoutFailed, OSError):
                continue
        client.close()


def _tell_errors(result: LoadResult) -> None:
    for text, count in result.errors.most_common(3):
        print(f"    {count} x {text}", file=sys.stderr)


def measure(bench: Bench, *, clear_up: bool) -> dict[str, Any]:
    """Do the whole measurement and return its figures."""
    bench.load_before = os.getloadavg()[0]
    client = bench.client()
    goods = baskets(client)
    client.close()
    print("  SQL of one checkout ...", flush=True)
    recording = bench.record(goods)
    run_load(bench.client, goods, clients=4, seconds=3)  # nobody measures a cold start
    bench.look_at_idle()
    levels = []
    for clients in LEVELS:
        levels.append(bench.level(goods, clients))
        print(f"  {clients:3} clients: {levels[-1].per_second:6.1f} orders/s", flush=True)
        if len(levels) > 1 and levels[-1].per_second < levels[-2].per_second:
            break
    best = max(levels, key=lambda level: level.per_second)
    steady = bench.steady(goods, per_second=best.per_second / 2, clients=best.clients)
    floor = bench.floor(recording, best.clients)
    if clear_up:
        bench.clear_up()
    return _figures(bench, recording, levels, best, steady, floor)


def _figures(
    bench: Bench, recording: Recording, levels: list[Level], best: Level, steady: LoadResult, floor: FloorResult
) -> dict[str, Any]:
    place = [one.place_ms for one in steady.times]
    return {
        "orders_per_s_per_core": round(best.per_core, 1),
        "p50_ms": round(percentile(place, 0.5), 1),
        "p99_ms": round(percentile(place, 0.99), 1),
        "sql_place_order": recording.count("place"),
        "sql_flow": recording.count(),
        "ratio_to_floor": round(best.per_core / floor.per_core, 2) if floor.per_core else 0.0,
        "errors": sum(level.errors for level in levels) + sum(steady.errors.values()),
        "sql_by_step": {name: len(statements) for name, statements in recording.steps.items()},
        "orders_per_s": round(best.per_second, 1),
        "clients": best.clients,
        "steady_per_s": round(best.per_second / 2, 1),
        "processor_ms_per_order": {
            name: round(1000 * seconds / max(best.paid, 1), 2) for name, seconds in best.processor.items()
        },
        "idle_cores": round(sum(bench.idle_per_second.values()), 3),
        "floor_per_s_per_core": round(floor.per_core, 1),
        "floor_per_s": round(floor.checkouts / floor.seconds, 1),
        "levels": [
            {"clients": one.clients, "orders_per_s": round(one.per_second, 1), "per_core": round(one.per_core, 1)}
            for one in levels
        ],
        "machine": {"cores": os.cpu_count(), "load_before": round(bench.load_before, 1)},
    }


def _print(figures: dict[str, Any]) -> None:
    print()
    for name, value in figures.items():
        if name not in BUDGETS:
            continue
        sign, limit = BUDGETS[name]
        kept = value >= limit if sign == ">=" else value <= limit
        print(f"  {name:<24}{value:>10}   budget {sign} {limit:g}   {'kept' if kept else 'NOT KEPT'}")
    for name in ("p50_ms", "errors", "orders_per_s", "floor_per_s_per_core", "idle_cores"):
        print(f"  {name:<24}{figures[name]:>10}")
    parts = ", ".join(f"{name} {ms} ms" for name, ms in figures["processor_ms_per_order"].items())
    print(f"  processor time of an order: {parts}")
    print_machine(figures["machine"])


def main(words: list[str]) -> int:
    """Measure; 0 when nothing failed on the way."""
    parser = argparse.ArgumentParser(prog="./run bench checkout", description=__doc__.split("\n\n")[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file")
    parser.add_argument("--seconds", type=float, default=8.0, help="how long each load lasts (default 8)")
    parser.add_argument("--keep-orders", action="store_true", help="leave the measured orders paid")
    given = parser.parse_args(words)
    facts = json.loads(Path(os.environ["CODEPOP_RUN_FILE"]).read_text())
    try:
        figures = measure(Bench(facts, given.seconds), clear_up=not given.keep_orders)
    except CheckoutFailed as error:
        print(f"✗ {error}", file=sys.stderr)
        return 2
    _print(figures)
    if given.json:
        given.json.write_text(json.dumps(figures, indent=2) + "\n")
    return 1 if figures["errors"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
