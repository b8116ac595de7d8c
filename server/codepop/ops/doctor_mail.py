"""`doctor mail`: can we send, do receivers have a reason to believe us, and what is stuck."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.conf import settings

from codepop.core.alerts import open_alerts
from codepop.gateways.errors import GatewayError
from codepop.gateways.mail.dns import DnsAway, Lookup, examine_domain, system_lookup, zone_lookup
from codepop.gateways.mail.smtp import gateway
from codepop.kit.clock import now
from codepop.notifications.selectors import delivery_figures, flawed_addresses, waiting_too_long
from codepop.ops.findings import Check, Finding, State

_REMEDIES = {
    "credentials": "Put a valid user:password first in MAIL_CREDENTIALS.",
    "tls": "The server's certificate does not verify: MAIL_HOST must be its name, MAIL_CA_FILE its authority.",
    "connection": "Is MAIL_HOST:MAIL_PORT right, and reachable from here?",
}


def examine_mail(zones: Sequence[Path]) -> list[Finding]:
    """Run all checks of mail; DNS is asked only for a real domain, or when zone files stand in for it."""
    return [*_settings(), *_server(), *_queue(), *_alerts(), *_records(zones)]


def mail_summary() -> Iterator[Finding]:
    """Say in a line or two how mail stands, without asking anybody outside."""
    yield from _settings()
    yield from _queue()


def _settings() -> Iterator[Finding]:
    mail = settings.CODEPOP.mail
    if mail.mode == "sandbox":
        yield Finding("mail", State.DEGRADED, "sandbox: no mail leaves", "Set MAIL_HOST and the rest (docs/keys.md).")
    else:
        says = f"{mail.host}:{mail.port}, {len(mail.credentials)} credential(s), {len(mail.webhook_secrets)} secret(s)"
        yield Finding("mail", State.OK, says)


def _server() -> Iterator[Finding]:
    try:
        version = gateway().check()
    except GatewayError as error:
        yield Finding("mail.server", State.MISSING, str(error), _REMEDIES.get(error.code, "Try again in a moment."))
        return
    yield Finding("mail.server", State.OK, f"signed in over {version}")


def _queue() -> Iterator[Finding]:
    at = now()
    figures, late = delivery_figures(since=at - timedelta(hours=1)), waiting_too_long(at)
    says = f"{figures.waiting} waiting, {figures.failing} of {figures.tried} failing in the last hour"
    if late:
        yield Finding(
            "mail.queue", State.DEGRADED, f"{says}, {late} about accounts are late", "See docs/runbooks/mail.md"
        )
    else:
        yield Finding("mail.queue", State.OK, says)
    if figures.dead:
        remedy = "Mend the cause, then: python server/manage.py mail retry"
        yield Finding("mail.dead", State.DEGRADED, f"{figures.dead} given up", remedy)
    if flawed := flawed_addresses():
        yield Finding("mail.addresses", State.OK, f"{flawed} flagged: their people are asked for another")


def _alerts() -> Iterator[Finding]:
    for alert in open_alerts().filter(kind__startswith="mail."):
        yield Finding(f"alerts.{alert.kind}", State.DEGRADED, alert.says, "See docs/runbooks/mail.md")


def _records(zones: Sequence[Path] = ()) -> Iterator[Finding]:
    mail = settings.CODEPOP.mail
    if mail.mode == "sandbox" and not zones:
        yield Finding("mail.dns", State.OK, "not asked: the sandbox's domain is in no DNS")
        return
    lookup: Lookup = zone_lookup(zones) if zones else system_lookup
    key = mail.dkim_key_file.read_bytes() if mail.dkim_key_file else None
    try:
        for verdict in examine_domain(mail.domain, lookup, selector=mail.dkim_selector, key_pem=key):
            state = State.MISSING if verdict.broken else State.DEGRADED if verdict.remedy else State.OK
            yield Finding(f"mail.{verdict.record}", state, verdict.says, verdict.remedy)
    except DnsAway as error:
        yield Finding(
            "mail.dns", State.DEGRADED, f"no name server answers: {error}", "Give the records by --zone FILE."
        )


CHECKS: Final[tuple[Check, ...]] = (_settings, _server, _queue, _alerts, _records)
