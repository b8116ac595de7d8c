"""CodePop as a running system on one machine: which processes, with which environment, in which order.

Used by `up` and `dev`, and by `simulate` and `bench` when nothing runs yet.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psycopg

from tools import app
from tools.bootstrap import ROOT, say
from tools.database_roles import Addresses
from tools.guard import Guard
from tools.ports import is_free
from tools.postgres import (
    DURABLE_SETTINGS,
    RunningPostgres,
    let_through,
    remove_cluster,
    server_account,
    start_postgres,
)
from tools.supervisor import Service, Supervisor

READY_SECONDS = 180.0
MANAGE = ROOT / "server" / "manage.py"
ZYGOTE = ROOT / "tools" / "zygote.py"
PORTS = {"web": 0, "live": 1, "sandbox": 2, "simulator": 3, "smtp": 4}
# What a person has to mend, as told by the system: no right to the folder, no folder, no room.
FOR_A_PERSON = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.ENOSPC, errno.EDQUOT)
# Each process is given what it needs and no more: the sandbox and the robots see neither database nor keys.
PRIVATE = ("DATABASE_", "CODEPOP_", "STRIPE_", "MAIL_", "SANDBOX_", "SIMULATOR_", "DJANGO_", "PYTEST_")


class StartError(RuntimeError):
    """The system could not be started; the message says what to do."""


class AlreadyRunning(StartError):
    """Another launcher runs on the same data."""


@dataclass(frozen=True)
class Options:
    """What may be chosen about a system. `speed` is how many times faster than real the simulated robots work."""

    data: Path
    port: int = 8000
    fresh: bool = False
    app: bool = True
    speed: str = "10"
    forked: bool = False
    """Web and worker as processes that are there again at once when they are killed (tools/zygote.py)."""


def addresses(port: int) -> dict[str, str]:
    """What can be opened in a browser; the sandbox's SMTP port can't."""
    return {name: f"http://127.0.0.1:{port + offset}" for name, offset in PORTS.items() if name != "smtp"}


def running_system(data: Path) -> dict[str, Any] | None:
    """What the launcher that runs on this data wrote about itself, None when none runs."""
    try:
        with (data / "up.lock").open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return None
    except BlockingIOError:
        pass
    except FileNotFoundError:
        return None
    try:
        facts = json.loads((data / "run.json").read_text())
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _write_private(path: Path, content: object) -> None:
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(content, file, indent=1)
    new.replace(path)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def server_hash() -> str:
    """One text for the present state of the server's code, migrations and demo data, and of the packages below it."""
    digest = hashlib.sha256((ROOT / "requirements" / "run.lock").read_bytes())
    for path in sorted((ROOT / "server").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and "tests" not in path.parts:
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


class System:
    """One CodePop. `start`, then `tend` several times a second, then `stop`."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.data = options.data.resolve()
        self.addresses = addresses(options.port)
        self.logins: list[dict[str, Any]] = []
        self._lock: IO[str] | None = None
        self._guard: Guard | None = None
        self._postgres: RunningPostgres | None = None
        self._supervisor: Supervisor | None = None
        self._written: dict[str, int] = {}

    # --- start ------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Bring everything up. Raises StartError and what its parts raise, whose texts say what to do."""
        try:
            self._start()
        except OSError as error:
            if error.errno not in FOR_A_PERSON:
                raise
            raise StartError(
                f"{error.filename or self.data}: {error.strerror}. Make room, start as the user whose files these are, "
                "or choose another folder: ./run up --data OTHER"
            ) from error

    def _start(self) -> None:
        self._hold_data()
        self._check_ports()
        if self.options.fresh:
            self._forget()
        if self.options.app:
            app.build()
        self._guard = Guard()
        self.database = self._given_database() or self._start_postgres(self._guard)
        self._prepare()
        self._start_services(self._guard)
        self._write_facts()

    def _hold_data(self) -> None:
        if not self.data.exists():
            self.data.mkdir(mode=0o700, parents=True)
            let_through(self.data, server_account())
        elif self.options.fresh and any(self.data.iterdir()) and not self._is_ours():
            raise StartError(
                f"--fresh would remove what {self.data} holds, and that is no data folder of CodePop's. "
                "Choose another --data, or empty it yourself."
            )
        self._lock = (self.data / "up.lock").open("a")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            facts = _read_json(self.data / "run.json")
            where = facts.get("addresses", {}).get("web", "an address it has not written yet")
            raise AlreadyRunning(
                f"CodePop already runs on {self.data}: {where} (process {facts.get('pid', 'unknown')}). "
                "Stop it there with Ctrl-C, or start another one: ./run up --data OTHER --port N"
            ) from None
        # What a launcher that was killed wrote there is not true of this one.
        (self.data / "run.json").unlink(missing_ok=True)

    def _is_ours(self) -> bool:
        """Whether a launcher, or the server's settings alone, have used the folder before."""
        return any((self.data / name).exists() for name in ("up.lock", "secret_key"))

    def _check_ports(self) -> None:
        for name, offset in PORTS.items():
            port = self.options.port + offset
            if not is_free(port):
                raise StartError(
                    f"Port {port} on 127.0.0.1, wanted for {name}, is in use. Free it, or choose others: "
                    f"./run up --port {self.options.port + 100}"
                )

    def _forget(self) -> None:
        say(f"starting anew: removing what {self.data} holds")
        if os.environ.get("DATABASE_URL"):
            say("  --fresh leaves the database of DATABASE_URL as it is")
        remove_cluster(self.data / "postgres")
        for entry in self.data.iterdir():
            if entry.name == "up.lock":
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    def _given_database(self) -> Addresses | None:
        """A server of the user's own: at least one address; with the owner's too, the processes get less rights."""
        app = os.environ.get("DATABASE_URL")
        if not app:
            return None
        report = os.environ.get("DATABASE_REPORT_URL", "")
        return Addresses(owner=os.environ.get("DATABASE_OWNER_URL") or app, app=app, report=report)

    def _start_postgres(self, guard: Guard) -> Addresses:
        begin = time.monotonic()
        self._postgres = start_postgres(self.data / "postgres", DURABLE_SETTINGS, guard=guard)
        say(f"PostgreSQL on port {self._postgres.port} ({time.monotonic() - begin:.1f} s)")
        return self._postgres.roles

    # --- database ---------------------------------------------------------------------------------------------------

    def _database_state(self) -> str:
        """Names this very database and how far it is migrated."""
        with psycopg.connect(self.database.owner, connect_timeout=10) as connection:
            try:
                row = connection.execute(
                    "SELECT oid, (SELECT count(*) FROM django_migrations) FROM pg_database"
                    " WHERE datname = current_database()"
                ).fetchone()
            except psycopg.errors.UndefinedTable:
                return "empty"
        return " ".join(str(value) for value in row or ())

    def _prepare(self) -> None:
        """Migrate and load the demo chain, unless nothing has changed since this was last done."""
        shutil.rmtree(self.data / "metrics", ignore_errors=True)  # figures of processes that have ended
        stamp = self.data / "prepared.json"
        code = server_hash()
        done = _read_json(stamp)
        try:
            state = self._database_state()
        except psycopg.OperationalError as error:
            raise StartError(f"The database of DATABASE_URL can't be reached: {error}") from None
        if done == {**done, "code": code, "database": state} and (self.data / "devices.json").exists():
            self.logins = done.get("logins", [])
            return
        say("bringing the database up to date")
        self._manage("migrate", "--no-input", **self.database.for_migrations())
        say("loading the demo chain")
        self._manage("load_demo")
        self.logins = self._demo_logins()
        _write_private(stamp, {"code": code, "database": self._database_state(), "logins": self.logins})

    def _manage(self, *words: str, **environment: str) -> str:
        done = subprocess.run(
            [sys.executable, str(MANAGE), *words],
            cwd=ROOT,
            env={**self._server_environment(), **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-30:])
            raise StartError(f"manage.py {' '.join(words)} failed:\n{said}")
        return done.stdout

    def _demo_logins(self) -> list[dict[str, Any]]:
        """Who may sign in for a try."""
        logins = json.loads(self._manage("demo_logins", "--json"))
        return [login for login in logins if isinstance(login, dict)]

    # --- processes --------------------------------------------------------------------------------------------------

    def _common_environment(self) -> dict[str, str]:
        path = os.pathsep.join([str(ROOT), str(ROOT / "server")])
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(PRIVATE)}
        return {
            **inherited,
            "PYTHONPATH": path,
            "PYTHONUNBUFFERED": "1",
            "CODEPOP_PUBLIC_URL": self.addresses["web"],
            "CODEPOP_LIVE_URL": self.addresses["live"],
            "CODEPOP_SANDBOX_URL": self.addresses["sandbox"],
        }

    def _server_environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if name.startswith(("CODEPOP_", "STRIPE_", "MAIL_"))}
        return {
            "CODEPOP_ENV": "development",
            **own,
            **self._common_environment(),
            "CODEPOP_DATA": str(self.data),
            "CODEPOP_SANDBOX_SMTP": f"127.0.0.1:{self.options.port + PORTS['smtp']}",
            "CODEPOP_SANDBOX_SMTP_CA": str(self.data / "sandbox" / "smtp-ca.pem"),
            "DATABASE_URL": self.database.app,
        }

    def _sandbox_environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if name.startswith("SANDBOX_")}
        return {
            "SANDBOX_WEBHOOK_SECRET": "whsec_sandbox",
            **own,
            **self._common_environment(),
            "SANDBOX_PORT": str(self.options.port + PORTS["sandbox"]),
            "SANDBOX_DATA": str(self.data / "sandbox"),
            "SANDBOX_WEBHOOK_URL": f"{self.addresses['web']}/webhooks/stripe",
            "SANDBOX_SMTP_PORT": str(self.options.port + PORTS["smtp"]),
            "SANDBOX_MAIL_WEBHOOK_URL": f"{self.addresses['web']}/webhooks/mail",
        }

    def _simulator_environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if name.startswith("SIMULATOR_")}
        return {
            "SIMULATOR_SPEED": self.options.speed,
            **own,
            **self._common_environment(),
            "SIMULATOR_PORT": str(self.options.port + PORTS["simulator"]),
            "CODEPOP_DEVICES": str(self.data / "devices.json"),
        }

    def _granian(self, name: str, interface: str, target: str, *more: str) -> list[str]:
        return [
            *(sys.executable, "-m", "granian", "--interface", interface, "--host", "127.0.0.1"),
            *("--port", str(self.options.port + PORTS[name]), "--no-ws", "--respawn-failed-workers"),
            *("--workers-kill-timeout", "5", "--log-config", str(ROOT / "tools" / "granian-log.json")),
            *(*more, target),
        ]

    def services(self) -> list[Service]:
        """All processes but PostgreSQL, in the order in which they start."""
        server = self._server_environment()
        web = self._granian("web", "wsgi", "config.wsgi:application", "--workers", "2", "--blocking-threads", "4")
        live = self._granian("live", "asgi", "config.asgi_live:application", "--workers", "1")
        sandbox = self._granian("sandbox", "asgi", "sandbox.app:app", "--workers", "1")
        worker = [sys.executable, str(MANAGE), "worker"]
        if self.options.forked:
            web = [sys.executable, str(ZYGOTE), "web", str(self.options.port + PORTS["web"]), "2"]
            worker = [sys.executable, str(ZYGOTE), "worker"]
        robots = [sys.executable, "-m", "simulator.robots"]
        return [
            Service("sandbox", sandbox, self._sandbox_environment(), f"{self.addresses['sandbox']}/healthz"),
            Service("web", web, server, f"{self.addresses['web']}/ops/health"),
            Service("live", live, server, f"{self.addresses['live']}/healthz"),
            Service("worker", worker, server),
            Service("simulator", robots, self._simulator_environment(), f"{self.addresses['simulator']}/healthz"),
        ]

    def _start_services(self, guard: Guard) -> None:
        self._check_ports()  # again: a first start takes minutes, and our servers share a port with their like
        (self.data / "sandbox").mkdir(mode=0o700, exist_ok=True)
        *services, robots = self.services()
        say(f"starting {', '.join(service.name for service in (*services, robots))}")
        self._supervisor = Supervisor(self.data / "logs", guard)
        for service in services:
            self._supervisor.start(service)
        self._supervisor.wait_ready(READY_SECONDS)
        # Robots that find nobody to talk to would only take time from those that are starting.
        self._supervisor.start(robots)
        self._supervisor.wait_ready(READY_SECONDS)

    # --- running ----------------------------------------------------------------------------------------------------

    def facts(self) -> dict[str, Any]:
        """What measuring programs need to know. Holds the database's passwords: only for this user's eyes."""
        pids = dict(self._supervisor.pids()) if self._supervisor else {}
        if self._postgres:
            pids["postgres"] = self._postgres.pid
        return {
            "pid": os.getpid(),
            "port": self.options.port,
            "data": str(self.data),
            "addresses": self.addresses,
            "database_url": self.database.app,
            "database_owner_url": self.database.owner,
            "processes": pids,
        }

    def _write_facts(self) -> None:
        facts = self.facts()
        if facts["processes"] != self._written:
            self._written = facts["processes"]
            _write_private(self.data / "run.json", facts)

    def tend(self) -> None:
        """Keep everything running."""
        if self._postgres and self._guard and not self._postgres.alive():
            say("PostgreSQL has ended; starting it again")
            port = self._postgres.port
            self._postgres.stop()
            self._postgres = start_postgres(self.data / "postgres", DURABLE_SETTINGS, port=port, guard=self._guard)
        if self._supervisor:
            self._supervisor.tend()
        self._write_facts()

    def restart(self, *names: str) -> None:
        if self._supervisor:
            for name in names:
                self._supervisor.restart(name)

    def stop(self) -> None:
        """Stop everything, PostgreSQL last. The data stay."""
        if self._supervisor:
            self._supervisor.stop()
        if self._postgres:
            self._postgres.stop()
        if self._guard:
            self._guard.close()
        if self._lock and not self._lock.closed:
            (self.data / "run.json").unlink(missing_ok=True)
            self._lock.close()


@contextmanager
def started(options: Options) -> Iterator[System]:
    """A system that is stopped in whatever way the block ends."""
    system = System(options)
    try:
        system.start()
        yield system
    finally:
        system.stop()


def child_environment(facts: Mapping[str, Any]) -> dict[str, str]:
    """What a measuring program is given to find the system."""
    data = Path(facts["data"])
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "server")]),
        "DATABASE_URL": facts["database_url"],
        "CODEPOP_DATA": str(data),
        "CODEPOP_PUBLIC_URL": facts["addresses"]["web"],
        "CODEPOP_LIVE_URL": facts["addresses"]["live"],
        "CODEPOP_SANDBOX_URL": facts["addresses"]["sandbox"],
        "CODEPOP_SANDBOX_SMTP": f"127.0.0.1:{facts['port'] + PORTS['smtp']}",
        "CODEPOP_SANDBOX_SMTP_CA": str(data / "sandbox" / "smtp-ca.pem"),
        "CODEPOP_SIMULATOR_URL": facts["addresses"]["simulator"],
        "CODEPOP_DEVICES": str(data / "devices.json"),
        "CODEPOP_RUN_FILE": str(data / "run.json"),
    }
