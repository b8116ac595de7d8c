"""A sandbox process of one's own, as a test run and a chaos worker need it: its messages go nowhere.

A whole system starts its sandbox under its supervisor instead, which keeps it running (tools/system.py).
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tools.guard import Guard
from tools.processes import stop_group

ROOT = Path(__file__).resolve().parent.parent
HEALTHY_SECONDS = 60.0
NOWHERE = "http://127.0.0.1:9"
"""Nothing listens there: whoever started the sandbox brings its messages, at the moment of their choice."""

_COMMAND = ("--interface", "asgi", "--host", "127.0.0.1", "--workers", "1", "--no-ws")


class SandboxError(RuntimeError):
    """The sandbox did not come up; the message holds what it said."""


@contextmanager
def started_sandbox(environment: Mapping[str, str], *, port: int, folder: Path, guard: Guard) -> Iterator[str]:
    """Start a sandbox that keeps its data and log in `folder`; yields its address once it is healthy, and stops it.

    Raises SandboxError.
    """
    folder.mkdir(exist_ok=True)
    log = folder / "sandbox.log"
    own = {
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "server")]),
        "SANDBOX_PORT": str(port),
        "SANDBOX_DATA": str(folder),
        "SANDBOX_WEBHOOK_URL": f"{NOWHERE}/webhooks/stripe",
        "SANDBOX_WEBHOOK_SECRET": "whsec_sandbox",
        "SANDBOX_MAIL_WEBHOOK_URL": f"{NOWHERE}/webhooks/mail",
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "granian", *_COMMAND, "--port", str(port), "sandbox.app:app"],
            cwd=ROOT,
            env={**environment, **own},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    guard.entrust(process.pid, rank=1)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_healthy(url, process, log)
        yield url
    finally:
        stop_group(process.pid, 5)
        process.wait()
        guard.release(process.pid)


def _wait_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + HEALTHY_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    said = log.read_text(errors="replace")[-3000:]
    raise SandboxError(f"The sandbox did not become healthy on {url}. It said:\n{said}")
