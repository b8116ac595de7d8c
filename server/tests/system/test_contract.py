"""The OpenAPI document against the running system: no 5xx and no answer that it doesn't describe, whatever is sent."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from server.tests.system.member import sign_up
from server.tests.system.planted import AppClient
from tools.system import System

CONTRACT = Path(__file__).parents[3] / "contract" / "openapi.json"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
ENDS_OTHER_TESTS_SESSIONS: Final = "end_other_sessions"
CONFIRM_EVERY_SECONDS: Final = 120
schema: Any = schemathesis.openapi.from_dict(json.loads(CONTRACT.read_text()))


@pytest.mark.req("SEC-05", "PAY-02")
@schema.parametrize()
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_operation_answers_as_documented(case: Any, system: System) -> None:
    case.call_and_validate(base_url=system.addresses["web"], checks=CHECKS)


class Everybody:
    """A session of somebody of each role, and of customers of our own, one of whom has just confirmed who they are."""

    def __init__(self, system: System, stack: ExitStack) -> None:
        self.tokens: dict[str, str] = {}
        for login in system.logins:
            if login["totp_secret"]:
                app = stack.enter_context(closing(AppClient(system)))
                app.sign_in_staff(login)
                self.tokens[str(login["role"])] = app.token
        for name in ("customer", "confirmed"):
            member = sign_up(system, name)
            app = stack.enter_context(closing(AppClient(system)))
            app.auth("POST", "auth/login", {"email": member.email, "password": member.password})
            self.tokens[name] = app.token
        self._confirming, self._password, self._confirmed_at = app, member.password, 0.0

    def now(self) -> Mapping[str, str]:
        """Return the tokens by role; a confirmation that grows old is given again."""
        if time.monotonic() - self._confirmed_at > CONFIRM_EVERY_SECONDS:
            self._confirming.auth("POST", "auth/reauthenticate", {"password": self._password})
            self.tokens["confirmed"], self._confirmed_at = self._confirming.token, time.monotonic()
        return self.tokens


@pytest.fixture(scope="module")
def everybody(system: System) -> Iterator[Everybody]:
    with ExitStack() as stack:
        yield Everybody(system, stack)


@pytest.mark.req("SEC-05", "SEC-11", "DOM-02")
@schema.parametrize()
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_operation_answers_every_role_as_documented(case: Any, system: System, everybody: Everybody) -> None:
    for role, token in everybody.now().items():
        if case.operation.definition.raw["operationId"] == ENDS_OTHER_TESTS_SESSIONS and role != "customer":
            continue
        headers = {"X-Session-Token": token}
        case.call_and_validate(base_url=system.addresses["web"], headers=headers, checks=CHECKS)
