"""What a run needs from nothing: one PostgreSQL, a migrated database and a sandbox for each worker; all thrown away."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tools.database_roles import Addresses
from tools.guard import Guard
from tools.ports import free_ports
from tools.postgres import THROWAWAY_SETTINGS, remove_cluster, start_postgres, throwaway_folder
from tools.processes import stop_group
from tools.sandbox_process import started_sandbox

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = "chaos_template"
OWNER_URL = "CHAOS_OWNER_URL"
"""The variable that tells a worker how its driver reaches the database as the owner."""

_FOREIGN = ("STRIPE_", "SANDBOX_", "SIMULATOR_", "CODEPOP_", "DJANGO_", "PYTEST_")
# The proxy of `wire` speaks no TLS.
_PLAIN = "?sslmode=disable&gssencmode=disable"


class StageError(RuntimeError):
    """A worker did not come up; the message holds what it said."""


@dataclass(frozen=True)
class Stage:
    """One worker's environment."""

    folder: Path
    server_url: str
    database: str
    environment: dict[str, str]
    guard: Guard
    _present: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def answer(self) -> Path:
        """Return the file in which a worker keeps its report, from a while after its start on."""
        return self.folder / "answer.json"

    def stop(self) -> None:
        """Ask the present worker to end after its present history."""
        for process in self._present:
            process.terminate()

    def so_far(self) -> dict[str, Any] | None:
        """Return what the present worker, or the last one, has reported."""
        return json.loads(self.answer.read_text()) if self.answer.exists() else None

    def run(self, *words: str) -> dict[str, Any]:
        """Run a worker on a fresh database of this stage and return its report."""
        with psycopg.connect(f"{self.server_url}/postgres", autocommit=True) as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {self.database}")
            admin.execute(f"CREATE DATABASE {self.database} TEMPLATE {TEMPLATE}")
        self.answer.unlink(missing_ok=True)
        command = [sys.executable, "-m", "chaos.part", *words, "--answer", str(self.answer)]
        process = subprocess.Popen(command, cwd=ROOT, env=self.environment, start_new_session=True)
        self.guard.entrust(process.pid, rank=2)
        self._present.append(process)
        try:
            process.wait()
        finally:
            self._present.remove(process)
            stop_group(process.pid, 5)
            self.guard.release(process.pid)
        found = self.so_far()
        if found is None:
            raise StageError(f"a worker ended with {process.returncode} and no report")
        return found


def _environment(folder: Path, database: Addresses, sandbox_url: str) -> dict[str, str]:
    """Return what a worker needs: CodePop signs in as the application does, the driver as the owner."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    return kept | {
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "server")]),
        "PYTHONHASHSEED": "0",
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "DATABASE_URL": database.app,
        OWNER_URL: database.owner,
        "CODEPOP_ENV": "development",
        "CODEPOP_DATA": str(folder),
        "CODEPOP_SANDBOX_URL": sandbox_url,
    }


def _of(roles: Addresses, name: str) -> Addresses:
    """Return the addresses of another database of the server."""
    urls = (f"{url.rpartition('/')[0]}/{name}{_PLAIN}" for url in (roles.owner, roles.app, roles.report))
    return Addresses(*urls)


def _migrate(folder: Path, server_url: str, database: Addresses) -> None:
    with psycopg.connect(f"{server_url}/postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {TEMPLATE}")
    environment = _environment(folder, database, "http://127.0.0.1:9") | database.for_migrations()
    manage = [sys.executable, str(ROOT / "server" / "manage.py"), "migrate", "--verbosity", "0"]
    done = subprocess.run(
        manage, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise StageError(f"the database could not be migrated:\n{done.stdout[-3000:]}")


@contextmanager
def _sandbox(folder: Path, guard: Guard) -> Iterator[str]:
    """Start a sandbox whose messages go nowhere: the histories bring them."""
    environment = _environment(folder, Addresses("", "", ""), "") | {"SANDBOX_SMTP_PORT": str(free_ports())}
    with started_sandbox(environment, port=free_ports(), folder=folder / "sandbox", guard=guard) as url:
        yield url


@contextmanager
def prepared(count: int) -> Iterator[list[Stage]]:
    """Make `count` stages, each with a database and a sandbox of its own."""
    with ExitStack() as stack:
        folder = stack.enter_context(throwaway_folder("codepop-chaos-"))
        guard = Guard()
        stack.callback(guard.close)
        postgres = start_postgres(folder / "postgres", THROWAWAY_SETTINGS)
        stack.callback(remove_cluster, postgres.cluster.data)
        stack.callback(postgres.stop)
        server_url = postgres.url.rpartition("/")[0]
        _migrate(folder, server_url, _of(postgres.roles, TEMPLATE))
        stages = []
        for number in range(count):
            own = folder / f"world-{number}"
            own.mkdir()
            url = stack.enter_context(_sandbox(own, guard))
            name = f"chaos_{number}"
            environment = _environment(own, _of(postgres.roles, name), url)
            stages.append(Stage(own, server_url, name, environment, guard))
        yield stages
