"""The verdict on the sandbox: everything it said while tests ran, judged by the official SDK's types and lists."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.tests.oracle import judge
from sandbox.tests.sdk_params import check_params, name_of

SHOWN = 40
# What Stripe keeps from publishable keys, though the SDK, made for secret keys, calls it required.
KEPT_FROM_BROWSERS = re.compile(
    r"(error\.)?(payment_intent\.(amount_capturable|amount_received|metadata)|setup_intent\.metadata): missing"
)


@dataclass
class Verdict:
    """How much was judged, and each problem with how often it was met."""

    objects: int = 0
    requests: int = 0
    problems: Counter[str] = field(default_factory=Counter)

    def line(self) -> str:
        found = sum(self.problems.values())
        return f"sandbox verdict: {self.objects:,} objects, {self.requests:,} requests, {found:,} problems"

    def listed(self) -> list[str]:
        """The commonest problems, each on a line."""
        lines = [f"  {count:>6,} x {problem}" for problem, count in self.problems.most_common(SHOWN)]
        more = len(self.problems) - SHOWN
        return lines + ([f"  and {more} other kinds"] if more > 0 else [])


def judge_records(folder: Path) -> Verdict:
    """Judge what the sandboxes of a run wrote into `folder`."""
    verdict = Verdict()
    for path in sorted(folder.glob("*.jsonl")):
        for line in _lines(path):
            _judge_line(verdict, line["about"], line["body"])
    return verdict


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            # A killed sandbox may leave its last line unfinished.
            if line.endswith("\n"):
                yield json.loads(line)


def _judge_line(verdict: Verdict, about: dict[str, Any], body: Any) -> None:
    where = "event" if about["method"] == "EVENT" else f"{about['method']} /v1/{about['path']}"
    verdict.objects += _count(body)
    for problem in judge(body):
        if where != "event" and not about["by_server"] and KEPT_FROM_BROWSERS.fullmatch(problem):
            continue
        verdict.problems[f"{_without_ids(where)}: {problem}"] += 1
    if not about.get("by_server") or about["status"] >= 400:
        return
    name = name_of(about["method"], about["path"])
    verdict.requests += 1
    for problem in check_params(about["params"], name) if name else ["an address that the SDK has no call for"]:
        verdict.problems[f"{_without_ids(where)}: {problem}"] += 1


def _count(body: Any) -> int:
    if not isinstance(body, dict):
        return 1
    inner = body.get("data")
    if isinstance(inner, list):
        return sum(_count(item) for item in inner)
    return 2 if body.get("object") == "event" else 1


def _without_ids(where: str) -> str:
    return "/".join("*" if "_3S" in part else part for part in where.split("/"))
