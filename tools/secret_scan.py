"""Finds keys and passwords that are about to become part of the repository.

Two nets: the shapes that providers give their keys, and long random texts next to words such as secret or token.
`tools/secret-scan-allowed.txt` holds what is meant to be there: one `path-pattern  text` a line.
"""

from __future__ import annotations

import math
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from tools.bootstrap import ROOT

ALLOWED = ROOT / "tools" / "secret-scan-allowed.txt"
# Hashes and generated texts that are random by nature.
LEFT_OUT = (
    "tools/secret-scan-allowed.txt",
    "requirements/*.lock",
    "*package-lock.json",
    "*.svg",
    "*.png",
    "*.woff2",
    "*.ico",
    "*.webp",
)
LARGEST_FILE = 2_000_000
LEAST_ENTROPY = 4.0

SHAPES = {
    "a Stripe key": re.compile(r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    "a Stripe webhook secret": re.compile(r"\bwhsec_[A-Za-z0-9+/]{24,}"),
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    "a Mapbox token": re.compile(r"\b[ps]k\.eyJ[A-Za-z0-9_-]{20,}"),
    "an Anthropic key": re.compile(r"\bsk-ant-[A-Za-z0-9_-]{16,}"),
    "a Google key": re.compile(r"\bAIza[A-Za-z0-9_-]{35}\b"),
    "an AWS key": re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    "a GitHub token": re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36,}"),
    "a Slack token": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{20,}"),
    "a signed token": re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
    "a password in an address": re.compile(r"\b[a-z][a-z0-9+]*://[^\s:/@{}$'\"<]+:(?P<value>[^\s:/@{}$'\"<]{6,})@"),
}
NAMED = re.compile(
    r"""(?i)(?:secret|passw(?:or)?d|token|api_?key|private_?key)["']?\s*[:=]\s*["'](?P<value>[A-Za-z0-9+/=_\-.]{20,})["']"""
)


@dataclass(frozen=True)
class Finding:
    path: str
    line: int
    what: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}: {self.text[:12]}…"


def entropy(text: str) -> float:
    """Bits a character, by the text's own letter frequencies."""
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts)


def scan_text(path: str, text: str) -> Iterator[Finding]:
    for number, line in enumerate(text.splitlines(), start=1):
        for what, shape in SHAPES.items():
            for match in shape.finditer(line):
                yield Finding(path, number, what, match.groupdict().get("value") or match.group())
        for match in NAMED.finditer(line):
            if entropy(match["value"]) >= LEAST_ENTROPY:
                yield Finding(path, number, "a random text with a telling name", match["value"])


def files() -> list[str]:
    """What is tracked or would be added, relative to the root."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return sorted({name for name in done.stdout.split("\0") if name})


def _allowed() -> list[tuple[str, str]]:
    if not ALLOWED.exists():
        return []
    lines = (line.split(maxsplit=1) for line in ALLOWED.read_text().splitlines())
    return [(line[0], line[1]) for line in lines if len(line) == 2 and not line[0].startswith("#")]


def scan() -> list[Finding]:
    allowed = _allowed()
    found: list[Finding] = []
    for name in files():
        path = ROOT / name
        if any(fnmatch(name, pattern) for pattern in LEFT_OUT) or not path.is_file():
            continue
        if path.stat().st_size > LARGEST_FILE:
            continue
        text = path.read_bytes().decode("utf-8", errors="replace")
        found += [
            finding
            for finding in scan_text(name, text)
            if not any(fnmatch(name, pattern) and meant == finding.text for pattern, meant in allowed)
        ]
    return found


def lock_addresses() -> list[str]:
    """Lines of lock files that say where packages come from; that is the machine's matter."""
    found = []
    for path in sorted((ROOT / "requirements").glob("*.lock")):
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            if "://" in line or re.match(r"\s*--(?:extra-)?index-url|\s*--find-links|\s*--trusted-host", line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:40]}")
    for name in files():
        if Path(name).name == "package-lock.json":
            for number, line in enumerate((ROOT / name).read_text().splitlines(), start=1):
                if re.search(r'"resolved":\s*"[a-z+]+://', line):
                    found.append(f"{name}:{number}: has an address in `resolved`")
    return found
