"""The OpenAPI document against the running system: no 5xx and no answer that it doesn't describe, whatever is sent."""

import json
from collections.abc import Mapping
from contextlib import closing
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
schema: Any = schemathesis.openapi.from_dict(json.loads(CONTRACT.read_text()))


@pytest.mark.req("SEC-05", "PAY-02")
@schema.parametrize()
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_operation_answers_as_documented(case: Any, system: System) -> None:
    case.call_and_validate(base_url=system.addresses["web"], checks=CHECKS)


@pytest.fixture(scope="module")
def tokens(system: System) -> Mapping[str, str]:
    """A session of somebody of each role, and of customers of our own, one of whom has confirmed who they are."""
    found = {}
    for login in system.logins:
        if login["totp_secret"]:
            with closing(AppClient(system)) as app:
                app.sign_in_staff(login)
                found[str(login["role"])] = app.token
    for name in ("customer", "confirmed"):
        member = sign_up(system, name)
        with closing(AppClient(system)) as app:
            app.auth("POST", "auth/login", {"email": member.email, "password": member.password})
            if name == "confirmed":
                app.auth("POST", "auth/reauthenticate", {"password": member.password})
            found[name] = app.token
    return found


@pytest.mark.req("SEC-05", "SEC-11", "DOM-02")
@schema.parametrize()
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_operation_answers_every_role_as_documented(case: Any, system: System, tokens: Mapping[str, str]) -> None:
    for role, token in tokens.items():
        if case.operation.definition.raw["operationId"] == ENDS_OTHER_TESTS_SESSIONS and role != "customer":
            continue
        headers = {"X-Session-Token": token}
        case.call_and_validate(base_url=system.addresses["web"], headers=headers, checks=CHECKS)
