"""`./run bench claim`: how soon a robot that waits has an order that is released to its store.

Orders that are wanted now are placed and paid, each at another store with an idle robot, so what is measured is the
way: commit of the release, NOTIFY, live process, the machines' stream, the robot's claim, its commit.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

from bench._checkout import Basket, CheckoutFailed, Client, Times, baskets
from bench._load import percentile
from bench._report import run_measurement
from bench._watch import Commits

RELEASED, CLAIMED = 3, 4
"""Versions of an order: placed, paid, released (one commit with paid), being prepared."""
WARM_UP = 5
CLAIM_SECONDS = 30.0
BUDGETS = {"p99_ms": 100.0}


class Bench:
    """A measurement of a running system with its simulated robots."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self._addresses = facts["addresses"]
        self._database = psycopg.connect(facts["database_url"], autocommit=True)
        with closing(Client(self._addresses["web"], self._addresses["sandbox"], "")) as asking:
            config = asking.get("/config")
            if config["mode"] != "sandbox":
                raise CheckoutFailed("this system takes real money: it is not measured")
            self.goods = _one_a_store(baskets(asking))
        key = config["stripe"]["publishable_key"]
        self._client = Client(self._addresses["web"], self._addresses["sandbox"], key, pickup={"mode": "now"})
        self._commits = Commits(facts["database_url"])
        self._turn = 0

    def claims(self, count: int, *, per_second: float) -> tuple[list[float], int]:
        """Order so many, one after the other; return the milliseconds to each claim, and how many had none in time."""
        begin, orders = time.monotonic(), list[Times]()
        for number in range(count):
            time.sleep(max(0.0, begin + number / per_second - time.monotonic()))
            orders.append(self._client.checkout(self.goods[self._turn % len(self.goods)]))
            self._turn += 1
        ids = [order.order_id for order in orders]
        self._wait(ids)
        told = [self._commits.versions[one] for one in ids]
        found = [(one[CLAIMED] - one[RELEASED]) * 1000 for one in told if RELEASED in one and CLAIMED in one]
        return found, count - len(found)

    def _wait(self, ids: Sequence[str]) -> None:
        """Wait until robots have all of them, or time is over."""
        statement = "SELECT count(*) FROM ordering_order WHERE id = ANY(%s::uuid[]) AND version < %s"
        end = time.monotonic() + CLAIM_SECONDS
        while time.monotonic() < end:
            if self._database.execute(statement, [list(ids), CLAIMED]).fetchone() == (0,):
                time.sleep(0.5)  # the last notice is on its way
                return
            time.sleep(0.1)

    def close(self) -> None:
        """Let go. The orders stay: what a robot has begun can't be cancelled."""
        self._client.close()
        self._commits.close()
        self._database.close()


def _one_a_store(goods: Sequence[Basket]) -> list[Basket]:
    return list({basket.store_id: basket for basket in goods}.values())


def measure(bench: Bench, *, orders: int, per_second: float) -> dict[str, Any]:
    """Do the whole measurement and return its figures."""
    load_before = os.getloadavg()[0]
    bench.claims(WARM_UP, per_second=per_second)  # nobody measures a cold start
    found, missing = bench.claims(orders, per_second=per_second)
    return {
        "p50_ms": round(percentile(found, 0.5), 1),
        "p99_ms": round(percentile(found, 0.99), 1),
        "claims": len(found),
        "errors": missing,
        "stores": len(bench.goods),
        "orders_per_s": per_second,
        "machine": {"cores": os.cpu_count(), "load_before": round(load_before, 1)},
    }


def main(words: list[str]) -> int:
    """Measure; 0 when every order had its robot."""
    parser = argparse.ArgumentParser(prog="./run bench claim", description=__doc__.split("\n\n")[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file")
    parser.add_argument("--orders", type=int, default=100, help="how many orders; at most some for each store")
    parser.add_argument("--per-second", type=float, default=2.0, help="orders a second (default 2)")
    given = parser.parse_args(words)
    figures = run_measurement(
        Bench,
        lambda bench: measure(bench, orders=given.orders, per_second=given.per_second),
        budgets=BUDGETS,
        file=given.json,
    )
    if figures is None:
        return 2
    return 1 if figures["errors"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
