"""The OpenAPI document against the running system: no 5xx and no answer that it doesn't describe, whatever is sent."""

import json
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tools.system import System

CONTRACT = Path(__file__).parents[3] / "contract" / "openapi.json"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
schema: Any = schemathesis.openapi.from_dict(json.loads(CONTRACT.read_text()))


@pytest.mark.req("SEC-05", "PAY-02")
@schema.parametrize()
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_operation_answers_as_documented(case: Any, system: System) -> None:
    case.call_and_validate(base_url=system.addresses["web"], checks=CHECKS)
