"""From a bare Python to an environment in which the launcher's commands run. Standard library only.

Makes `.venv`, puts uv into it and installs from hashed locks without addresses: where packages come from is the
machine's matter, so whatever pip is configured with (environment, user, system) holds for uv too, and pip itself takes
over where uv can't reach an index.
"""

from __future__ import annotations

import ast
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "codepop-installed.json"
STATE = ROOT / ".run"


@dataclass(frozen=True)
class Command:
    """A word after ./run, the lock it needs (None: no environment at all) and what it does."""

    name: str
    lock: str | None
    help: str


COMMANDS = (
    Command("up", "run", "start everything and print the addresses   [--data DIR] [--port N] [--fresh] [--no-app]"),
    Command("test", "dev", "the whole suite from nothing                [pytest arguments]"),
    Command("check", "dev", "formats, lints, types, import contracts, generated files, secrets"),
    Command("dev", "run", "like up, and restart the server when its code changes"),
    Command(
        "doctor", "run", "the deployment checklist: each setting, key, endpoint, with the remedy   [PART] [--data DIR]"
    ),
    Command(
        "reconcile", "run", "compare Stripe's books with ours, repair, list what is left   [--days N] [--data DIR]"
    ),
    Command(
        "keys",
        "run",
        "the secrets in use, which are due   [--json]; change the encryption keys   add|promote|rewrite|remove",
    ),
    Command("privacy", "run", "a person's data   find|erase EMAIL; reapply (after a restore), rules, cut"),
    Command("audit", "run", "verify: the audit trail's hashes computed anew   verify [--json FILE] [--against FILE]"),
    Command("access", "run", "who holds which role where, last sign-in, without second factor   [--csv FILE]"),
    Command(
        "sessions", "run", "count sessions, say whose a key is, end them   [--whose] [--end-person ID] [--end-all]"
    ),
    Command("code", "run", "the present code of a demo staff account's second factor   EMAIL"),
    Command("requirements", "dev", "every numbered requirement, its tests, and what has none   [--json FILE]"),
    Command("simulate", "run", "drive customers against the running system, or one of its own   [--customers N ...]"),
    Command("bench", "dev", "measure   NAME [--json FILE]"),
    Command("chaos", "dev", "histories with faults and crashes   --histories N --seed S --json FILE"),
    Command("docs", None, "list the documents"),
    Command("help", None, "this list"),
)


class BootstrapError(RuntimeError):
    """The environment could not be made; the message says what to do."""


def say(text: str) -> None:
    """One line of progress."""
    print(f"· {text}", flush=True)


@contextmanager
def locked(name: str, waiting: str) -> Iterator[None]:
    """Let one process at a time make things in the checkout; a second one waits and says so."""
    STATE.mkdir(exist_ok=True)
    with (STATE / f"{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(waiting)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


# --- the environment ------------------------------------------------------------------------------------------------


def _read_stamp() -> dict[str, str]:
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) and stamp.get("root") == str(ROOT) else {}


def _write_stamp(**changes: str) -> None:
    new = STAMP.with_suffix(".new")
    new.write_text(json.dumps({**_read_stamp(), "root": str(ROOT), **changes}, indent=1))
    new.replace(STAMP)


def _lock_file(name: str) -> Path:
    return ROOT / "requirements" / f"{name}.lock"


def _hash(name: str) -> str:
    return hashlib.sha256(_lock_file(name).read_bytes()).hexdigest()


