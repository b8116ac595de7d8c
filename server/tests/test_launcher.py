"""The launcher's promises, shown with real processes: real PostgreSQL clusters, real kills, real ports.

Each test has clusters and folders of its own; nothing here touches the database that the other tests use.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.patience import eventually
from tools import bootstrap, commands, ports, processes, secret_scan
from tools.database_roles import Addresses
from tools.guard import Guard
from tools.postgres import (
    THROWAWAY_SETTINGS,
    Account,
    PostgresError,
    RunningPostgres,
    command_of_server,
    find_programs,
    program,
    remove_cluster,
    server_account,
    start_postgres,
    throwaway_folder,
)
from tools.supervisor import Service, ServiceError, Supervisor, healthy
from tools.system import AlreadyRunning, Options, StartError, System, running_system

ROOT = Path(__file__).resolve().parents[2]
# Starts a cluster, says where it is, and then waits to be killed.
PARENT = """
import sys, time
from pathlib import Path
from tools.postgres import THROWAWAY_SETTINGS, start_postgres
running = start_postgres(Path(sys.argv[1]), THROWAWAY_SETTINGS)
print(running.pid, running.url, flush=True)
time.sleep(600)
"""
WEB = """
import sys
from http.server import HTTPServer, SimpleHTTPRequestHandler
HTTPServer(("127.0.0.1", int(sys.argv[1])), SimpleHTTPRequestHandler).serve_forever()
"""
STRANGER = 41_234
SLEEP = "import time; time.sleep(300)"
FAMILY = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); time.sleep(300)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ok', flush=True); {SLEEP}"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path (a socket's name has a limit) outside of pytest's private folders."""
    with throwaway_folder("cp-") as made:
        yield made
        remove_cluster(made / "pg")


@pytest.fixture
def guard() -> Iterator[Guard]:
    made = Guard()
    yield made
    made.close()


def one_value(url: str, query: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query).fetchone()
    return row[0] if row else None


def launch_parent(data: Path) -> tuple[subprocess.Popen[str], int, str]:
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(data)], cwd=ROOT, stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    assert process.stdout is not None
    pid, url = process.stdout.readline().split()
    return process, int(pid), url


