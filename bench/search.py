"""`./run bench search`: how long staff wait for a payment among 100,000, whatever they look for, and by which index.

The payments are written inside one transaction of this program and taken back at its end: the system that runs keeps
nothing of them.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
from django.db import connection, transaction
from django.utils.module_loading import import_string

from bench._load import percentile
from bench._report import print_machine

PAYMENTS = 100_000
BATCH = 10_000
"""Rows a statement: more would meet the application's own limit on a statement's time."""
ROUNDS = 30
TABLES = ("ordering_order", "payments_payment", "payments_refund", "payments_dispute")
BUDGETS = {"worst_p99_ms": 100.0}

_ORDERS = """
    INSERT INTO ordering_order (
        id, created_at, store_id, contact_email, token_hash, quote_id, status, status_at, status_actor, status_reason,
        version, currency, subtotal_cents, tax_cents, total_cents, drinks, make_seconds, pickup_mode, pay_until,
        robot_name, drink_index, step_text, share_permille)
    SELECT md5('order' || n)::uuid, now() - n * interval '30 seconds',
           (%(stores)s::uuid[])[1 + n %% array_length(%(stores)s::uuid[], 1)], '', sha256(n::text::bytea),
           md5('quote' || n)::uuid, 'picked_up', now() - n * interval '30 seconds', 'bench', '',
           1, 'USD', 600 + n %% 900, 40, 640 + n %% 900, 1, 40, 'now', now(), '', 0, '', 0
    FROM generate_series(%(first)s::int, %(last)s::int) n"""
_PAYMENTS = """
    INSERT INTO payments_payment (
        id, created_at, reference, store_id, currency, amount_cents, tax_cents, description, statement_suffix, status,
        attempt, sent_at, intent_id, client_secret, last_charge_id, failures, failure_code, failure_message,
        succeeded_at, refunding_cents)
    SELECT md5('payment' || n)::uuid, ordered.created_at, ordered.id, ordered.store_id, 'USD', ordered.total_cents, 40,
           'CodePop order', 'BENCH', CASE WHEN n %% 50 = 7 THEN 'cancelled' ELSE 'succeeded' END, 1, ordered.created_at,
           'pi_bench' || n, '', 'ch_bench' || n, CASE WHEN n %% 1000 = 3 THEN 1 ELSE 0 END, '', '',
           ordered.created_at, CASE WHEN n %% 500 = 9 THEN 100 ELSE 0 END
    FROM generate_series(%(first)s::int, %(last)s::int) n
    JOIN ordering_order ordered ON ordered.id = md5('order' || n)::uuid"""


class _TakeBack(Exception):
    """Ends the transaction that holds the payments."""


def _fill(stores: list[str]) -> None:
    with connection.cursor() as cursor:
        for first in range(1, PAYMENTS + 1, BATCH):
            values: dict[str, Any] = {"stores": stores, "first": first, "last": first + BATCH - 1}
            cursor.execute(_ORDERS, values)
            cursor.execute(_PAYMENTS, values)
            print(f"  {first + BATCH - 1:>8,} payments", flush=True)


def _searches(wanted: Any) -> dict[str, Any]:
    """Return what people look for; what is rare lies far back, where a search by time comes last."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM ordering_order WHERE id = md5('order70000')::uuid")
        number = int(cursor.fetchone()[0]) % 216_000
        cursor.execute("SELECT now() - interval '20 days', now() - interval '19 days', md5('payment70000')::uuid")
        since, until, payment = cursor.fetchone()
    code = f"{'ABCDEFGHJKLMNPQRSTUVWXYZ'[number // 9_000]}-{1000 + number % 9_000}"
    return {
        "newest": wanted(),
        "code": wanted(text=code),
        "intent": wanted(text="pi_bench70000"),
        "charge": wanted(text="ch_bench70000"),
        "refund": wanted(text="re_bench70000"),
        "dispute": wanted(text="du_bench70000"),
        "id": wanted(text=str(payment)),
        "amount": wanted(amount_cents=777),
        "amount_absent": wanted(amount_cents=55),
        "day": wanted(since=since, until=until),
        "later_page": wanted(before=payment),
        "declined": wanted(state="declined"),
        "refunded": wanted(state="refunded"),
        "disputed": wanted(state="disputed"),
        "open": wanted(state="open"),
        "cancelled": wanted(state="cancelled"),
    }


