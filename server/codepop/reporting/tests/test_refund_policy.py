"""What a bank is told of our refund policy is what customers read before they pay."""

import re
from pathlib import Path

import pytest

from codepop.reporting.evidence import REFUND_POLICY

APP = Path(__file__).parents[4] / "app" / "src" / "lib" / "refund-policy.ts"


@pytest.mark.req("PAY-30", "PAY-12")
def test_customers_read_the_policy_that_banks_are_told() -> None:
    told = re.search(r"POLICY =\n(.*?);\n", APP.read_text(), re.DOTALL)
    assert told is not None
    assert "".join(re.findall(r"'([^']*)'", told[1])).replace("’", "'") == REFUND_POLICY
