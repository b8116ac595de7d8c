"""`python -m simulator.customers`: see `--help`."""

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from simulator.customers.config import read_config
from simulator.customers.run import FAULTS, Outcome, Run, Wish
from simulator.customers.shop import NoAnswer


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./run simulate",
        description="Let customers order, pay and fetch drinks over HTTP, then check that everything adds up.",
    )
    parser.add_argument("--customers", type=int, default=100, help="how many customers come (default 100)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same customers")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result to a file")
    parser.add_argument(
        "--fault",
        choices=["all", *FAULTS],
        metavar="KIND",
        help=f"switch a fault of the sandbox on while the customers are there: all (each in turn), {', '.join(FAULTS)}",
    )
    parser.add_argument("--store", metavar="SLUG", help="all of them go to this store (default: any that is open)")
    parser.add_argument("--at-once", type=int, default=40, help="how many customers are there at the same time")
    parser.add_argument(
        "--settle-seconds", type=float, default=300, help="how long to wait in the end until every order has ended"
    )
    given = parser.parse_args(words)
    if given.customers < 1 or given.at_once < 1:
        parser.error("--customers and --at-once must be at least 1")
    return given


def _print(outcome: Outcome) -> None:
    result = outcome.to_json()
    names = ("orders", "picked_up", "cancelled", "expired", "refunded", "violations", "seconds", "requests")
    for name in names:
        print(f"  {name.replace('_', ' '):<14}{result[name]}")
    others = {k: v for k, v in result["by_status"].items() if k not in names}
    if others:
        print(f"  {'other ends':<14}{', '.join(f'{value} {key}' for key, value in others.items())}")
    for line in result["violation_details"][:20]:
        print(f"  ✗ {line}")
    if outcome.unsettled:
        print(f"  {len(outcome.unsettled)} had not ended when the wait was over, such as: {outcome.unsettled[0]}")
        print("  (a drink waits CODEPOP_READY_SECONDS behind its door, an unpaid order CODEPOP_PAYMENT_SECONDS)")
    if not outcome.database_checked:
        print("  DATABASE_URL is not set: stock, doors, ledger and history were not checked")


def main(words: list[str]) -> int:
    """Run once, or once for each fault; 0 when nothing was violated and all came to rest."""
    given = _arguments(words)
    config = read_config()
    kinds: list[str | None] = list(FAULTS) if given.fault == "all" else [given.fault]
    results: dict[str, Any] = {}
    failed = False
    for number, kind in enumerate(kinds):
        print(f"{given.customers} customers{f', with the fault {kind}' if kind else ''}", flush=True)
        wish = Wish(given.customers, given.seed + number, kind, given.at_once, given.settle_seconds, given.store)
        try:
            outcome = asyncio.run(Run(config, wish).go())
        except NoAnswer as error:
            print(f"✗ {error}", file=sys.stderr)
            return 2
        _print(outcome)
        failed |= bool(outcome.violations or outcome.unsettled)
        results[kind or "none"] = outcome.to_json()
    if given.json:
        content = results if given.fault == "all" else next(iter(results.values()))
        given.json.write_text(json.dumps(content, indent=2) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
