"""The live process holds thousands of streams and talks to no provider: it must not carry what it never uses."""

import os
import subprocess
import sys

HEAVY = ("stripe", "requests", "urllib3", "httpx", "anthropic", "ninja", "pydantic", "stamina", "anymail")


def test_the_live_process_reads_neither_providers_sdks_nor_the_api() -> None:
    code = f"import sys, config.asgi_live; print(*[name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        # Reading the process's modules asks the database nothing; its settings only want an address.
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings.base",
            "DATABASE_URL": "postgresql://x@127.0.0.1:1/x",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.split()) == (0, []), done.stdout + done.stderr
