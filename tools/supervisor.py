"""Starts processes, waits until they answer, keeps them running, and stops them all.

Knows nothing of CodePop: a service is a command, its environment and an address that answers when it is ready. Logs
go to files; the console stays for what a person must know.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tools import processes
from tools.bootstrap import ROOT, say
from tools.guard import Guard

GRACE_SECONDS = 8.0
LARGEST_LOG = 32 * 1024 * 1024
SHOWN_LINES = 30
SHOWN_FIRST = 10
# A process that lives this long has started well; its earlier crashes no longer count.
SETTLED_SECONDS = 30.0
LONGEST_PAUSE = 15.0
LOOP_CRASHES = 4


class ServiceError(RuntimeError):
    """A process did not become ready; the message holds its log's beginning and end."""


@dataclass(frozen=True)
class Service:
    """A process to run. Without a health address, living on for `settle_seconds` counts as ready."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    health_url: str | None = None
    settle_seconds: float = 1.0


@dataclass
class Running:
    service: Service
    process: subprocess.Popen[bytes]
    log: Path
    started: float
    crashes: int = 0
    again_at: float | None = None
    ready: bool = field(default=False)


def healthy(url: str, timeout: float = 2.0) -> bool:
    """Whether the address answers 200."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError, OSError):
        return False


def excerpt(path: Path) -> str:
    """Return the end of a log; of a long one its first lines too: a native trace names its reason there."""
    try:
        with path.open("rb") as file:
            first = file.read(20_000).decode(errors="replace").splitlines()
            file.seek(max(0, path.stat().st_size - 200_000))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return "(no log)"
    shown = lines if len(lines) <= SHOWN_LINES else [*first[:SHOWN_FIRST], "...", *lines[SHOWN_FIRST - SHOWN_LINES :]]
    return "\n".join(f"    {line}" for line in shown) or "    (the log is empty)"


def rotate(log: Path) -> None:
    """Keep the log of the run before as NAME.1."""
    if log.exists() and log.stat().st_size:
        log.replace(log.with_name(log.name + ".1"))


def trim(log: Path) -> None:
    """Empty a log that has grown too large, keeping one generation. Writers append, so they go on at its start."""
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        shutil.copyfile(log, log.with_name(log.name + ".1"))
        os.truncate(log, 0)


class Supervisor:
    """The processes of one system. Not for several threads at once."""

    def __init__(self, logs: Path, guard: Guard) -> None:
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._logs = logs
        self._guard = guard
        self._running: dict[str, Running] = {}
        self._trimmed = time.monotonic()

    def pids(self) -> dict[str, int]:
        return {name: running.process.pid for name, running in self._running.items()}

    def start(self, service: Service) -> None:
        log = self._logs / f"{service.name}.log"
        rotate(log)
        log.touch(mode=0o600)
        self._running[service.name] = Running(service, self._launch(service, log), log, time.monotonic())

    def _launch(self, service: Service, log: Path) -> subprocess.Popen[bytes]:
        with log.open("ab") as output:
            process = subprocess.Popen(
                service.command,
                cwd=ROOT,
                env=dict(service.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._guard.entrust(process.pid, rank=10 + len(self._running), grace_seconds=GRACE_SECONDS)
        return process

    def wait_ready(self, seconds: float) -> None:
        """Wait until every process is ready. Raises ServiceError with the log of the one that isn't."""
        end = time.monotonic() + seconds
        for running in list(self._running.values()):
            while not running.ready:
                self._check_ready(running)
                if not running.ready and time.monotonic() > end:
                    raise ServiceError(
                        f"{running.service.name} was not ready after {seconds:.0f} s. Its log {running.log}:\n"
                        f"{excerpt(running.log)}"
                    )
                if not running.ready:
                    time.sleep(0.05)

    def _check_ready(self, running: Running) -> None:
        status = running.process.poll()
        if status is not None:
            raise ServiceError(
                f"{running.service.name} ended with {status} while starting. Its log {running.log}:\n"
                f"{excerpt(running.log)}"
            )
        if running.service.health_url:
            running.ready = healthy(running.service.health_url)
        else:
            running.ready = time.monotonic() - running.started >= running.service.settle_seconds

    def tend(self) -> None:
        """Start ended processes again, after a pause that grows with each crash. Call it several times a second."""
        self._guard.check()
        now = time.monotonic()
        for running in self._running.values():
            if running.again_at is not None:
                if now >= running.again_at:
                    self._restart(running)
            elif running.process.poll() is not None:
                self._note_crash(running, now)
        if now - self._trimmed > 10:
            self._trimmed = now
            for running in self._running.values():
                trim(running.log)

    def _note_crash(self, running: Running, now: float) -> None:
        self._sweep(running.process.pid)
        running.crashes = 1 if now - running.started > SETTLED_SECONDS else running.crashes + 1
        pause = min(0.5 * 2 ** (running.crashes - 1), LONGEST_PAUSE)
        running.again_at = now + pause
        name, status = running.service.name, running.process.returncode
        say(f"{name} ended with {status}; starting it again in {pause:.1f} s (log: {running.log})")
        if running.crashes == LOOP_CRASHES:
            say(f"{name} has crashed {running.crashes} times in a row. Its log:\n{excerpt(running.log)}")

    def _sweep(self, group: int) -> None:
        """End what a process left behind: its own children would hold its port."""
        processes.stop_group(group, 2)
        self._guard.release(group)

    def _restart(self, running: Running) -> None:
        running.again_at = None
        running.process = self._launch(running.service, running.log)
        running.started = time.monotonic()

    def restart(self, name: str) -> None:
        """Stop one process and start it again, as when its code has changed."""
        running = self._running[name]
        self._sweep(running.process.pid)
        running.process.wait()
        self._restart(running)

    def stop(self) -> None:
        """Stop all, the last started first."""
        for name in reversed(list(self._running)):
            running = self._running.pop(name)
            processes.stop_group(running.process.pid, GRACE_SECONDS)
            running.process.wait()
            self._guard.release(running.process.pid)
