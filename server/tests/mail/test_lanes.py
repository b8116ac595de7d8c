"""What is slow outside holds up its own jobs and nobody else's: shown with the real worker process."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from codepop.accounts.tests.factories import make_user
from codepop.core.db import transaction
from codepop.core.jobs import Lane
from codepop.notifications.kinds import Kind
from codepop.notifications.models import Message, State
from codepop.notifications.services.queueing import Wish, queue
from tests.mail_side import call, fault
from tests.patience import eventually

MANAGE = Path(settings.BASE_DIR) / "server" / "manage.py"
SLOW_MS = 7_000
"""Slow, and no failure: the mail gateway waits for 10 seconds."""


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Path]:
    """The worker as it runs in the shop, on the tests' database; where its log is."""
    known = connection.settings_dict
    place = f"{known['HOST']}:{known['PORT']}/{known['NAME']}"
    log = tmp_path / "worker.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, str(MANAGE), "worker"],
            env={**os.environ, "DATABASE_URL": f"postgresql://{known['USER']}:{known['PASSWORD']}@{place}"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield log
    finally:
        call("/faults", method="DELETE")
        process.terminate()
        try:
            ended = process.wait(40)
            left = ProcrastinateJob.objects.filter(status="doing").count()
        finally:
            process.kill()
            ProcrastinateJob.objects.all()._raw_delete("default")
    assert (ended, left) == (0, 0), "asked to stop, every lane finishes what it has begun"


def _sending() -> int:
    return Message.objects.filter(state=State.SENDING).count()


def _ended(name: str) -> int:
    return ProcrastinateJob.objects.filter(task_name=name, status="succeeded").count()


@pytest.mark.req("FAIL-01", "MAIL-04", "D6")
def test_a_slow_mail_server_keeps_no_order_from_the_robots(worker: Path) -> None:
    fault("smtp_timeout", delay_ms=SLOW_MS)
    people = [make_user() for _ in range(16)]
    with transaction():
        queue(*(Wish(key=f"slow:{one.id}", kind=Kind.PASSWORD_CHANGED, user_id=one.id) for one in people))
    assert eventually(lambda: _sending() >= 4, 40), worker.read_text()
    time.sleep(0.5)
    before = _ended("ordering.release_due")
    assert eventually(lambda: _ended("ordering.release_due") >= before + 2, SLOW_MS / 1000 - 1), worker.read_text()
    assert _sending() >= 4, "the server was not slow enough to show anything"


def test_what_asks_a_provider_is_in_its_lane() -> None:
    """Whoever adds a task decides whom it may hold up."""
    lanes = {lane: {name for name, task in app.tasks.items() if task.queue == lane} for lane in Lane}
    assert lanes[Lane.MAIL] == {"notifications.deliver", "notifications.deliver_due"}
    assert {name for name in lanes[Lane.SHOP] if name.startswith("payments.")} == {"payments.forget_payers"}
    assert {name for name in lanes[Lane.PAYMENTS] if not name.startswith("payments.")} == {
        "ordering.expire_stale",
        "ordering.take_waiting_payments",
        "privacy.advance_erasures",
    }
