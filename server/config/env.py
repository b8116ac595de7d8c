"""The environment, read once into one frozen object; a start that can't work fails here with the whole list.

Production refuses to start without each provider's live keys: a shop that takes sandbox money gives its
drinks away. In development a missing key means the project's own sandbox, and every page says so.
"""

import os
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from codepop.core.keyset import ensure_keyset_file
from config.mail_env import MailSettings, named_file, read_mail

ROOT = Path(__file__).resolve().parents[2]
SANDBOX_SECRET_KEY = "sk_test_sandbox"
SANDBOX_PUBLISHABLE_KEY = "pk_test_sandbox"
SANDBOX_WEBHOOK_SECRET = "whsec_sandbox"
STRIPE_PER_SECOND = 25
"""What Stripe allows on a single endpoint unless asked for more."""
SANDBOX_PER_SECOND = 1000
"""The sandbox has no limit of its own."""


@dataclass(frozen=True)
class StripeSettings:
    """How to reach Stripe. `base_url` is None for the real one."""

    mode: Literal["live", "sandbox"]
    secret_keys: tuple[str, ...]
    """The current key, then the next one while keys are being changed."""
    publishable_key: str
    webhook_secrets: tuple[str, ...]
    base_url: str | None
    statement_text: str
    per_second: float
    """Requests a second that each of Stripe's operations takes from all our processes together."""
    ca_file: Path | None
    """The only authorities whose certificates are taken for Stripe's; the SDK's own list unless set."""

    @property
    def secret_key(self) -> str:
        """Return the current key."""
        return self.secret_keys[0]


