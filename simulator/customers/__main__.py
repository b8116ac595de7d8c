"""`python -m simulator.customers`: see `--help`."""

import argparse
import asyncio
import sys
from pathlib import Path

from simulator.customers.config import Config, read_config
from simulator.customers.plans import DECLINES_EACH
from simulator.customers.run import FAULTS, Outcome, Wish
from simulator.customers.shop import NoAnswer
from simulator.customers.trial import Trial


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
    parser.add_argument(
        "--kills",
        type=int,
        default=0,
        metavar="N",
        help="kill -9 web and worker processes N times while customers keep coming; starts a system of its own for it",
    )
    parser.add_argument(
        "--outage",
        type=float,
        nargs="?",
        const=float("inf"),
        metavar="SECONDS",
        help="the payment provider is away in the middle of it; starts a system of its own in which an hour of "
        "consents lasts two minutes, and so does the outage unless SECONDS are given",
    )
    given = parser.parse_args(words)
    if given.customers < 1 or given.at_once < 1:
        parser.error("--customers and --at-once must be at least 1")
    if given.outage is not None and (given.outage <= 0 or given.kills or given.fault):
        parser.error("--outage is longer than no time, and a trial of its own: without --kills and --fault")
    return given


def _tell_line(name: str, outcome: Outcome) -> None:
    """Say in a line what one of many runs came to, and what was wrong below it."""
    said = outcome.to_json()
    words = ("orders", "picked_up", "cancelled", "expired", "refunded", "fault_hits", "violations")
    figures = ", ".join(f"{name.replace('_', ' ')} {said[name]}" for name in words)
    print(f"{_MARKS[outcome.verdict]} {name:<22}{figures}, {said['seconds']} s", flush=True)
    for line in [*outcome.violations[:20], *outcome.unsettled[:3]]:
        print(f"    {line}", flush=True)


def _conclude(trial: Trial) -> None:
    """Say the verdict over everything that was done, and how much of what was asked for that is."""
    for line in trial.together or ():
        print(f"  ✗ all together: {line}")
    done = f"{sum(one.over and not one.stopped for one in trial.results.values())} of {len(trial.wishes)} runs done"
    for outcome in trial.results.values():
        if outcome.stopped:
            done += f"; the last was stopped after {len(outcome.traces)} of {outcome.asked['customers']} customers"
            done += f" and {sum(outcome.killed.values())} of {outcome.asked['kills']} kills"
            break
    print(f"{_MARKS[trial.verdict]} {trial.verdict}: {done}", flush=True)


_MARKS = {"passed": "✓", "failed": "✗", "stopped": "◌", "running": "◌"}


def _tell_all(_name: str, outcome: Outcome) -> None:
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
    if outcome.killed:
        killed = ", ".join(f"{count} x {what}" for what, count in outcome.killed.items())
        print(f"  {'killed':<14}{killed}; the books agreed after {outcome.agree_seconds} s")
    for name, value in (outcome.outage or {}).items():
        print(f"  outage: {name.replace('_', ' ')} {value}")
    if not outcome.database_checked:
        print("  DATABASE_URL is not set: stock, doors, ledger and history were not checked")


def _wish(given: argparse.Namespace, config: Config, customers: int, *, number: int, kind: str | None) -> Wish:
    outage = given.outage
    if outage == float("inf"):
        outage = 60.0 * config.minute_seconds
    return Wish(
        customers=customers,
        seed=given.seed + number,
        fault=kind,
        # Whoever waits for the provider must not keep others from coming.
        at_once=given.at_once if outage is None else customers,
        settle_seconds=given.settle_seconds,
        store=given.store,
        # Of the runs on one system the first has all the declines that an hour allows a person.
        declines_each=DECLINES_EACH if number == 0 else 0,
        kills=given.kills,
        outage_seconds=outage,
    )


def main(words: list[str]) -> int:
    """Run once, or once for each fault; 0 when nothing was violated and all came to rest."""
    given = _arguments(words)
    config = read_config()
    kinds: list[str | None] = list(FAULTS) if given.fault == "all" else [given.fault]
    customers = given.customers if not given.kills else max(given.customers, 10 * given.kills)
    wishes = [_wish(given, config, customers, number=number, kind=kind) for number, kind in enumerate(kinds)]
    if len(wishes) == 1:
        print(f"{customers} customers{f', with the fault {given.fault}' if given.fault else ''}", flush=True)
    trial = Trial(config, wishes, given.json, tell=_tell_all if len(wishes) == 1 else _tell_line)
    try:
        asyncio.run(trial.go())
    except NoAnswer as error:
        print(f"✗ {error}", file=sys.stderr)
        return 2
    _conclude(trial)
    return 0 if trial.verdict == "passed" else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
