"""The running whole is healthy, says that it is a sandbox, and serves the app with a strict policy."""

import httpx
import pytest

from tools.system import System


@pytest.mark.req("SEC-06", "PAY-24")
def test_pages_carry_a_policy_without_inline_scripts_and_no_secret(system: System) -> None:
    page = httpx.get(system.addresses["web"])
    assert page.status_code == 200, "the app is not built: ./run test builds it first"
    policy = dict(part.strip().split(" ", 1) for part in page.headers["Content-Security-Policy"].split(";"))
    assert "'unsafe-inline'" not in policy["script-src"]
    assert policy["frame-ancestors"] == "'none'"
    assert page.headers["X-Frame-Options"] == "DENY"
    assert "sk_test" not in page.text


@pytest.mark.req("DEPLOY-05")
def test_sandbox_mode_is_said_to_every_client(system: System) -> None:
    config = httpx.get(f"{system.addresses['web']}/api/v1/config").json()
    assert config["mode"] == "sandbox"
    assert config["stripe"]["script_url"].startswith(system.addresses["sandbox"])
    assert httpx.get(f"{system.addresses['web']}/ops/health").json() == {"status": "ok", "mode": "sandbox"}


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/device/v1/nothing", "/webhooks/nothing"])
def test_unknown_addresses_answer_404_in_the_one_envelope(system: System, path: str) -> None:
    answer = httpx.get(system.addresses["web"] + path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