def _venv_works() -> bool:
    if not PYTHON.exists():
        return False
    try:
        code = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
        return subprocess.run([PYTHON, "-c", code], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _make_venv() -> None:
    say(f"making .venv with Python {sys.version.split()[0]}")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    remedy = f"Debian, Ubuntu: apt-get install python{version}-venv (or python3-venv). Then start again."
    try:
        import ensurepip  # noqa: F401 -- only asked whether it is there: Debian leaves it out
    except ImportError:
        raise BootstrapError(f"This Python can't make virtual environments. {remedy}") from None
    shutil.rmtree(VENV, ignore_errors=True)
    done = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BootstrapError(f"python -m venv failed: {(done.stdout + done.stderr).strip()}\n{remedy}")


def _link_sources() -> None:
    """Make the repository's packages importable in the environment, from any folder."""
    for site in VENV.glob("lib/python3*/site-packages"):
        path = site / "codepop.pth"
        wanted = f"{ROOT}\n{ROOT / 'server'}\n"
        if not path.exists() or path.read_text() != wanted:
            path.write_text(wanted)


def ensure(*names: str) -> None:
    """Install the named locks unless exactly these are installed. Never uninstalls what another lock brought."""
    stamp = _read_stamp()
    if PYTHON.exists() and all(stamp.get(name) == _hash(name) for name in names):
        return
    with locked("environment", "waiting for another ./run that prepares the environment"):
        if not _venv_works():
            _make_venv()
        _link_sources()
        stamp = _read_stamp()
        for name in ("launcher", *names):
            if stamp.get(name) != _hash(name):
                _install(name)
                _write_stamp(**{name: _hash(name)})


# --- installing -----------------------------------------------------------------------------------------------------


def _pip(*words: str | Path) -> list[str]:
    return [str(PYTHON), "-m", "pip", *(str(word) for word in words)]


def pip_settings(listing: str) -> dict[str, list[str]]:
    """What `pip config list` prints, by option; the environment's values stand last there and win."""
    settings: dict[str, list[str]] = {}
    for line in listing.splitlines():
        name, _, value = line.partition("=")
        section, _, option = name.rpartition(".")
        if section not in ("global", "install", ":env:"):
            continue
        try:
            text = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            text = value
        settings[option] = str(text).split()
    return settings


def uv_environment(settings: dict[str, list[str]]) -> dict[str, str]:
    """pip's settings in uv's words. What is set for uv itself stays."""
    found = {
        "UV_DEFAULT_INDEX": settings.get("index-url", [])[:1],
        "UV_INDEX": settings.get("extra-index-url", []),
        "UV_FIND_LINKS": [",".join(settings.get("find-links", []))],
        "UV_INSECURE_HOST": settings.get("trusted-host", []),
        "SSL_CERT_FILE": settings.get("cert", [])[:1],
        "UV_HTTP_TIMEOUT": settings.get("default-timeout", settings.get("timeout", []))[:1],
        # pip takes the best version of all indexes; the hashes keep that safe.
        "UV_INDEX_STRATEGY": ["unsafe-best-match"],
    }
    if settings.get("no-index", [""])[0].lower() in ("1", "true", "yes", "on"):
        found["UV_NO_INDEX"] = ["1"]
    words = {name: " ".join(values).strip() for name, values in found.items()}
    return {name: value for name, value in words.items() if value and name not in os.environ}


def _run(command: Sequence[str], extra: dict[str, str] | None = None) -> str | None:
    """None when the command succeeded, else the end of what it said."""
    done = subprocess.run(
        command,
        env={**os.environ, **(extra or {})},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return None if done.returncode == 0 else "\n".join(done.stdout.strip().splitlines()[-25:])


def _install(name: str) -> None:
    lock = _lock_file(name)
    begin = time.monotonic()
    say(f"installing requirements/{lock.name}")
    by_pip = _pip("install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", lock)
    if name == "launcher":
        if _run(by_pip):
            say("uv is not to be had here; pip does all of it")
        return
    by_uv = [str(VENV / "bin" / "uv"), "pip", "install", "--quiet", "--python", str(PYTHON)]
    by_uv += ["--require-hashes", "-r", str(lock)]
    if Path(by_uv[0]).exists():
        listing = subprocess.run(_pip("config", "list"), capture_output=True, text=True, check=False).stdout
        if _run(by_uv, uv_environment(pip_settings(listing))) is None:
            say(f"  done in {time.monotonic() - begin:.0f} s")
            return
        say("  uv could not; trying pip")
    said = _run(by_pip)
    if said:
        raise BootstrapError(
            f"The packages of requirements/{lock.name} could not be installed. pip said:\n{said}\n"
            "If no package index is reached: `pip config set global.index-url ADDRESS` names yours."
        )
    say(f"  done in {time.monotonic() - begin:.0f} s")


# --- entry ----------------------------------------------------------------------------------------------------------


def print_help() -> None:
    print("usage: ./run COMMAND [options]\n")
    for command in COMMANDS:
        print(f"  {command.name:<13}{command.help}")


def print_documents() -> None:
    for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]):
        first = next((line for line in path.read_text().splitlines() if line.startswith("#")), "")
        print(f"  {path.relative_to(ROOT)!s:<44}{first.lstrip('# ')}")


def _writable() -> None:
    if not os.access(ROOT, os.W_OK):
        raise BootstrapError(
            f"{ROOT} can't be written by this user. Clone into a folder of yours, or change its owner."
        )


def _bytecode() -> dict[str, str]:
    """Let what is compiled be kept, in a folder of our own: every start of a process would compile all of it again.

    That is more than half of a start's processor time, and some machines (containers mostly) are set not to keep it.
    """
    return {
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": os.environ.get("PYTHONPYCACHEPREFIX") or str(STATE / "bytecode"),
    }


def enter(arguments: list[str]) -> None:
    """Prepare what the command needs and become the command. Does not return."""
    name = arguments[0] if arguments else "help"
    commands = {command.name: command for command in COMMANDS}
    command = commands.get({"-h": "help", "--help": "help"}.get(name, name))
    if command is None:
        sys.exit(f"./run {name}: there is no such command. ./run help lists them.")
    if command.name == "help":
        return print_help()
    if command.lock is None:
        return print_documents()
    try:
        _writable()
        ensure(command.lock)
    except BootstrapError as error:
        sys.exit(f"✗ {error}")
    except PermissionError as error:  # made by an earlier ./run of another user, mostly root
        sys.exit(
            f"✗ {error.filename}: {error.strerror}. Start as the user whose checkout this is, or have it given you."
        )
    except KeyboardInterrupt:
        sys.exit(130)
    path = os.pathsep.join([str(ROOT), str(ROOT / "server"), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": path, **_bytecode()}
    os.execve(PYTHON, [str(PYTHON), "-P", "-m", "tools.commands", command.name, *arguments[1:]], environment)