def kill_parent(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    if process.stdout:
        process.stdout.close()


# --- PostgreSQL -----------------------------------------------------------------------------------------------------


def test_data_stay_from_start_to_start(folder: Path) -> None:
    first = start_postgres(folder / "pg", THROWAWAY_SETTINGS)
    one_value(first.url, "SELECT pg_catalog.set_config('a.b', 'c', false)")
    with psycopg.connect(first.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS value")
    first.stop()
    second = start_postgres(folder / "pg", THROWAWAY_SETTINGS)
    try:
        assert one_value(second.url, "SELECT value FROM kept") == 42
        assert second.url == first.url
    finally:
        second.stop()


def test_settings_are_a_file_inside_the_cluster(folder: Path) -> None:
    running = start_postgres(folder / "pg", {**THROWAWAY_SETTINGS, "max_connections": "17"})
    try:
        assert one_value(running.url, "SHOW max_connections") == "17"
        source = one_value(running.url, "SELECT sourcefile FROM pg_settings WHERE name = 'max_connections'")
        assert source == str(running.cluster.files / "conf.d" / "codepop.conf")
    finally:
        running.stop()


def test_password_is_asked_for_and_private(folder: Path) -> None:
    running = start_postgres(folder / "pg", THROWAWAY_SETTINGS)
    try:
        passwords = sorted(running.cluster.data.glob("password*"))
        assert len(passwords) == 3  # owner, application, reports
        assert {file.stat().st_mode & 0o777 for file in passwords} == {0o600}
        wrong = running.url.replace(running.cluster.password(), "wrong-password")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)
    finally:
        running.stop()


def test_server_never_runs_as_root(folder: Path) -> None:
    running = start_postgres(folder / "pg", THROWAWAY_SETTINGS)
    try:
        assert running.cluster.files.stat().st_uid == server_account().uid != 0
    finally:
        running.stop()


def test_kill_of_the_launcher_ends_postgres_cleanly(folder: Path) -> None:
    parent, pid, _ = launch_parent(folder / "pg")
    assert command_of_server(pid)
    kill_parent(parent)
    assert eventually(lambda: processes.identity(pid) is None)
    again = start_postgres(folder / "pg", THROWAWAY_SETTINGS)
    again.stop()
    assert "not properly shut down" not in again.cluster.log.read_text()


def test_kill_of_postgres_is_recovered(folder: Path) -> None:
    first = start_postgres(folder / "pg", {**THROWAWAY_SETTINGS, "fsync": "on", "synchronous_commit": "on"})
    with psycopg.connect(first.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS value")
    os.kill(first.pid, signal.SIGKILL)
    eventually(lambda: not first.alive())
    first.stop()
    second = start_postgres(folder / "pg", THROWAWAY_SETTINGS)
    try:
        assert one_value(second.url, "SELECT count(*) FROM kept") == 1000
    finally:
        second.stop()


@pytest.mark.parametrize("living", [True, False], ids=["number in use by another program", "number of nobody"])
def test_stale_pid_file_does_not_hinder(folder: Path, living: bool) -> None:
    first = start_postgres(folder / "pg", THROWAWAY_SETTINGS)
    content = (first.cluster.files / "postmaster.pid").read_text()
    first.stop()
    ended = subprocess.Popen(["true"])
    ended.wait()
    number = os.getpid() if living else ended.pid
    (first.cluster.files / "postmaster.pid").write_text(content.replace(str(first.pid), str(number), 1))
    start_postgres(folder / "pg", THROWAWAY_SETTINGS).stop()


def test_zombie_server_counts_as_ended(folder: Path) -> None:
    """A dead server that its parent has not collected: its number is still there, PostgreSQL alone would refuse."""
    first = start_postgres(folder / "pg", THROWAWAY_SETTINGS)
    content = (first.cluster.files / "postmaster.pid").read_text()
    first.stop()
    zombie = subprocess.Popen(["true"])
    assert eventually(lambda: processes.identity(zombie.pid) is None)
    (first.cluster.files / "postmaster.pid").write_text(content.replace(str(first.pid), str(zombie.pid), 1))
    start_postgres(folder / "pg", THROWAWAY_SETTINGS).stop()
    zombie.wait()


def test_server_that_lost_launcher_and_guard_is_ended_by_the_next_start(folder: Path) -> None:
    parent, pid, url = launch_parent(folder / "pg")
    numbers = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    for child in numbers:
        if processes.parent(child) == parent.pid and "tools.guard" in processes.command_line(child):
            os.kill(child, signal.SIGKILL)
    kill_parent(parent)
    assert processes.identity(pid) is not None
    again = start_postgres(folder / "pg", THROWAWAY_SETTINGS)
    try:
        assert processes.identity(pid) is None
        assert one_value(again.url, "SELECT 1") == 1
        assert again.url == url
    finally:
        again.stop()


def test_second_start_on_the_same_data_is_refused(folder: Path) -> None:
    running = start_postgres(folder / "pg", THROWAWAY_SETTINGS)
    try:
        with pytest.raises(PostgresError, match="--data"):
            start_postgres(folder / "pg", THROWAWAY_SETTINGS)
        assert one_value(running.url, "SELECT 1") == 1
    finally:
        running.stop()


def test_interrupted_initdb_leaves_nothing_that_looks_finished(folder: Path) -> None:
    (folder / "pg" / "cluster.new").mkdir(parents=True)
    (folder / "pg" / "cluster.new" / "PG_VERSION").write_text("18\n")
    running: RunningPostgres = start_postgres(folder / "pg", THROWAWAY_SETTINGS)
    try:
        assert one_value(running.url, "SELECT 1") == 1
    finally:
        running.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has folders that the server's account can't reach")
def test_roots_private_folder_is_no_hindrance(folder: Path) -> None:
    private = folder / "private"
    private.mkdir(mode=0o700)
    running = start_postgres(private / "pg", THROWAWAY_SETTINGS)
    try:
        assert one_value(running.url, "SELECT 1") == 1
        assert private.stat().st_mode & 0o777 == 0o700
        assert not running.cluster.home.is_relative_to(private)
    finally:
        running.stop()
        remove_cluster(private / "pg")
    assert not running.cluster.home.exists()


def test_server_of_another_cluster_that_has_the_stale_number_by_now_runs_on(folder: Path) -> None:
    """After a restart of the machine (a container's mostly) numbers are given anew, and often to the like."""
    first = start_postgres(folder / "pg", THROWAWAY_SETTINGS)
    content = (first.cluster.files / "postmaster.pid").read_text()
    first.stop()
    other = start_postgres(folder / "other", THROWAWAY_SETTINGS)
    try:
        (first.cluster.files / "postmaster.pid").write_text(content.replace(str(first.pid), str(other.pid), 1))
        again = start_postgres(folder / "pg", THROWAWAY_SETTINGS)
        try:
            assert one_value(again.url, "SELECT 1") == 1
            assert other.alive()
            assert one_value(other.url, "SELECT 1") == 1
        finally:
            again.stop()
    finally:
        other.stop()
        remove_cluster(folder / "other")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_cluster_of_another_user_is_left_as_it_is(folder: Path) -> None:
    """`sudo ./run up` on one's own folder, once, must not lock its owner out."""
    running = start_postgres(folder / "pg", THROWAWAY_SETTINGS)
    running.stop()
    files = running.cluster.files
    for path in (files, *files.rglob("*")):
        os.chown(path, STRANGER, STRANGER)
    for reachable in (True, False):
        folder.chmod(0o711 if reachable else 0o700)
        with pytest.raises(PostgresError, match=rf"made by another system user \({STRANGER}\).*--data"):
            start_postgres(folder / "pg", THROWAWAY_SETTINGS)
    assert {path.stat().st_uid for path in files.rglob("*")} == {STRANGER}


def test_dump_program_works_for_this_user(folder: Path) -> None:
    running = start_postgres(folder / "pg", THROWAWAY_SETTINGS)
    try:
        done = subprocess.run([program("pg_dump"), running.url], capture_output=True, text=True, check=True)
        assert "PostgreSQL database dump complete" in done.stdout
    finally:
        running.stop()


def test_programs_are_runnable_by_the_servers_account() -> None:
    account: Account = server_account()
    done = account.run([find_programs(account) / "postgres", "--version"])
    assert done.stdout.startswith("postgres (PostgreSQL)")


# --- processes ------------------------------------------------------------------------------------------------------


def web(port: int, name: str = "web") -> Service:
    return Service(name, [sys.executable, "-c", WEB, str(port)], dict(os.environ), f"http://127.0.0.1:{port}/")


def test_service_that_ends_while_starting_shows_its_log(folder: Path, guard: Guard) -> None:
    supervisor = Supervisor(folder / "logs", guard)
    command = [sys.executable, "-c", "print('no coffee left'); raise SystemExit(3)"]
    supervisor.start(Service("brewer", command, dict(os.environ), "http://127.0.0.1:9/"))
    with pytest.raises(ServiceError, match=r"(?s)brewer ended with 3.*no coffee left"):
        supervisor.wait_ready(20)
    supervisor.stop()


def test_a_long_log_is_shown_from_both_ends(folder: Path, guard: Guard) -> None:
    supervisor = Supervisor(folder / "logs", guard)
    program = "print('the reason'); [print('frame', n) for n in range(99)]; raise SystemExit(3)"
    supervisor.start(Service("brewer", [sys.executable, "-c", program], dict(os.environ), "http://127.0.0.1:9/"))
    with pytest.raises(ServiceError, match=r"(?s)the reason.*frame 8\n.*\.\.\.\n.*frame 79\n.*frame 98"):
        supervisor.wait_ready(20)
    supervisor.stop()


def test_service_that_never_answers_is_named(folder: Path, guard: Guard) -> None:
    supervisor = Supervisor(folder / "logs", guard)
    command = [sys.executable, "-c", "import time; print('thinking', flush=True); time.sleep(60)"]
    supervisor.start(Service("thinker", command, dict(os.environ), f"http://127.0.0.1:{ports.free_ports()}/"))
    with pytest.raises(ServiceError, match=r"thinker was not ready after 1 s"):
        supervisor.wait_ready(1)
    supervisor.stop()


def test_crashed_service_is_started_again(folder: Path, guard: Guard) -> None:
    supervisor = Supervisor(folder / "logs", guard)
    service = web(ports.free_ports())
    supervisor.start(service)
    supervisor.wait_ready(20)
    before = supervisor.pids()["web"]
    os.kill(before, signal.SIGKILL)

    def is_back() -> bool:
        supervisor.tend()
        return supervisor.pids()["web"] != before and healthy(service.health_url or "")

    assert eventually(is_back)
    supervisor.stop()
    assert not healthy(service.health_url or "")


def test_child_processes_of_a_service_go_with_it(folder: Path, guard: Guard) -> None:
    supervisor = Supervisor(folder / "logs", guard)
    supervisor.start(Service("family", [sys.executable, "-c", FAMILY], dict(os.environ)))
    group = supervisor.pids()["family"]
    assert eventually(lambda: len(processes.group_members(group)) == 2)
    supervisor.stop()
    assert processes.group_members(group) == []


def test_guard_ends_services_when_the_launcher_is_killed(folder: Path) -> None:
    """Also one that ignores SIGTERM."""
    code = f"""
import os, sys, time
from pathlib import Path
from tools.guard import Guard
from tools.supervisor import Service, Supervisor
supervisor = Supervisor(Path({str(folder)!r}), Guard())
supervisor.start(Service("stubborn", [sys.executable, "-c", {STUBBORN!r}], dict(os.environ)))
supervisor.start(Service("mild", [sys.executable, "-c", {SLEEP!r}], dict(os.environ)))
time.sleep(1)
print(*supervisor.pids().values(), flush=True)
time.sleep(300)
"""
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    numbers = [int(word) for word in parent.stdout.readline().split()]
    kill_parent(parent)
    assert len(numbers) == 2
    assert eventually(lambda: all(processes.identity(number) is None for number in numbers), seconds=20)


def test_program_that_does_not_heed_the_first_signal_ends_by_the_second(folder: Path) -> None:
    """Ctrl-C twice leaves nothing of a trial behind, even when its program waits for a verdict."""
    said = folder / "pid"
    (folder / "trial.py").write_text(
        f"import os, pathlib\npathlib.Path({str(said)!r}).write_text(str(os.getpid()))\n{STUBBORN}"
    )
    code = f"""
import os
from tools import commands
commands._stop_on_signals()
commands._run_child("trial", [], os.environ | {{"PYTHONPATH": {str(folder)!r}}})
"""
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.DEVNULL)
    assert eventually(lambda: said.exists() and said.read_text().isdigit())
    time.sleep(0.5)  # until it ignores the signal
    for _ in range(2):
        parent.send_signal(signal.SIGINT)
        time.sleep(0.5)
    assert eventually(lambda: processes.identity(int(said.read_text())) is None)
    parent.wait(10)


def test_guard_that_was_killed_is_replaced(guard: Guard) -> None:
    sleeper = subprocess.Popen([sys.executable, "-c", SLEEP], start_new_session=True)
    guard.entrust(sleeper.pid, rank=1)
    first = guard.pid
    os.kill(first, signal.SIGKILL)
    assert eventually(lambda: processes.identity(first) is None)
    guard.check()
    assert guard.pid != first
    guard.close()
    assert sleeper.wait(10) == -signal.SIGTERM


# --- the system -----------------------------------------------------------------------------------------------------


def test_port_in_use_is_named_with_the_remedy_before_anything_starts(folder: Path) -> None:
    first = ports.free_ports(5)
    with socket.create_server(("127.0.0.1", first + 1)):
        system = System(Options(data=folder / "data", port=first, app=False))
        with pytest.raises(StartError, match=rf"Port {first + 1} .*wanted for live.*--port {first + 100}"):
            system.start()
        system.stop()
    assert not (folder / "data" / "postgres").exists()


def test_port_that_another_system_took_meanwhile_is_not_shared_with_it(folder: Path, guard: Guard) -> None:
    """Our web server listens also where another one of its kind does already: requests would go to either's data."""
    first = ports.free_ports(5)
    system = System(Options(data=folder / "data", port=first, app=False))
    system._hold_data()
    system.database = Addresses(owner="postgresql://x@127.0.0.1:1/x", app="postgresql://x@127.0.0.1:1/x", report="")
    with socket.create_server(("127.0.0.1", first)):
        try:
            with pytest.raises(StartError, match=rf"Port {first} .*wanted for web"):
                system._start_services(guard)
            assert system.facts()["processes"] == {}
        finally:
            system.stop()


def test_second_up_on_the_same_data_names_the_address(folder: Path) -> None:
    data = folder / "data"
    holder = System(Options(data=data, port=ports.free_ports(5), app=False))
    holder._hold_data()
    (data / "run.json").write_text('{"pid": 77, "addresses": {"web": "http://127.0.0.1:8000"}}')
    other = System(Options(data=data, port=ports.free_ports(5), app=False))
    with pytest.raises(AlreadyRunning, match=r"http://127\.0\.0\.1:8000 \(process 77\)"):
        other.start()
    assert running_system(data) == {"pid": 77, "addresses": {"web": "http://127.0.0.1:8000"}}
    holder.stop()
    assert running_system(data) is None


def test_second_up_while_the_first_starts_is_told_nothing_of_one_that_was_killed(folder: Path) -> None:
    (folder / "run.json").write_text('{"pid": 77, "addresses": {"web": "http://127.0.0.1:8000"}}')
    holder = System(Options(data=folder, port=ports.free_ports(5), app=False))
    holder._hold_data()
    other = System(Options(data=folder, port=ports.free_ports(5), app=False))
    with pytest.raises(AlreadyRunning, match=r"an address it has not written yet \(process unknown\)"):
        other.start()
    assert running_system(folder) == {}
    holder.stop()


@pytest.mark.parametrize("where", ["taken", "/sys/codepop"], ids=["a file", "no right to make it"])
def test_data_folder_that_can_not_be_used_is_named_with_the_remedy(folder: Path, where: str) -> None:
    (folder / "taken").write_text("a file")
    system = System(Options(data=folder / where, port=ports.free_ports(5), app=False))
    with pytest.raises(StartError, match=rf"{where}.*--data OTHER"):
        system.start()
    system.stop()


def test_environment_of_another_user_is_named_with_the_remedy(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "STAMP", folder / "none")
    monkeypatch.setattr(bootstrap, "STATE", Path("/sys/codepop"))
    with pytest.raises(SystemExit, match=r"/sys/codepop.*Start as the user whose checkout this is"):
        bootstrap.enter(["up"])


def test_fresh_removes_nothing_of_a_folder_that_is_not_codepops(folder: Path) -> None:
    (folder / "letters").mkdir()
    (folder / "letters" / "mine.txt").write_text("dear")
    system = System(Options(data=folder, port=ports.free_ports(5), app=False, fresh=True))
    with pytest.raises(StartError, match=r"no data folder of CodePop's.*--data"):
        system.start()
    system.stop()
    assert [path.name for path in folder.rglob("*")] == ["letters", "mine.txt"]
    (folder / "secret_key").write_text("made by the settings")
    system._hold_data()
    system.stop()


# --- environment ----------------------------------------------------------------------------------------------------


def test_pips_settings_hold_for_uv(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("UV_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    listing = "\n".join(
        [
            "global.index-url='https://one.invalid/simple'",
            "global.extra-index-url='https://two.invalid/simple\\nfile:///three'",
            "global.cert='/etc/cert.pem'",
            ":env:.index-url='https://four.invalid/simple'",
            "freeze.timeout='10'",
        ]
    )
    assert bootstrap.uv_environment(bootstrap.pip_settings(listing)) == {
        "UV_DEFAULT_INDEX": "https://four.invalid/simple",
        "UV_INDEX": "https://two.invalid/simple file:///three",
        "SSL_CERT_FILE": "/etc/cert.pem",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }


def test_unknown_word_is_refused_with_a_pointer_to_help() -> None:
    done = subprocess.run([ROOT / "run", "fly"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "./run help" in done.stderr


def test_what_is_compiled_is_kept_even_where_the_machine_is_set_not_to(folder: Path) -> None:
    kept = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": str(folder)}
    done = subprocess.run(
        [sys.executable, ROOT / "run", "bench"], env={**os.environ, **kept}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stderr
    assert [path.parent.name for path in folder.rglob("commands.cpython-*.pyc")] == ["tools"]


def test_secret_scan_finds_keys_and_leaves_names_alone() -> None:
    planted = "sk_" + "live_" + "4eC39HqLyjWDarjtT1zdp7dc"
    found = list(secret_scan.scan_text("a.py", f'x = 1\nkey = "{planted}"\npassword = "same-as-the-one-you-know"\n'))
    assert [(finding.line, finding.what) for finding in found] == [(2, "a Stripe key")]


def test_lock_files_name_no_addresses() -> None:
    assert secret_scan.lock_addresses() == []


def _run_by_two_workers(folder: Path, *words: str) -> int:
    """Run the tests that lie in a folder as `./run test` would; return pytest's exit code."""
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = req: numbers\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:django", "-n", "2", "--dist", "loadgroup", *words]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, check=False, timeout=120).returncode


def test_requirements_are_recorded_over_workers_and_groups(folder: Path) -> None:
    """The file of a parallel run names each test as a plain run would, with its numbers and its worst outcome."""
    (folder / "test_small.py").write_text(
        "import pytest\n"
        "@pytest.mark.req('PAY-01')\n"
        "@pytest.mark.xdist_group('one')\n"
        "@pytest.mark.parametrize('name', ['a@b'])\n"
        "def test_pays(name): pass\n"
        "@pytest.mark.req('D1', 'PAY-01')\n"
        "def test_fails(): assert False\n"
    )
    _run_by_two_workers(folder, "-p", "tools.pytest_requirements", "--requirements-file", "out.json")
    assert json.loads((folder / "out.json").read_text()) == {
        "test_small.py::test_fails": {"requirements": ["D1", "PAY-01"], "outcome": "failed"},
        "test_small.py::test_pays[a@b]": {"requirements": ["PAY-01"], "outcome": "passed"},
    }


def test_tests_of_one_group_share_a_worker(folder: Path) -> None:
    """What is dear to start (a whole system, a chaos stage) is started once and not once for each worker."""
    (folder / "test_group.py").write_text(
        "import os, pytest\n"
        "@pytest.mark.xdist_group('one')\n"
        "@pytest.mark.parametrize('number', range(6))\n"
        "def test_writes(number):\n"
        "    open('workers', 'a').write(os.environ['PYTEST_XDIST_WORKER'] + ' ')\n"
        "@pytest.mark.parametrize('number', range(6))\n"
        "def test_fills(number): pass\n"
    )
    assert _run_by_two_workers(folder) == 0
    workers = (folder / "workers").read_text().split()
    assert (len(workers), len(set(workers))) == (6, 1)


# --- looking at a system ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("look", [commands.doctor, commands.keys, commands.reconcile])
def test_looking_at_nothing_says_so_instead_of_a_traceback(
    look: Callable[[list[str]], int], folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(commands, "DATA", folder)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert look([]) == 2
    said = capfd.readouterr().err
    assert "./run up" in said
    assert "Traceback" not in said


def test_doctor_looks_at_the_system_whose_folder_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody@127.0.0.1:1/else")
    assert commands.doctor(["stripe", "--data", str(folder)]) == 2
    assert str(folder.resolve()) in capfd.readouterr().err
    address = "http://127.0.0.1:1"
    addresses = dict.fromkeys(("web", "live", "sandbox", "simulator"), address)
    facts = {"data": str(folder), "database_url": "postgresql://x@127.0.0.1:1/x", "addresses": addresses, "port": 1}
    (folder / "run.json").write_text(json.dumps(facts))
    with (folder / "up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert commands.doctor(["--data", str(folder)]) == 1
    assert "Start PostgreSQL" in capfd.readouterr().out
    assert (folder / "keyset.json").exists()


def test_settings_that_are_missing_are_named_without_a_traceback() -> None:
    command = [sys.executable, str(ROOT / "server" / "manage.py"), "doctor"]
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, "DATABASE_URL is missing" in done.stderr, "Traceback" in done.stderr) == (1, True, False)
