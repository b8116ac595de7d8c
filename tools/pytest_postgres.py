"""Pytest plugin: a real PostgreSQL for the whole run and a real sandbox for each worker, from nothing.

Loaded by `-p` in pyproject.toml, since Django's settings read the environment before any conftest.py is loaded.
The process that controls the run (or the only one) starts PostgreSQL; xdist's workers inherit its address and each
makes its own database by the real migrations. DATABASE_URL, when set, is used instead.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tools import app, browser
from tools.guard import Guard
from tools.ports import free_ports
from tools.postgres import (
    THROWAWAY_SETTINGS,
    RunningPostgres,
    let_through,
    remove_cluster,
    server_account,
    start_postgres,
)
from tools.sandbox_process import started_sandbox


def _is_worker() -> bool:
    return "PYTEST_XDIST_WORKER" in os.environ


def _set_environment(folder: Path) -> None:
    """What the settings read: addresses of this worker's own processes, and no key of a real provider."""
    foreign = [
        name for name in os.environ if name.startswith(("STRIPE_", "MAIL_", "SANDBOX_", "SIMULATOR_", "CODEPOP_"))
    ]
    for name in foreign:
        if name not in ("CODEPOP_CHROMIUM", "SANDBOX_RECORD"):
            del os.environ[name]
    # Workers inherit the folder of the process that controls the run, which judges it (tools/pytest_verdict.py).
    os.environ.setdefault("SANDBOX_RECORD", str(folder / "record"))
    web, live, sandbox = (f"http://127.0.0.1:{free_ports()}" for _ in range(3))
    data = folder / "data"
    data.mkdir()
    os.environ.update(
        CODEPOP_ENV="development",
        CODEPOP_DATA=str(data),
        CODEPOP_PUBLIC_URL=web,
        CODEPOP_LIVE_URL=live,
        CODEPOP_SANDBOX_URL=sandbox,
        CODEPOP_SANDBOX_SMTP=f"127.0.0.1:{free_ports()}",
        CODEPOP_SANDBOX_SMTP_CA=str(folder / "sandbox" / "smtp-ca.pem"),
        DJANGO_LIVE_TEST_SERVER_ADDRESS=web.removeprefix("http://"),
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Generator[None, object, object]:
    """A wrapper, so that it runs before pytest-django loads the settings."""
    folder = Path(tempfile.mkdtemp(prefix="codepop-test-"))
    let_through(folder, server_account())
    # At exit and not in a hook: a conftest that can't be imported ends pytest without its closing hooks.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if not _is_worker() and not os.environ.get("DATABASE_URL"):
        running = start_postgres(folder / "postgres", THROWAWAY_SETTINGS)
        atexit.register(_stop, running)
        os.environ.update(running.roles.for_migrations())
    _set_environment(folder)
    return (yield)


def _stop(running: RunningPostgres) -> None:
    running.stop()
    remove_cluster(running.cluster.data)


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """A Chromium that starts; brought when the machine has none, and an error, never a skip, when that fails."""
    return browser.ensure()


@pytest.fixture(scope="session")
def app_export() -> Path:
    """Folder of the customer app's web export, built when it is missing or older than its sources."""
    app.build()
    return app.DIST


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    """Address of this worker's own sandbox, the one the settings point to.

    Its webhooks go nowhere: tests of messages hand them in themselves, at the moment they choose, and must not meet
    another copy because some other test has started a server in this process. Delivery is tested on whole systems.
    """
    environment = {**os.environ, "SANDBOX_SMTP_PORT": os.environ["CODEPOP_SANDBOX_SMTP"].rpartition(":")[2]}
    folder = Path(os.environ["CODEPOP_SANDBOX_SMTP_CA"]).parent
    port = int(os.environ["CODEPOP_SANDBOX_URL"].rpartition(":")[2])
    guard = Guard()
    try:
        with started_sandbox(environment, port=port, folder=folder, guard=guard) as url:
            yield url
    finally:
        guard.close()
