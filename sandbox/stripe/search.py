"""Stripe's search language: clauses joined by AND or by OR, over a few fields and metadata, with an index that can
lag behind.
"""

import re
from collections.abc import Callable
from typing import Any

from sandbox.faults import SEARCH_KINDS
from sandbox.store import Json
from sandbox.stripe.account import Account
from sandbox.stripe.errors import invalid
from sandbox.stripe.render import data_expand, render

FIELDS = {
    "payment_intent": ("amount", "created", "currency", "customer", "status"),
    "charge": ("amount", "created", "currency", "customer", "disputed", "refunded", "status"),
    "customer": ("created", "email", "name", "phone"),
}
CLAUSE = re.compile(
    r"""(?P<minus>-?)(?P<field>[a-z_]+)(?:\[(?P<q>["'])(?P<key>.*?)(?P=q)\])?\s*(?P<sign>>=|<=|:|~|>|<|=)\s*"""
    r"""(?:(?P<vq>["'])(?P<text>(?:\\.|(?!(?P=vq)).)*)(?P=vq)|(?P<plain>[^\s"']+))"""
)
Test = Callable[[Json], bool]


def results(account: Account, kind: str, url: str, params: dict[str, Any]) -> Json:
    """A search_result page. `page` is the last object's id of the page before."""
    test = parse(kind, params["query"])
    lag = (
        sum(fault.options.get("delay_ms", 60000) for fault in account.faults.hit("stripe", SEARCH_KINDS, f"GET {url}"))
        / 1000
    )
    newest = account.now() - lag
    size, after = params.get("limit", 10), params.get("page")
    found: list[Json] = []
    skipping = after is not None
    for item in account.store.newest_first(kind):
        if skipping:
            skipping = item["id"] != after
            continue
        if not item.get("deleted") and (not lag or item["created"] <= newest) and test(item):
            found.append(item)
            if len(found) > size:
                break
    has_more = len(found) > size
    shown = found[:size]
    return {
        "object": "search_result",
        "data": [render(account, item, data_expand(params["expand"])) for item in shown],
        "has_more": has_more,
        "next_page": shown[-1]["id"] if has_more else None,
        "url": url,
    }


def parse(kind: str, query: str) -> Test:
    """A test for objects of `kind`. Raises Stripe's 400 for a query it can't read."""
    tests: list[Test] = []
    joints: set[str] = set()
    rest = query.strip()
    while rest:
        match = CLAUSE.match(rest)
        if match is None:
            raise invalid(
                f"We were unable to parse your search query at '{rest[:30]}'. Clauses look like"
                f" metadata['order_id']:'42'.",
                param="query",
            )
        tests.append(_clause(kind, match))
        rest = rest[match.end() :].strip()
        joint = re.match(r"(AND|OR)\s+", rest, re.IGNORECASE)
        if joint:
            joints.add(joint[1].upper())
            rest = rest[joint.end() :]
        elif rest:
            joints.add("AND")
    if not tests or len(joints) > 1:
        raise invalid("A search query has one to ten clauses, joined by AND or by OR, never both.", param="query")
    combine = any if joints == {"OR"} else all
    return lambda item: combine(test(item) for test in tests)


def _clause(kind: str, match: re.Match[str]) -> Test:
    name, key, sign = match["field"], match["key"], match["sign"]
    wanted = match["text"] if match["text"] is not None else match["plain"]
    wanted = re.sub(r"\\(.)", r"\1", wanted)
    if name != "metadata" and name not in FIELDS[kind]:
        raise invalid(f"Field `{name}` is an unsupported search field for resource `{kind}s`.", param="query")
    if name == "metadata" and key is None:
        raise invalid("metadata needs a key, as in metadata['order_id']:'42'.", param="query")
    negated = match["minus"] == "-"

    def value_of(item: Json) -> Any:
        return item["metadata"].get(key) if name == "metadata" else item.get(name)

    def test(item: Json) -> bool:
        return _compare(value_of(item), sign, wanted) != negated

    return test


def _compare(value: Any, sign: str, wanted: str) -> bool:
    if wanted == "null":
        return value is None
    if value is None:
        return False
    if sign == "~":
        return wanted.lower() in str(value).lower()
    if sign in (":", "="):
        return str(value).lower() == wanted.lower()
    try:
        left, right = float(value), float(wanted)
    except (TypeError, ValueError):
        raise invalid(f"'{sign}' compares numbers, and '{wanted}' isn't one.", param="query") from None
    return {">": left > right, "<": left < right, ">=": left >= right, "<=": left <= right}[sign]
