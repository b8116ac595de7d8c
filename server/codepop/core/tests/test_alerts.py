"""An alert is one open row for each trouble, however often it is met."""

from datetime import timedelta

import pytest

from codepop.core.alerts import close_alert, open_alerts, raise_alert
from codepop.kit.clock import frozen, now

pytestmark = pytest.mark.django_db


@pytest.mark.req("MAIL-05")
def test_the_same_trouble_is_counted_on_one_row() -> None:
    with frozen(now()) as time:
        assert raise_alert("mail.failing", "3 of 10 failed", subject="smtp")
        time.advance(minutes=5)
        assert not raise_alert("mail.failing", "9 of 10 failed", subject="smtp")
        assert raise_alert("mail.failing", "another one", subject="other")
        row = open_alerts().get(subject="smtp")
        assert (row.count, row.says, row.last_at) == (2, "9 of 10 failed", time.at)
    assert row.last_at - row.created_at < timedelta(hours=1)


def test_a_closed_alert_opens_anew() -> None:
    raise_alert("x", "one")
    assert close_alert("x")
    assert not close_alert("x")
    assert not open_alerts().exists()
    assert raise_alert("x", "two")
    assert open_alerts().get().count == 1