@dataclass(frozen=True)
class Env:
    """All that CodePop takes from outside. Addresses have no trailing slash."""

    production: bool
    database_url: str
    app_role: str
    """Whom a migration gives the application's rights; empty: nobody (docs/database.md). For reports likewise."""
    report_role: str
    data: Path
    public_url: str
    live_url: str
    sandbox_url: str
    secret_key: str
    metrics_token: str
    allowed_hosts: tuple[str, ...]
    keyset_file: Path
    tombstone_file: Path
    """Who was erased: to be erased again after a restore, so kept and backed up apart from the database."""
    stripe: StripeSettings
    mail: MailSettings
    app_dist: Path
    web_threads: int
    trusted_proxies: int
    """How many of our own proxies stand before the web processes; each adds one address to X-Forwarded-For."""
    payment_seconds: int
    pickup_seconds: int
    consent_minute_seconds: int
    """How long a minute is when people agree to wait for the payment provider; only trials shorten it."""
    refund_limits: Mapping[str, tuple[int, int]]
    """Role -> most minor units that one person gives back at once, and in 24 hours, without a second person."""

    @property
    def mode(self) -> Literal["live", "sandbox"]:
        """Return "sandbox" as long as any provider is the sandbox."""
        return "sandbox" if "sandbox" in (self.stripe.mode, self.mail.mode) else "live"

    def keysets_from_file(self) -> bool:
        """Say whether the keysets lie in the key file, where a command may change them."""
        return not os.environ.get("CODEPOP_KEYSETS")

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
    problems += _database_problems(values.get("DATABASE_URL", ""))
    if production:
        problems += _production_problems(values, public_url, keyset_file)
    stripe = _stripe(values, sandbox_url, production, problems)
    mail = read_mail(values, data, production, problems)
    payment_seconds = _seconds(values, "CODEPOP_PAYMENT_SECONDS", 900, problems)  # to pay, from placing an order
    pickup_seconds = _seconds(values, "CODEPOP_READY_SECONDS", 1800, problems)  # behind the door (DOM-27)
    consent_minute = _seconds(values, "CODEPOP_CONSENT_MINUTE_SECONDS", 60, problems, least=1)
    refund_limits = _refund_limits(values, problems)
    web_threads = _whole(values, "CODEPOP_WEB_THREADS", 8, problems, least=1)
    trusted_proxies = _whole(values, "CODEPOP_TRUSTED_PROXIES", int(production), problems, least=0)
    if problems:
        raise ImproperlyConfigured("CodePop can't start:\n" + "\n".join(f"- {line}" for line in problems))
    return Env(
        production=production,
        database_url=values["DATABASE_URL"],
        app_role=values.get("DATABASE_APP_ROLE", ""),
        report_role=values.get("DATABASE_REPORT_ROLE", ""),
        data=data,
        public_url=public_url,
        live_url=values.get("CODEPOP_LIVE_URL", "http://127.0.0.1:8001").rstrip("/"),
        sandbox_url=sandbox_url,
        secret_key=values.get("CODEPOP_SECRET_KEY") or _development_secret(data),
        metrics_token=values.get("CODEPOP_METRICS_TOKEN", ""),
        allowed_hosts=tuple(
            h for h in values.get("CODEPOP_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",") if h
        ),
        keyset_file=keyset_file,
        tombstone_file=Path(values.get("CODEPOP_TOMBSTONE_FILE") or data / "erased" / "tombstones.jsonl"),
        stripe=stripe,
        mail=mail,
        app_dist=Path(values.get("CODEPOP_APP_DIST") or ROOT / "app" / "dist"),
        web_threads=web_threads,
        trusted_proxies=trusted_proxies,
        payment_seconds=payment_seconds,
        pickup_seconds=pickup_seconds,
        consent_minute_seconds=consent_minute,
        refund_limits=refund_limits,
    )


def _seconds(values: Mapping[str, str], name: str, default: int, problems: list[str], *, least: int = 5) -> int:
    """Read a length of time that people may shorten for a trial run."""
    return _whole(values, name, default, problems, least=least, of="whole seconds")


def _whole(
    values: Mapping[str, str], name: str, default: int, problems: list[str], *, least: int, of: str = "a whole number"
) -> int:
    text = values.get(name) or str(default)
    if not text.isdecimal() or int(text) < least:
        problems.append(f"{name} is {text!r}: set it to {of}, at least {least} (default {default}).")
        return default
    return int(text)


def _refund_limits(values: Mapping[str, str], problems: list[str]) -> dict[str, tuple[int, int]]:
    """Read `role=once/day,...` in minor units; a role that is left out gives nothing back by itself."""
    text = values.get("CODEPOP_REFUND_LIMITS") or "manager=3000/20000,admin=15000/100000"
    limits = {}
    for part in text.split(","):
        found = re.fullmatch(r"\s*(manager|admin)=(\d{1,9})/(\d{1,9})\s*", part)
        if found is None:
            problems.append(
                f"CODEPOP_REFUND_LIMITS has {part!r}: write role=once/day in cents, such as manager=3000/20000."
            )
        else:
            limits[found[1]] = (int(found[2]), int(found[3]))
    return limits


def _database_problems(url: str) -> list[str]:
    """Say what is wrong with the address of the database; its text, which holds a password, is not repeated."""
    form = "postgresql://user:password@host:5432/name"
    if not url:
        return [f"DATABASE_URL is missing: {form} (./run sets it for you)."]
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("postgresql", "postgres") and parts.port != 0 and parts.path.strip("/")
    except ValueError:  # a port that is no number, a bracket that is not closed
        usable = False
    return [] if usable else [f"DATABASE_URL can't be read: write it as {form}, special characters as %XX."]


def _production_problems(values: Mapping[str, str], public_url: str, keyset_file: Path) -> list[str]:
    problems = []
    if len(values.get("CODEPOP_SECRET_KEY", "")) < 50:
        problems.append("CODEPOP_SECRET_KEY is missing or shorter than 50 characters.")
    if 0 < len(values.get("CODEPOP_METRICS_TOKEN", "")) < 20:
        problems.append("CODEPOP_METRICS_TOKEN is shorter than 20 characters.")
    if values.get("CODEPOP_CONSENT_MINUTE_SECONDS", "60") != "60":
        problems.append("CODEPOP_CONSENT_MINUTE_SECONDS is for trials: people are told minutes, so it must be 60.")
    if not values.get("CODEPOP_ALLOWED_HOSTS"):
        problems.append("CODEPOP_ALLOWED_HOSTS is missing: the host names that serve this site, with commas.")
    if not public_url.startswith("https://"):
        problems.append("CODEPOP_PUBLIC_URL must start with https:// in production.")
    if not values.get("CODEPOP_LIVE_URL", "").startswith("https://"):
        problems.append("CODEPOP_LIVE_URL must start with https:// in production: screens follow their orders there.")
    if not values.get("CODEPOP_KEYSETS") and not keyset_file.exists():
        problems.append(
            f"No encryption keyset: set CODEPOP_KEYSETS or put the key file at CODEPOP_KEYSET_FILE ({keyset_file})."
        )
    return problems


def _stripe(values: Mapping[str, str], sandbox_url: str, production: bool, problems: list[str]) -> StripeSettings:
    keys = _listed(values.get("STRIPE_SECRET_KEYS") or values.get("STRIPE_SECRET_KEY", ""))
    sandbox = not keys and not production
    webhook_secrets = _listed(values.get("STRIPE_WEBHOOK_SECRETS", SANDBOX_WEBHOOK_SECRET if sandbox else ""))
    publishable = SANDBOX_PUBLISHABLE_KEY if sandbox else values.get("STRIPE_PUBLISHABLE_KEY", "")
    per_second = values.get("STRIPE_PER_SECOND") or str(SANDBOX_PER_SECOND if sandbox else STRIPE_PER_SECOND)
    if not per_second.isdecimal() or int(per_second) < 1:
        problems.append(f"STRIPE_PER_SECOND is {per_second!r}: set it to a whole number, at least 1.")
        per_second = str(STRIPE_PER_SECOND)
    if values.get("STRIPE_SECRET_KEYS") and values.get("STRIPE_SECRET_KEY"):
        problems.append("Both STRIPE_SECRET_KEYS and STRIPE_SECRET_KEY are set: keep STRIPE_SECRET_KEYS.")
    if not sandbox:
        problems += _stripe_problems(keys, publishable, webhook_secrets, production=production)
    return StripeSettings(
        mode="sandbox" if sandbox else "live",
        secret_keys=keys or (SANDBOX_SECRET_KEY,),
        publishable_key=publishable,
        webhook_secrets=webhook_secrets,
        base_url=sandbox_url if sandbox else None,
        statement_text=values.get("STRIPE_STATEMENT_TEXT", "CODEPOP DRINKS"),
        per_second=float(per_second),
        ca_file=named_file(values, "STRIPE_CA_FILE", problems),
    )


def _listed(text: str) -> tuple[str, ...]:
    """Read a list with commas; spaces around an item and empty items don't count."""
    return tuple(item.strip() for item in text.split(",") if item.strip())


def _stripe_problems(
    keys: Sequence[str], publishable: str, webhook_secrets: Sequence[str], *, production: bool
) -> list[str]:
    """Say what is missing, and what is of the other mode: test keys take no money, live keys take it for nothing."""
    kind = "production" if production else "development"
    given = {
        "STRIPE_SECRET_KEYS": keys,
        "STRIPE_PUBLISHABLE_KEY": publishable,
        "STRIPE_WEBHOOK_SECRETS": webhook_secrets,
    }
    problems = [f"{name} is missing: see docs/keys.md." for name, value in given.items() if not value]
    wanted = ("sk_live_", "rk_live_") if production else ("sk_test_", "rk_test_")
    if not all(key.startswith(wanted) for key in keys):
        problems.append(f"Each of STRIPE_SECRET_KEYS must start with {' or '.join(wanted)} when CODEPOP_ENV is {kind}.")
    if len(keys) > 2:
        problems.append("STRIPE_SECRET_KEYS holds more than two keys: the current one, and the next one.")
    if publishable and not publishable.startswith("pk_live_" if production else "pk_test_"):
        problems.append("STRIPE_PUBLISHABLE_KEY is of the other mode than CODEPOP_ENV.")
    if not all(secret.startswith("whsec_") for secret in webhook_secrets):
        problems.append("Each of STRIPE_WEBHOOK_SECRETS must start with whsec_.")
    return problems


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
