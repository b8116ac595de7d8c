"""Processor time of a system's processes with all their children, from /proc. Linux only."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class _Stat:
    parent: int
    ticks: int
    """User and system time of the process itself and of its children that have ended."""


def _read(path: Path) -> _Stat | None:
    try:
        text = (path / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name in brackets may hold spaces, so count from its end; fields as in proc(5).
    fields = text.rpartition(")")[2].split()
    return _Stat(parent=int(fields[1]), ticks=sum(int(fields[n]) for n in (11, 12, 13, 14)))


def processor_seconds(roots: Mapping[str, int]) -> dict[str, float]:
    """Return the seconds of processor time that each named process tree has used so far."""
    stats = {int(path.name): stat for path in Path("/proc").iterdir() if path.name.isdigit() and (stat := _read(path))}
    children: dict[int, list[int]] = {}
    for pid, stat in stats.items():
        children.setdefault(stat.parent, []).append(pid)
    return {name: sum(stats[pid].ticks for pid in _tree(root, children, stats)) / TICKS for name, root in roots.items()}


def _tree(root: int, children: Mapping[int, Iterable[int]], known: Mapping[int, _Stat]) -> list[int]:
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        if pid in known:
            found.append(pid)
            waiting += children.get(pid, ())
    return found


def own_seconds() -> float:
    """Return the processor time of this very process."""
    used = os.times()
    return used.user + used.system
