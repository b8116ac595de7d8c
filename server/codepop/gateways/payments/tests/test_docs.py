"""What docs/keys.md tells people to subscribe to is what the code listens to."""

import re
from pathlib import Path

from codepop.gateways.payments.stripe import WEBHOOK_EVENTS

PAGE = Path(__file__).parents[5] / "docs" / "keys.md"


def test_the_page_names_every_event_we_take_and_no_other() -> None:
    told = re.findall(r"`((?:payment_intent|charge|refund)\.[a-z_.]+)`", PAGE.read_text())
    assert sorted(told) == sorted(WEBHOOK_EVENTS)