def _timed(act: Callable[[], object]) -> list[float]:
    act()
    lasted = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        act()
        lasted.append((time.perf_counter() - begin) * 1000)
    return lasted


@contextmanager
def _statements(seen: list[tuple[str, Any]]) -> Iterator[None]:
    def look(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        seen.append((str(sql), parameters))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(look):
        yield


def _plan(act: Callable[[], object]) -> dict[str, list[str]]:
    """Return which indexes a search used, and which of the large tables it read from end to end."""
    seen: list[tuple[str, Any]] = []
    with _statements(seen):
        act()
    indexes, whole = set(), set()
    for sql, parameters in seen:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", parameters)
            for node in _nodes(cursor.fetchone()[0][0]["Plan"]):
                if name := node.get("Index Name"):
                    indexes.add(name)
                if node["Node Type"] == "Seq Scan" and node["Relation Name"] in ("ordering_order", "payments_payment"):
                    whole.add(node["Relation Name"])
    return {"indexes": sorted(indexes), "read_whole": sorted(whole)}


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)


def _measure_searches(stores: list[str]) -> dict[str, Any]:
    search, wanted = (
        import_string("codepop.reporting.records.search"),
        import_string("codepop.reporting.records.Wanted"),
    )
    found: dict[str, Any] = {}
    for chosen, name in ((stores, "chain"), (stores[:1], "store")):
        for what, asked in _searches(wanted).items():

            def act(chosen: list[str] = chosen, asked: Any = asked) -> object:
                return search(chosen, asked)

            lasted = _timed(act)
            figures = {"p50_ms": round(percentile(lasted, 0.5), 2), "p99_ms": round(percentile(lasted, 0.99), 2)}
            found[f"{what}/{name}"] = figures | _plan(act)
    return found


def measure() -> dict[str, Any]:
    """Write the payments, search, take them back."""
    load_before = os.getloadavg()[0]
    figures: dict[str, Any] = {}
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = 0")
                cursor.execute("SELECT id::text FROM stores_store ORDER BY id")
                stores = [row[0] for row in cursor.fetchall()]
            _fill(stores)
            with connection.cursor() as cursor:
                for table in TABLES:
                    cursor.execute(f"ANALYZE {table}")
            figures["searches"] = _measure_searches(stores)
            raise _TakeBack
    except _TakeBack:
        pass
    worst = max(one["p99_ms"] for one in figures["searches"].values())
    whole = sorted(name for name, one in figures["searches"].items() if one["read_whole"])
    machine = {"cores": os.cpu_count(), "load_before": round(load_before, 1)}
    return {"payments": PAYMENTS, "worst_p99_ms": worst, "read_whole": whole, "machine": machine, **figures}


def _print(figures: dict[str, Any]) -> None:
    print(f"\n  {'search':<22}{'p50 ms':>9}{'p99 ms':>9}   by")
    for name, one in figures["searches"].items():
        whole = f"  WHOLE {', '.join(one['read_whole'])}" if one["read_whole"] else ""
        print(f"  {name:<22}{one['p50_ms']:>9}{one['p99_ms']:>9}   {', '.join(one['indexes'])}{whole}")
    kept = "kept" if figures["worst_p99_ms"] <= BUDGETS["worst_p99_ms"] else "NOT KEPT"
    print(f"\n  worst p99 {figures['worst_p99_ms']} ms   budget <= {BUDGETS['worst_p99_ms']:g}   {kept}")
    print_machine(figures["machine"])


def main(words: list[str]) -> int:
    """Measure; 0 when no search read a whole table."""
    parser = argparse.ArgumentParser(prog="./run bench search", description=__doc__.split("\n\n")[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file")
    given = parser.parse_args(words)
    # The owner's rights: only the owner may have the planner's statistics made anew.
    os.environ["DATABASE_URL"] = json.loads(Path(os.environ["CODEPOP_RUN_FILE"]).read_text())["database_owner_url"]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
    django.setup()
    figures = measure()
    _print(figures)
    if given.json:
        given.json.write_text(json.dumps(figures, indent=2) + "\n")
    return 1 if figures["read_whole"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
