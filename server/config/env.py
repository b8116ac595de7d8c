"""The environment, read once into one frozen object; a start that can't work fails here with the whole list.

Production refuses to start without each provider's live keys: a shop that takes sandbox money gives its
drinks away. In development a missing key means the project's own sandbox, and every page says so.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from django.core.exceptions import ImproperlyConfigured

from codepop.core.keyset import ensure_keyset_file

ROOT = Path(__file__).resolve().parents[2]
SANDBOX_SECRET_KEY = "sk_test_sandbox"
SANDBOX_PUBLISHABLE_KEY = "pk_test_sandbox"
SANDBOX_WEBHOOK_SECRET = "whsec_sandbox"


@dataclass(frozen=True)
class StripeSettings:
    """How to reach Stripe. `base_url` is None for the real one."""

    mode: Literal["live", "sandbox"]
    secret_key: str
    publishable_key: str
    webhook_secrets: tuple[str, ...]
    base_url: str | None
    statement_text: str
    timeout_seconds: float = 10.0


@dataclass(frozen=True)
class Env:
    """All that CodePop takes from outside. Addresses have no trailing slash."""

    production: bool
    database_url: str
    data: Path
    public_url: str
    live_url: str
    sandbox_url: str
    secret_key: str
    allowed_hosts: tuple[str, ...]
    keyset_file: Path
    stripe: StripeSettings
    app_dist: Path
    web_threads: int
    payment_seconds: int
    pickup_seconds: int

    @property
    def mode(self) -> Literal["live", "sandbox"]:
        """Return "sandbox" as long as any provider is the sandbox."""
        return self.stripe.mode

    def read_keysets(self) -> str:
        """Return the encryption keysets: from CODEPOP_KEYSETS or the key file, which development makes itself."""
        if text := os.environ.get("CODEPOP_KEYSETS"):
            return text
        if not self.production:
            ensure_keyset_file(self.keyset_file)
        return self.keyset_file.read_text()


def read_env(values: Mapping[str, str]) -> Env:
    """Read and check everything; raises ImproperlyConfigured with one line for each thing that is wrong."""
    problems: list[str] = []
    kind = values.get("CODEPOP_ENV", "development")
    if kind not in ("development", "production"):
        problems.append(f"CODEPOP_ENV is {kind!r}: set it to development or production.")
    production = kind == "production"
    data = Path(values.get("CODEPOP_DATA") or ROOT / ".data").resolve()
    keyset_file = Path(values.get("CODEPOP_KEYSET_FILE") or data / "keyset.json")
    public_url = values.get("CODEPOP_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
    sandbox_url = values.get("CODEPOP_SANDBOX_URL", "http://127.0.0.1:8002").rstrip("/")
    if not values.get("DATABASE_URL"):
        problems.append("DATABASE_URL is missing: postgresql://user:password@host:5432/name (./run sets it for you).")
    if production:
        problems += _production_problems(values, public_url, keyset_file)
    stripe = _stripe(values, sandbox_url, production, problems)
    payment_seconds = _seconds(values, "CODEPOP_PAYMENT_SECONDS", 900, problems)  # to pay, from placing an order
    pickup_seconds = _seconds(values, "CODEPOP_READY_SECONDS", 1800, problems)  # behind the door (DOM-27)
    if problems:
        raise ImproperlyConfigured("CodePop can't start:\n" + "\n".join(f"- {line}" for line in problems))
    return Env(
        production=production,
        database_url=values["DATABASE_URL"],
        data=data,
        public_url=public_url,
        live_url=values.get("CODEPOP_LIVE_URL", "http://127.0.0.1:8001").rstrip("/"),
        sandbox_url=sandbox_url,
        secret_key=values.get("CODEPOP_SECRET_KEY") or _development_secret(data),
        allowed_hosts=tuple(
            h for h in values.get("CODEPOP_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",") if h
        ),
        keyset_file=keyset_file,
        stripe=stripe,
        app_dist=Path(values.get("CODEPOP_APP_DIST") or ROOT / "app" / "dist"),
        web_threads=int(values.get("CODEPOP_WEB_THREADS", "8")),
        payment_seconds=payment_seconds,
        pickup_seconds=pickup_seconds,
    )


def _seconds(values: Mapping[str, str], name: str, default: int, problems: list[str]) -> int:
    """Read a length of time that people may shorten for a trial run, never below five seconds."""
    text = values.get(name) or str(default)
    if not text.isdecimal() or int(text) < 5:
        problems.append(f"{name} is {text!r}: set it to whole seconds, at least 5 (default {default}).")
        return default
    return int(text)


def _production_problems(values: Mapping[str, str], public_url: str, keyset_file: Path) -> list[str]:
    problems = []
    if len(values.get("CODEPOP_SECRET_KEY", "")) < 50:
        problems.append("CODEPOP_SECRET_KEY is missing or shorter than 50 characters.")
    if not values.get("CODEPOP_ALLOWED_HOSTS"):
        problems.append("CODEPOP_ALLOWED_HOSTS is missing: the host names that serve this site, with commas.")
    if not public_url.startswith("https://"):
        problems.append("CODEPOP_PUBLIC_URL must start with https:// in production.")
    if not values.get("CODEPOP_KEYSETS") and not keyset_file.exists():
        problems.append(
            f"No encryption keyset: set CODEPOP_KEYSETS or put the key file at CODEPOP_KEYSET_FILE ({keyset_file})."
        )
    return problems


def _stripe(values: Mapping[str, str], sandbox_url: str, production: bool, problems: list[str]) -> StripeSettings:
    secret = values.get("STRIPE_SECRET_KEY", "")
    statement = values.get("STRIPE_STATEMENT_TEXT", "CODEPOP DRINKS")
    if not secret and not production:
        return StripeSettings(
            mode="sandbox",
            secret_key=SANDBOX_SECRET_KEY,
            publishable_key=SANDBOX_PUBLISHABLE_KEY,
            webhook_secrets=tuple(
                filter(None, values.get("STRIPE_WEBHOOK_SECRETS", SANDBOX_WEBHOOK_SECRET).split(","))
            ),
            base_url=sandbox_url,
            statement_text=statement,
        )
    required = ("STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY", "STRIPE_WEBHOOK_SECRETS")
    problems += [f"{name} is missing: see docs/keys.md." for name in required if not values.get(name)]
    publishable = values.get("STRIPE_PUBLISHABLE_KEY", "")
    wanted = ("sk_live_", "rk_live_") if production else ("sk_test_", "rk_test_")
    if secret and not secret.startswith(wanted):
        problems.append(
            f"STRIPE_SECRET_KEY must start with {' or '.join(wanted)} when CODEPOP_ENV is "
            f"{'production' if production else 'development'}."
        )
    if publishable and not publishable.startswith("pk_live_" if production else "pk_test_"):
        problems.append("STRIPE_PUBLISHABLE_KEY is of the other mode than CODEPOP_ENV.")
    return StripeSettings(
        mode="live",
        secret_key=secret,
        publishable_key=publishable,
        webhook_secrets=tuple(filter(None, values.get("STRIPE_WEBHOOK_SECRETS", "").split(","))),
        base_url=None,
        statement_text=statement,
    )


def _development_secret(data: Path) -> str:
    """Return Django's secret key for development, kept in the data folder so that sessions outlive a restart."""
    path = data / "secret_key"
    if not path.exists():
        data.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"secret_key.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        draft.replace(path)
    return path.read_text()
