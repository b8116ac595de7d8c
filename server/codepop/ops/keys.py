"""The inventory of secrets: which there are, how old, when last used, which nobody needs any more (KEY-01, KEY-02).

Age counts from the day a secret was first seen here. The table holds fingerprints only: what this lists may be shown.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from codepop.core.alerts import close_alert, raise_alert
from codepop.core.models import SecretUse
from codepop.gateways.secret_use import fingerprint, note_seen
from codepop.kit.clock import now

CHANGE_AFTER = timedelta(days=90)
DUE = "secret.due"
OVERLAP = timedelta(days=7)
"""So long a second secret is a change under way; afterwards it is one too many."""


@dataclass(frozen=True)
class SecretLine:
    """One secret that is configured, or that once was. `position` counts from 1; 0 is no longer configured."""

    variable: str
    position: int
    fingerprint: str
    first_seen_at: datetime
    last_used_at: datetime | None
    fallbacks: int
    advice: str


def configured() -> Mapping[str, Sequence[str]]:
    """Return every variable that holds a secret, with its values, the current one first."""
    env = settings.CODEPOP
    dkim_key = env.mail.dkim_key_file
    return {
        "CODEPOP_KEYSETS": (env.read_keysets(),),
        "CODEPOP_METRICS_TOKEN": (env.metrics_token,) if env.metrics_token else (),
        "CODEPOP_SECRET_KEY": (env.secret_key,),
        "MAIL_CREDENTIALS": env.mail.credentials,
        "MAIL_DKIM_KEY_FILE": (dkim_key.read_text(),) if dkim_key else (),
        "MAIL_WEBHOOK_SECRETS": env.mail.webhook_secrets,
        "STRIPE_SECRET_KEYS": env.stripe.secret_keys,
        "STRIPE_WEBHOOK_SECRETS": env.stripe.webhook_secrets,
    }


def note_configured() -> None:
    """Remember each secret that is configured, so that its age counts from its first day, used or not."""
    for variable, secrets in configured().items():
        for secret in secrets:
            note_seen(variable, secret)


def remind() -> int:
    """Raise an alert for each secret that is due to be changed or removed, close the others; returns how many."""
    lines = inventory()
    for line in lines:
        if line.advice:
            raise_alert(DUE, f"{line.variable}: {line.advice}", subject=line.fingerprint)
        else:
            close_alert(DUE, subject=line.fingerprint)
    return sum(bool(line.advice) for line in lines)


def inventory() -> list[SecretLine]:
    """List the secrets that are configured and those seen earlier, by variable and position. Notes what is new."""
    note_configured()
    return list(_lines())


def _lines() -> Iterator[SecretLine]:
    seen = {(row.variable, row.fingerprint): row for row in SecretUse.objects.order_by("variable", "first_seen_at")}
    for variable, secrets in configured().items():
        for position, secret in enumerate(secrets, start=1):
            row = seen.pop((variable, fingerprint(secret)))
            yield _line(row, position, alone=len(secrets) == 1)
    for row in seen.values():
        yield _line(row, 0, alone=False)


def _line(row: SecretUse, position: int, *, alone: bool) -> SecretLine:
    return SecretLine(
        variable=row.variable,
        position=position,
        fingerprint=row.fingerprint,
        first_seen_at=row.first_seen_at,
        last_used_at=row.last_used_at,
        fallbacks=row.fallbacks,
        advice=_advice(now() - row.first_seen_at, position, alone=alone),
    )


def _advice(age: timedelta, position: int, *, alone: bool) -> str:
    if position == 0:
        return ""
    if position > 1 and age > OVERLAP:
        return "Finish the change: revoke it at the provider and take it out of the settings."
    if age > CHANGE_AFTER and (alone or position == 1):
        return f"Change it: {age.days} days old (docs/keys.md, Changing a key)."
    return ""
