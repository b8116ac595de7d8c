"""The checklist's part about providers: their breakers, and the secrets we show them."""

from collections.abc import Iterator
from datetime import timedelta

from codepop.core.models import Incident, ProviderState
from codepop.gateways.limits import PROVIDERS
from codepop.kit.clock import now
from codepop.ops.findings import Finding, State
from codepop.ops.keys import inventory

LATELY = timedelta(days=1)


def secrets() -> Iterator[Finding]:
    """Say which secrets are due to be changed, by fingerprint (KEY-01)."""
    lines = inventory()
    for line in lines:
        if line.advice:
            yield Finding(f"secret {line.fingerprint}", State.DEGRADED, line.variable, line.advice)
    if not any(line.advice for line in lines):
        yield Finding("secrets", State.OK, f"{sum(line.position > 0 for line in lines)} in use, none due (./run keys)")


def providers() -> Iterator[Finding]:
    """Say which providers are taken to be away (FAIL-08)."""
    away = {state.provider: state for state in ProviderState.objects.exclude(open_until=None)}
    for provider in PROVIDERS:
        if state := away.get(provider):
            reason = Incident.objects.filter(provider=provider, closed_at=None).values_list("reason", flat=True).first()
            says = f"taken to be away ({reason or 'unknown'}), {state.failures} failures"
            remedy = "See the provider's status page; the next call that gets through closes the breaker by itself."
            yield Finding(f"{provider}.breaker", State.DEGRADED, says, remedy)
        else:
            recent = Incident.objects.filter(provider=provider, opened_at__gt=now() - LATELY).count()
            yield Finding(f"{provider}.breaker", State.OK, f"closed, {recent} incident(s) in the last day")
