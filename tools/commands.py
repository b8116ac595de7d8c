"""The words after `./run`, inside the environment."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NoReturn

from tools import app, browser, check, requirements
from tools.bootstrap import ROOT, STATE, BootstrapError, say
from tools.guard import Guard
from tools.ports import free_ports
from tools.postgres import PostgresError, remove_cluster, throwaway_folder
from tools.supervisor import ServiceError
from tools.system import PORTS, Options, StartError, System, child_environment, running_system, started

DATA = ROOT / ".data"
LAST_TEST = STATE / "last-test.json"
TEND_SECONDS = 0.2
SIMULATION_SPEED = "60"
TRIAL_SECONDS = {
    "CODEPOP_READY_SECONDS": "60",
    "CODEPOP_PAYMENT_SECONDS": "90",
    "CODEPOP_CONSENT_MINUTE_SECONDS": "4",
}
"""An order whose provider was away is kept for 25 of people's minutes when nobody pays it: a trial must see it end."""
OUTAGE_TRIAL_SECONDS = {"CODEPOP_CONSENT_MINUTE_SECONDS": "2", "CODEPOP_PAYMENT_SECONDS": "30"}
"""An hour lasts two minutes: people's consent, the 15 minutes to pay an order, and the outage alike."""


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _stop_on_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)


def _ignore_signals() -> None:
    """While stopping: a second Ctrl-C must not leave half of it running. Every step there has a limit of its own."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


# --- up, dev --------------------------------------------------------------------------------------------------------


def _up_options(arguments: list[str], name: str) -> Options:
    parser = argparse.ArgumentParser(prog=f"./run {name}")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of everything that stays (default: .data)")
    parser.add_argument("--port", type=int, default=8000, help="first of five ports (default: 8000)")
    parser.add_argument("--fresh", action="store_true", help="forget what the data folder holds")
    parser.add_argument("--no-app", action="store_true", help="do not build the customer app")
    given = parser.parse_args(arguments)
    if not 1024 <= given.port <= 65000:
        parser.error(f"--port {given.port}: choose one from 1024 to 65000")
    return Options(data=given.data, port=given.port, fresh=given.fresh, app=not given.no_app)


def _print_welcome(system: System, seconds: float) -> None:
    rows = [
        ("Customer app", system.addresses["web"] + "/"),
        ("Staff", system.addresses["web"] + "/staff/"),
        ("Sandbox console", system.addresses["sandbox"] + "/"),
        ("Robots and doors", system.addresses["simulator"] + "/"),
    ]
    print(f"\n✓ CodePop is up ({seconds:.1f} s)\n")
    for name, address in rows:
        print(f"  {name:<18}{address}")
    print("  Test card         4242 4242 4242 4242, any later date, any code (more in the sandbox console)")
    if system.logins:
        print("\n  Demo log-ins")
    for login in system.logins:
        words = [str(login.get(key) or "") for key in ("email", "password", "text")]
        print(f"    {words[0]:<36}{words[1]:<28}{words[2]}".rstrip())
    if any(login.get("totp_secret") for login in system.logins):
        print("    Staff are asked for a code as well: ./run code manager@codepop.example (or any of them)")
    print(f"\n  Data and logs are in {system.data}. Ctrl-C stops everything; the data stay.\n", flush=True)


def _newest_source() -> float:
    folders = (ROOT / "server", ROOT / "sandbox", ROOT / "simulator")
    return max((path.stat().st_mtime for folder in folders for path in folder.rglob("*.py")), default=0.0)


def _tend(system: System, *, reload: bool) -> None:
    newest, looked = _newest_source() if reload else 0.0, time.monotonic()
    while True:
        time.sleep(TEND_SECONDS)
        system.tend()
        if reload and time.monotonic() - looked > 1:
            looked = time.monotonic()
            if (now := _newest_source()) > newest:
                newest = now
                say("the code has changed; restarting")
                system.restart("sandbox", "web", "live", "worker", "simulator")


def _run_system(options: Options, *, reload: bool) -> int:
    begin = time.monotonic()
    _stop_on_signals()
    system = System(options)
    try:
        system.start()
        _print_welcome(system, time.monotonic() - begin)
        _tend(system, reload=reload)
    except KeyboardInterrupt:
        print()
        say("stopping")
        return 0
    finally:
        _ignore_signals()
        system.stop()
    return 0


def up(arguments: list[str]) -> int:
    return _run_system(_up_options(arguments, "up"), reload=False)


def dev(arguments: list[str]) -> int:
    return _run_system(_up_options(arguments, "dev"), reload=True)


# --- simulate, bench ------------------------------------------------------------------------------------------------


def _keep_tending(system: System, over: threading.Event) -> None:
    while not over.wait(TEND_SECONDS):
        system.tend()


def _run_child(module: str, arguments: list[str], environment: dict[str, str]) -> int:
    """Run a program to its end. A signal asks it to end, with a verdict on what was done so far; a second ends it."""
    guard = Guard()
    command = [sys.executable, "-P", "-m", module, *arguments]
    process = subprocess.Popen(command, env=environment, start_new_session=True)
    guard.entrust(process.pid, rank=100)
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.terminate()
        return process.wait() or 130
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        guard.release(process.pid)
        guard.close()


def _against_a_system(
    module: str, arguments: list[str], *, forked: bool = False, own_settings: dict[str, str] | None = None
) -> int:
    """Run a program against the running system, else against one that lives as long as the program.

    `forked`: always one of its own, whose processes may be killed. `own_settings`: one of its own with these settings.
    """
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--data", type=Path, default=DATA)
    given, rest = parser.parse_known_args(arguments)
    if {"-h", "--help"} & set(rest):
        return _run_child(module, rest, dict(os.environ))
    _stop_on_signals()
    facts = running_system(given.data.resolve())
    own = forked or own_settings is not None
    if facts and not own:
        say(f"using the running system at {facts['addresses']['web']}")
        return _run_child(module, rest, child_environment(facts))
    # A trial must not wait half an hour for a drink that nobody fetches, or for an order that nobody pays.
    for name, seconds in (TRIAL_SECONDS | (own_settings or {})).items():
        os.environ.setdefault(name, seconds)
    with throwaway_folder("codepop-") as data:
        options = Options(data=data, port=free_ports(len(PORTS)), app=False, speed=SIMULATION_SPEED, forked=forked)
        say("starting a system of its own" if own else "no system runs; starting one for this")
        try:
            with started(options) as system:
                over = threading.Event()
                tender = threading.Thread(target=_keep_tending, args=(system, over), daemon=True)
                tender.start()
                try:
                    return _run_child(module, rest, child_environment(system.facts()))
                finally:
                    over.set()
                    tender.join()
                    _ignore_signals()
        finally:
            remove_cluster(data / "postgres")


def simulate(arguments: list[str]) -> int:
    words = {word.partition("=")[0] for word in arguments}
    settings = OUTAGE_TRIAL_SECONDS if "--outage" in words else None
    return _against_a_system("simulator.customers", arguments, forked="--kills" in words, own_settings=settings)


def bench(arguments: list[str]) -> int:
    names = sorted(path.stem for path in (ROOT / "bench").glob("[!_]*.py"))
    if not arguments or arguments[0] not in names:
        print(f"usage: ./run bench NAME [--json FILE]   NAME is one of: {', '.join(names) or '(none yet)'}")
        return 2
    return _against_a_system(f"bench.{arguments[0]}", arguments[1:])


def chaos(arguments: list[str]) -> int:
    """Brings its own PostgreSQL and sandboxes, whatever runs."""
    _stop_on_signals()
    path = os.pathsep.join([str(ROOT), str(ROOT / "server")])
    return _run_child("chaos", arguments, {**os.environ, "PYTHONPATH": path})


# --- test, doctor ---------------------------------------------------------------------------------------------------


def _test_app() -> list[str]:
    """Run the app's own tests; names of the scripts that failed."""
    if not app.exists():
        return []
    failed = []
    for script in ("test",):
        if script in app.scripts():
            say(f"the app's own: npm run {script}")
            if app.run_script(script).returncode != 0:
                failed.append(script)
    return failed


