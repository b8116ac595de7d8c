"""`./run check`: everything that can be judged without running the product. All of it runs, also after a failure."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools import app, secret_scan
from tools.bootstrap import ROOT
from tools.postgres import THROWAWAY_SETTINGS, remove_cluster, start_postgres, throwaway_folder

MANAGE = str(ROOT / "server" / "manage.py")
TYPED = ("server/codepop", "server/config", "sandbox", "simulator", "tools", "bench", "chaos")


@dataclass(frozen=True)
class Check:
    """A name and a judgement: empty text when all is well, else what is wrong."""

    name: str
    judge: Callable[[], str]


def _command(*words: str) -> Callable[[], str]:
    def judge() -> str:
        done = subprocess.run(
            [sys.executable, *words],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return "" if done.returncode == 0 else done.stdout.strip() or f"ended with {done.returncode}"

    return judge


def _npm(script: str) -> Callable[[], str]:
    def judge() -> str:
        done = app.run_script(script, quiet=True)
        return "" if done.returncode == 0 else done.stdout.strip() or f"ended with {done.returncode}"

    return judge


def _imports() -> str:
    program = Path(sys.executable).parent / "lint-imports"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "server")])}
    done = subprocess.run(
        [program], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout[done.stdout.find("Broken contracts") :].strip()


def _secrets() -> str:
    return "\n".join(str(finding) for finding in secret_scan.scan())


def _lock_addresses() -> str:
    return "\n".join(secret_scan.lock_addresses())


def _app_checks() -> list[Check]:
    if not (app.exists() and (app.APP / "node_modules").exists()):
        return []
    return [Check(f"app: {name}", _npm(name)) for name in ("lint", "types") if name in app.scripts()]


def checks() -> list[Check]:
    typed = [folder for folder in TYPED if any((ROOT / folder).glob("**/*.py"))]
    return [
        Check("format", _command("-m", "ruff", "format", "--check", ".")),
        Check("lint", _command("-m", "ruff", "check", "--output-format", "concise", ".")),
        Check("types", _command("-m", "mypy", *typed)),
        Check("import contracts", _imports),
        Check("migrations up to date", _command(MANAGE, "makemigrations", "--check", "--dry-run")),
        Check("OpenAPI document up to date", _command(MANAGE, "export_openapi", "--check")),
        Check("no secrets", _secrets),
        Check("lock files without addresses", _lock_addresses),
        *_app_checks(),
    ]


@contextmanager
def _environment() -> Iterator[None]:
    """A database and a data folder for the commands that load the settings; no provider's key."""
    for name in [name for name in os.environ if name.startswith(("STRIPE_", "MAIL_", "CODEPOP_"))]:
        del os.environ[name]
    with throwaway_folder("codepop-check-") as folder:
        data = folder / "data"
        data.mkdir()
        os.environ["CODEPOP_DATA"] = str(data)
        postgres = start_postgres(folder / "postgres", THROWAWAY_SETTINGS)
        os.environ["DATABASE_URL"] = postgres.url
        try:
            yield
        finally:
            postgres.stop()
            remove_cluster(postgres.cluster.data)


def run() -> int:
    failed: list[str] = []
    with _environment():
        for check in checks():
            begin = time.monotonic()
            wrong = check.judge()
            print(f"{'✗' if wrong else '✓'} {check.name:<34}{time.monotonic() - begin:5.1f} s", flush=True)
            if wrong:
                failed.append(check.name)
                print("\n".join(f"    {line}" for line in wrong.splitlines()[-60:]), flush=True)
    if failed:
        print(f"\n{len(failed)} failed: {', '.join(failed)}")
        return 1
    print("\nall well")
    return 0
