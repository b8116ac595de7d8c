"""What docs/refunds.md promises is shown by tests that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]


@pytest.mark.req("PAY-30")
def test_every_scenario_of_the_page_names_a_test_that_exists() -> None:
    named = re.findall(r"`(server/[\w/]+\.py)(?:::(\w+))?`", (ROOT / "docs" / "refunds.md").read_text())
    assert len(named) >= 20
    for path, test in named:
        file = ROOT / path
        assert file.is_file(), path
        assert not test or f"def {test}(" in file.read_text(), f"{path}::{test}"
