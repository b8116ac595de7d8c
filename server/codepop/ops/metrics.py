"""Figures for Prometheus: how the providers answer, as all processes of this machine measured it (OBS-09).

Not for the public: with CODEPOP_METRICS_TOKEN set, for whoever shows it (`Authorization: Bearer …`); else only for this
machine, asked without a proxy in between.
"""

import hmac
from collections.abc import Iterator

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from codepop.core.models import InboxMessage, InboxState, ProviderState
from codepop.gateways.limits import PROVIDERS

_HERE = ("127.0.0.1", "::1")
_PROXIED = ("X-Forwarded-For", "X-Forwarded-Proto", "Forwarded")


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer in Prometheus' text format; to others the address does not exist."""
    if not _may_read(request):
        return HttpResponseNotFound()
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the package has no types here
    registry.register(_Shared())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    if token := settings.CODEPOP.metrics_token:
        shown = request.headers.get("Authorization", "")
        return hmac.compare_digest(shown.encode(), f"Bearer {token}".encode())
    proxied = any(request.headers.get(name) for name in _PROXIED)
    return request.META.get("REMOTE_ADDR") in _HERE and not proxied


class _Shared(Collector):
    """What is the same for all machines, read from the database at each scrape."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        breaker = GaugeMetricFamily(
            "provider_breaker_open", "1 while a provider is taken to be away.", None, ["provider"]
        )
        opened = set(ProviderState.objects.exclude(open_until=None).values_list("provider", flat=True))
        for provider in PROVIDERS:
            breaker.add_metric([provider], float(provider in opened))
        yield breaker
        inbox = GaugeMetricFamily(
            "inbox_messages", "Messages of providers that wait or need a person.", None, ["state"]
        )
        for state in (InboxState.NEW, InboxState.PARKED, InboxState.QUARANTINED):
            inbox.add_metric([state.value], float(InboxMessage.objects.filter(state=state).count()))
        yield inbox
