"""The deployment checklist as code: each setting, key and part with its state and, if need be, the remedy."""

import stat
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import httpx
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from codepop.core.alerts import open_alerts
from codepop.core.models import InboxMessage, InboxState
from codepop.kit.clock import now
from codepop.ops import database_checks, provider_checks, stripe_checks
from codepop.ops.doctor_mail import CHECKS as MAIL_CHECKS
from codepop.ops.doctor_mail import mail_summary
from codepop.ops.findings import Check, Finding, State

INBOX_LATE = timedelta(minutes=5)
WORKER_SILENT_SECONDS = 30
ANSWER_SECONDS = 3.0


def examine(part: str = "") -> list[Finding]:
    """Run every check, or those of a part in depth; one that can't reach the database says so and stops no other."""
    findings: list[Finding] = []
    for check in PARTS.get(part, CHECKS):
        try:
            findings += check()
        except DatabaseError as error:
            part = check.__name__.strip("_")
            findings.append(Finding(part, State.MISSING, f"database: {type(error).__name__}", "Start PostgreSQL."))
    return findings


def _database() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_setting('synchronous_commit')")
        version, durable = cursor.fetchone()
    yield Finding("database", State.OK, f"PostgreSQL {version}")
    if durable == "off":
        remedy = "Set synchronous_commit = on: an order we said yes to could be lost."
        yield Finding("database.durability", State.DEGRADED, "commits are not durable", remedy)
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if pending:
        yield Finding(
            "database.migrations", State.MISSING, f"{len(pending)} pending", "python server/manage.py migrate"
        )
    else:
        yield Finding("database.migrations", State.OK, "none pending")


def _keys() -> Iterator[Finding]:
    env = settings.CODEPOP
    if not env.keyset_file.exists():
        yield Finding("keyset", State.OK, "from CODEPOP_KEYSETS")
    elif stat.S_IMODE(env.keyset_file.stat().st_mode) & 0o077:
        yield Finding("keyset", State.DEGRADED, "others may read the key file", f"chmod 600 {env.keyset_file}")
    else:
        yield Finding("keyset", State.OK, "file, readable by its owner only")


def _stripe() -> Iterator[Finding]:
    stripe = settings.CODEPOP.stripe
    if stripe.mode == "sandbox":
        remedy = "Set STRIPE_SECRET_KEYS, STRIPE_PUBLISHABLE_KEY, STRIPE_WEBHOOK_SECRETS (docs/keys.md)."
        yield Finding("stripe", State.DEGRADED, "sandbox: no real money", remedy)
    else:
        says = f"live, {len(stripe.secret_keys)} key(s), {len(stripe.webhook_secrets)} webhook secret(s)"
        yield Finding("stripe", State.OK, says)


def _processes() -> Iterator[Finding]:
    env = settings.CODEPOP
    addresses = {"web": f"{env.public_url}/ops/health", "live": f"{env.live_url}/healthz"}
    if env.mode == "sandbox":
        addresses["sandbox"] = f"{env.sandbox_url}/healthz"
    for name, url in addresses.items():
        try:
            status = httpx.get(url, timeout=ANSWER_SECONDS).status_code
        except httpx.HTTPError as error:
            yield Finding(name, State.MISSING, f"no answer at {url}: {type(error).__name__}", "./run up")
            continue
        state = State.OK if status == 200 else State.DEGRADED
        yield Finding(name, state, f"answers {status}", "" if status == 200 else "Look into its log.")


def _worker() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s)",
            (WORKER_SILENT_SECONDS,),
        )
        alive = cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'")
        failed = cursor.fetchone()[0]
    if alive:
        yield Finding("worker", State.OK, f"{alive} alive")
    else:
        yield Finding("worker", State.MISSING, "none alive: nothing is charged, refunded or sent", "./run up")
    if failed:
        yield Finding(
            "worker.jobs", State.DEGRADED, f"{failed} failed for good", "Read the worker's log, then retry them."
        )
    else:
        yield Finding("worker.jobs", State.OK, "none failed")


def _inbox() -> Iterator[Finding]:
    waiting = InboxMessage.objects.filter(state__in=(InboxState.NEW, InboxState.PARKED))
    late = waiting.filter(received_at__lt=now() - INBOX_LATE).count()
    held = InboxMessage.objects.filter(state=InboxState.QUARANTINED).count()
    if late:
        yield Finding("inbox", State.DEGRADED, f"{late} messages wait for more than 5 minutes", "Is the worker alive?")
    if held:
        yield Finding("inbox.quarantine", State.DEGRADED, f"{held} contradict our books", "A person must compare them.")
    if not late and not held:
        yield Finding("inbox", State.OK, "nothing late")


def _alerts() -> Iterator[Finding]:
    opened = list(open_alerts())
    for alert in opened:
        about = f" ({alert.subject})" if alert.subject else ""
        says = f"{alert.says}{about}; {alert.count} times, last {alert.last_at:%Y-%m-%d %H:%M} UTC"
        yield Finding(f"alerts.{alert.kind}", State.DEGRADED, says, "See docs/runbooks.")
    if not opened:
        yield Finding("alerts", State.OK, "none open")


def _app() -> Iterator[Finding]:
    if (settings.CODEPOP.app_dist / "index.html").is_file():
        yield Finding("app", State.OK, "web export present")
    else:
        yield Finding("app", State.MISSING, "the web export is not built", "./run up builds it")


CHECKS: Final[tuple[Check, ...]] = (
    _database,
    database_checks.rights,
    database_checks.encryption,
    _keys,
    provider_checks.secrets,
    _stripe,
    provider_checks.providers,
    _processes,
    _worker,
    _inbox,
    mail_summary,
    _alerts,
    _app,
)
PARTS: Final[dict[str, tuple[Check, ...]]] = {"stripe": stripe_checks.CHECKS, "mail": MAIL_CHECKS}
