"""Codes as an authenticator app shows them, by a clock that stands still while a test types them."""

import time
from types import SimpleNamespace

import pytest
from allauth.mfa.totp.internal import auth as totp

PERIOD_SECONDS = 30


@pytest.fixture
def code_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold the clock that codes go by: on a busy machine one could be over before it is looked at."""
    moment = time.time()
    monkeypatch.setattr(totp, "time", SimpleNamespace(time=lambda: moment))


def code_of(secret: str) -> str:
    """Return the code of this moment."""
    return str(totp.format_hotp_value(totp.hotp_value(secret, int(totp.time.time()) // PERIOD_SECONDS)))
