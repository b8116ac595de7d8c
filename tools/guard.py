"""A process that outlives the launcher by a moment and takes its children with it.

A launcher that is killed with -9 cannot clean up. So it starts this guard with a pipe: as long as the launcher lives,
the pipe is open; when it ends in whatever way, the pipe closes and the guard ends what was entrusted to it, higher rank
first. Works wherever there are pipes, so also on macOS, where a process cannot ask to die with its parent.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TextIO

from tools import processes

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Ward:
    """One entrusted process: `group` when the whole process group is meant, else the process alone."""

    pid: int
    started: str
    rank: int
    group: bool
    grace_seconds: float

    def end_kindly(self) -> None:
        if self.group:
            processes.signal_group(self.pid, signal.SIGTERM)
        else:
            processes.signal_process(self.pid, signal.SIGINT)

    def ended(self, seconds: float) -> bool:
        if self.group:
            return processes.wait_until_group_ended(self.pid, seconds)
        return processes.wait_until_ended(self.pid, seconds)

    def end_now(self) -> None:
        if self.group:
            processes.signal_group(self.pid, signal.SIGKILL)
        else:
            processes.signal_process(self.pid, signal.SIGQUIT)

    def is_another(self) -> bool:
        """Whether the number belongs to a different process by now."""
        return processes.identity(self.pid) not in (None, self.started)


class Guard:
    """The launcher's end: entrust processes, release them, close.

    Entrust right after starting a process. Losing the guard itself is noticed at the next call and made good.
    """

    def __init__(self) -> None:
        self._wards: dict[int, str] = {}
        self._process = self._start()

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "tools.guard"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            cwd=ROOT,
            start_new_session=True,
        )

    def _tell(self, line: str) -> None:
        if self._process.stdin is None:
            raise AssertionError("the guard is started with a pipe")
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def check(self) -> None:
        """Start the guard anew when something has killed it."""
        if self._process.poll() is None:
            return
        if self._process.stdin:
            self._process.stdin.close()
        self._process = self._start()
        for line in self._wards.values():
            self._tell(line)

    def entrust(self, pid: int, *, rank: int, group: bool = True, grace_seconds: float = 10) -> None:
        """Higher ranks are ended first. A group gets SIGTERM, SIGKILL; PostgreSQL alone SIGINT, SIGQUIT."""
        self.check()
        line = f"add {pid} {rank} {int(group)} {grace_seconds}"
        self._wards[pid] = line
        self._tell(line)

    def release(self, pid: int) -> None:
        if self._wards.pop(pid, None):
            self.check()
            self._tell(f"remove {pid}")

    @property
    def pid(self) -> int:
        return self._process.pid

    def close(self) -> None:
        """Let the guard go; it ends whatever is still entrusted to it."""
        if self._process.stdin:
            try:
                self._process.stdin.close()
            except BrokenPipeError:
                pass
        self._process.wait()


def watch(lines: Iterable[str]) -> list[Ward]:
    """Read the launcher's lines until the pipe closes; what is then still entrusted."""
    wards: dict[int, Ward] = {}
    for line in lines:
        word, pid_text, *rest = line.split()
        pid = int(pid_text)
        wards.pop(pid, None)
        started = processes.identity(pid)
        if word == "add" and started:
            rank, group, grace = rest
            wards[pid] = Ward(pid, started, int(rank), group == "1", float(grace))
    return list(wards.values())


def end_all(wards: list[Ward]) -> None:
    ordered = sorted(wards, key=lambda ward: -ward.rank)
    for _, same_rank in groupby(ordered, key=lambda ward: ward.rank):
        living = [ward for ward in same_rank if not ward.is_another()]
        for ward in living:
            ward.end_kindly()
        for ward in living:
            if not ward.ended(ward.grace_seconds):
                ward.end_now()


def main(stream: TextIO) -> None:
    os.chdir("/")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    end_all(watch(stream))


if __name__ == "__main__":
    main(sys.stdin)
