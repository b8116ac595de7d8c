"""The figures that Prometheus scrapes, and who may."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client, override_settings

from codepop.core.models import Incident, ProviderState
from codepop.gateways.guard import Guard
from codepop.gateways.limits import STRIPE
from codepop.kit.clock import now
from codepop.ops.doctor import examine
from codepop.ops.findings import State

pytestmark = pytest.mark.django_db(transaction=True)


def _scrape(client: Client, **headers: str) -> str:
    return client.get("/ops/metrics", headers=headers).content.decode()


@pytest.mark.req("OBS-09")
def test_calls_are_counted_by_provider_operation_and_outcome(client: Client) -> None:
    guard = Guard(STRIPE)
    for status in (200, 503):
        with guard.outgoing("fetch_refund", method="GET") as answer:
            answer.status = status
    text = _scrape(client)
    labels = 'error_type="{}",http_request_method="GET",http_response_status_code="{}",operation="fetch_refund"'
    for error_type, code in (("", "200"), ("503", "503")):
        told = f'http_client_request_duration_seconds_count{{{labels.format(error_type, code)},provider="stripe"}}'
        assert told in text
    for edge in ("3.0", "5.0", "10.0"):
        assert f'le="{edge}"' in text


@pytest.mark.req("OBS-09", "FAIL-08")
def test_an_open_breaker_shows_in_the_figures_and_in_the_checklist(client: Client) -> None:
    assert 'provider_breaker_open{provider="stripe"} 0.0' in _scrape(client)
    ProviderState.objects.create(
        provider="stripe", window_at=now(), failures=7, open_until=now() + timedelta(seconds=5)
    )
    Incident.objects.create(provider="stripe", reason="create_intent: 503", opened_at=now())
    assert 'provider_breaker_open{provider="stripe"} 1.0' in _scrape(client)
    finding = next(one for one in examine() if one.part == "stripe.breaker")
    assert finding.state == State.DEGRADED
    assert "create_intent: 503" in finding.says


@pytest.mark.req("OBS-09")
def test_the_public_sees_nothing(client: Client) -> None:
    assert client.get("/ops/metrics").status_code == 200
    assert client.get("/ops/metrics", REMOTE_ADDR="203.0.113.7").status_code == 404
    for header in ("X-Forwarded-For", "X-Forwarded-Proto", "Forwarded"):
        assert client.get("/ops/metrics", headers={header: "203.0.113.7"}).status_code == 404
    with override_settings(CODEPOP=replace(settings.CODEPOP, metrics_token="scrape-me-from-afar")):
        assert client.get("/ops/metrics").status_code == 404
        assert client.get("/ops/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
        shown = {"Authorization": "Bearer scrape-me-from-afar"}
        assert client.get("/ops/metrics", headers=shown, REMOTE_ADDR="203.0.113.7").status_code == 200