def test(arguments: list[str]) -> int:
    """The app's tests, then pytest, whose closing line comes last."""
    app.build()
    os.environ["CODEPOP_CHROMIUM"] = str(browser.ensure())
    failed = [] if arguments else _test_app()
    chosen = arguments or []
    workers = (
        [] if any(word.startswith(("-n", "--numprocesses")) for word in chosen) else ["-n", "2", "--dist", "loadgroup"]
    )
    record = [] if arguments else ["--requirements-file", str(LAST_TEST)]
    if failed:
        say(f"failed in app/: npm run {', '.join(failed)} (see above); going on with the server's tests")
    sys.stdout.flush()
    status = subprocess.run(
        [sys.executable, "-m", "pytest", *workers, *record, *chosen], cwd=ROOT, check=False
    ).returncode
    return status or (1 if failed else 0)


def _manage_running(name: str, arguments: list[str]) -> int:
    """Run a command of the server's in the environment of the running system, else of the deployment's own settings.

    2 when there is neither: nothing could be looked at.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--data", type=Path)
    given, arguments = parser.parse_known_args(arguments)
    data = (given.data or DATA).resolve()
    facts = running_system(data)
    if not facts and (given.data or "DATABASE_URL" not in os.environ):
        print(
            f"No system runs on {data}: start it with ./run up, name its folder with --data DIR,"
            " or set a deployment's own variables, DATABASE_URL first.",
            file=sys.stderr,
        )
        return 2
    environment = child_environment(facts) if facts else dict(os.environ)
    command = [sys.executable, str(ROOT / "server" / "manage.py"), name, *arguments]
    return subprocess.run(command, env=environment, check=False).returncode


def doctor(arguments: list[str]) -> int:
    return _manage_running("doctor", arguments)


def keys(arguments: list[str]) -> int:
    return _manage_running("keys", arguments)


def privacy(arguments: list[str]) -> int:
    return _manage_running("privacy", arguments)


def audit(arguments: list[str]) -> int:
    return _manage_running("audit", arguments)


def sessions(arguments: list[str]) -> int:
    return _manage_running("sessions", arguments)


def access(arguments: list[str]) -> int:
    return _manage_running("access", arguments)


def code(arguments: list[str]) -> int:
    return _manage_running("code", arguments)


def reconcile(arguments: list[str]) -> int:
    return _manage_running("reconcile", arguments)


def check_all(arguments: list[str]) -> int:
    if arguments:
        print("usage: ./run check")
        return 2
    return check.run()


def list_requirements(arguments: list[str]) -> int:
    return requirements.run(arguments, LAST_TEST)


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "up": up,
    "dev": dev,
    "test": test,
    "check": check_all,
    "doctor": doctor,
    "keys": keys,
    "privacy": privacy,
    "access": access,
    "audit": audit,
    "sessions": sessions,
    "code": code,
    "reconcile": reconcile,
    "requirements": list_requirements,
    "simulate": simulate,
    "bench": bench,
    "chaos": chaos,
}
EXPECTED = (BootstrapError, PostgresError, ServiceError, StartError, app.AppError, browser.BrowserError)


def main(arguments: list[str]) -> int:
    name, *rest = arguments
    try:
        return COMMANDS[name](rest)
    except EXPECTED as error:
        print(f"✗ {error}", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
