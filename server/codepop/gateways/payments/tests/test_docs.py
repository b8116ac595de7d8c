"""What docs/keys.md tells people to subscribe to is what the code listens to."""

import re
from pathlib import Path

import pytest
import stripe

from codepop.gateways.payments.stripe import API_VERSION, WEBHOOK_EVENTS

PAGE = Path(__file__).parents[5] / "docs" / "keys.md"


def test_the_page_names_every_event_we_take_and_no_other() -> None:
    told = re.findall(r"`((?:payment_intent|setup_intent|charge|refund)\.[a-z_.]+)`", PAGE.read_text())
    assert sorted(told) == sorted(WEBHOOK_EVENTS)


@pytest.mark.req("PAY-22")
def test_the_pinned_version_is_the_one_the_package_has_types_for() -> None:
    assert stripe.api_version == API_VERSION
