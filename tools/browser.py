"""A Chromium for the browser tests: an installed one, else the system's package, else Playwright's own. Never none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.bootstrap import say

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


class BrowserError(RuntimeError):
    """No browser could be found or brought; the message says what to do."""


def _works(program: str | Path) -> bool:
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and "chrom" in done.stdout.lower()


def _of_playwright() -> Path | None:
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    if sys.platform == "darwin" and "PLAYWRIGHT_BROWSERS_PATH" not in os.environ:
        folder = Path.home() / "Library" / "Caches" / "ms-playwright"
    patterns = ("chromium-*/chrome-*/chrome", "chromium_headless_shell-*/chrome-*/*headless*shell")
    found = [path for pattern in patterns for path in sorted(folder.glob(pattern), reverse=True)]
    return next((path for path in found if _works(path)), None)


def find() -> Path | None:
    """A Chromium that starts, None when there is none."""
    chosen = os.environ.get("CODEPOP_CHROMIUM")
    candidates = [chosen] if chosen else [shutil.which(name) for name in NAMES] + [str(MAC)]
    for candidate in candidates:
        if candidate and _works(candidate):
            return Path(candidate)
    return _of_playwright()


def _by_apt() -> bool:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    say("installing the system's chromium")
    for words in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
        done = subprocess.run(
            ["apt-get", "-q", *words],
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            say(f"  apt-get {words[0]} failed: {done.stderr.strip().splitlines()[-1:]}")
            return False
    return True


def _by_playwright() -> bool:
    say("downloading Playwright's chromium")
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        say(f"  playwright install failed: {(done.stdout + done.stderr).strip().splitlines()[-1:]}")
    return done.returncode == 0


def ensure() -> Path:
    """A Chromium that starts, brought if need be."""
    for bring in (None, _by_apt, _by_playwright):
        if bring is None or bring():
            found = find()
            if found:
                return found
    raise BrowserError(
        "The browser tests need a Chromium and none could be brought. Debian: apt-get install chromium; others: "
        f"{sys.executable} -m playwright install --with-deps chromium. CODEPOP_CHROMIUM=PATH names one elsewhere."
    )
