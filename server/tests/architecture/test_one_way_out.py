"""No call to a provider goes around the guard: the modules that can open a connection are few, and each asks it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from codepop.gateways.limits import PROVIDERS

SERVER = Path(__file__).parents[2] / "codepop"
CONNECTS = {
    "socket",
    "http",
    "urllib.request",
    "urllib3",
    "httpx",
    "httpx2",
    "requests",
    "aiohttp",
    "smtplib",
    "ftplib",
}
SDKS = {"stripe", "anthropic", "firebase_admin", "google.auth"}
ASKS_ITSELF = {"ops/doctor.py", "ops/person_traces.py"}
"""The doctor asks CodePop's own addresses, no provider's; the search for a person asks the sandbox's own console."""


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def _product() -> Iterator[Path]:
    return (path for path in SERVER.rglob("*.py") if "tests" not in path.parts)


def _reaching(modules: set[str]) -> set[str]:
    return {
        str(path.relative_to(SERVER))
        for path in _product()
        if any(name == one or name.startswith(f"{one}.") for name in _imports(path) for one in modules)
    }


@pytest.mark.req("DEPLOY-06", "FAIL-08")
def test_every_module_that_can_connect_asks_the_guard() -> None:
    connecting = _reaching(CONNECTS) - ASKS_ITSELF
    assert connecting, "the scan finds what it looks for"
    for name in sorted(connecting):
        assert ".outgoing(" in (SERVER / name).read_text(encoding="utf-8"), f"{name} opens connections past the guard"


@pytest.mark.req("DEPLOY-06")
def test_sdks_are_used_inside_their_own_gateway_only_and_on_our_transport() -> None:
    using = _reaching(SDKS)
    assert {name.split("/")[0] for name in using} == {"gateways"}
    made = [name for name in sorted(using) if "StripeClient(" in (SERVER / name).read_text(encoding="utf-8")]
    assert made == ["gateways/payments/stripe/connection.py"]
    assert "http_client=" in (SERVER / made[0]).read_text(encoding="utf-8")


@pytest.mark.req("DEPLOY-06", "FAIL-08")
def test_every_operation_that_is_called_has_its_limits_and_every_limit_its_operation() -> None:
    called = set()
    for path in (SERVER / "gateways" / "payments" / "stripe").glob("*.py"):
        called |= set(re.findall(r'_stripe\.(?:query|command)\(\s*"(\w+)"', path.read_text(encoding="utf-8")))
    assert called == set(PROVIDERS["stripe"].operations)


@pytest.mark.req("FAIL-08")
@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_each_provider_has_sane_limits(provider: str) -> None:
    limits = PROVIDERS[provider]
    assert limits.provider == provider
    assert 0 < limits.connect_seconds <= 10
    assert limits.per_second >= 1
    assert limits.breaker.failures >= 2
    assert limits.breaker.open_seconds <= limits.breaker.open_seconds_max <= 120
    for operation, limit in limits.operations.items():
        assert 0 < limit.answer_seconds <= limit.deadline_seconds <= 30, operation
        assert 1 <= limit.tries <= 3, operation
        assert limits.breaker.probe_seconds >= limit.answer_seconds, operation
