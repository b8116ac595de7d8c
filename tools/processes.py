"""What the launcher must know about processes of this machine, on Linux from /proc and elsewhere from `ps`.

A number alone does not name a process (numbers are used again) and a process that has ended may stay visible as a
zombie when its parent does not collect it; both have bitten launchers, so both are handled here once.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

LINUX = sys.platform.startswith("linux")


def _ps(pid: int, field: str) -> str | None:
    done = subprocess.run(["ps", "-o", f"{field}=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return done.stdout.strip() or None


def _stat(pid: int) -> list[str] | None:
    """Fields of /proc/PID/stat from the state on (the name before it may hold spaces and brackets)."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()


def identity(pid: int) -> str | None:
    """When the process started, a text that only this process has; None when it has ended (zombies have)."""
    if LINUX:
        fields = _stat(pid)
        return None if fields is None or fields[0] in "ZX" else fields[19]
    state = _ps(pid, "stat")
    return None if state is None or state.startswith("Z") else _ps(pid, "lstart")


def command_line(pid: int) -> str:
    """The command of a process, empty when it has ended."""
    if not LINUX:
        return _ps(pid, "command") or ""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def parent(pid: int) -> int | None:
    """The number of the parent process, None when the process has ended."""
    if LINUX:
        fields = _stat(pid)
        return int(fields[1]) if fields else None
    text = _ps(pid, "ppid")
    return int(text) if text else None


def group_members(group: int) -> list[int]:
    """Numbers of the living processes of a process group."""
    if LINUX:
        numbers = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        stats = ((pid, _stat(pid)) for pid in numbers)
        return [pid for pid, fields in stats if fields and fields[0] not in "ZX" and int(fields[2]) == group]
    done = subprocess.run(["ps", "-A", "-o", "pid=,pgid=,stat="], capture_output=True, text=True, check=False)
    rows = (line.split() for line in done.stdout.splitlines())
    return [int(row[0]) for row in rows if len(row) >= 3 and int(row[1]) == group and not row[2].startswith("Z")]


def signal_process(pid: int, number: int) -> None:
    """Send a signal; a process that is gone already is no error."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def signal_group(group: int, number: int) -> None:
    """Send a signal to every process of a group; a group that is gone already is no error."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of zombies
        pass


def wait_until_ended(pid: int, seconds: float) -> bool:
    """Whether the process ended within the time. For processes that are not our children."""
    end = time.monotonic() + seconds
    while identity(pid) is not None:
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def wait_until_group_ended(group: int, seconds: float) -> bool:
    """Whether every process of the group ended within the time."""
    end = time.monotonic() + seconds
    while group_members(group):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def stop_group(group: int, seconds: float) -> bool:
    """Ask a process group to end, and end it when it has not after `seconds`. Whether it went by itself."""
    signal_group(group, signal.SIGTERM)
    if wait_until_group_ended(group, seconds):
        return True
    signal_group(group, signal.SIGKILL)
    wait_until_group_ended(group, 5)
    return False
