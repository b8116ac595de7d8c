"""Demo staff sign in with a code that one command prints; nobody else's code is ever printed."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core.management import CommandError, call_command

from codepop.accounts.services import give_totp
from codepop.accounts.tests.codes import code_clock
from codepop.accounts.tests.factories import make_user
from codepop.core.db import transaction
from codepop.ops.demo import demo_totp_secret, read_demo
from codepop.ops.management.commands import code as command

__all__ = ["code_clock"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("code_clock")]
MANAGER = "manager@codepop.example"


@pytest.mark.req("SEC-09")
def test_the_printed_code_is_the_one_that_the_account_takes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    user = make_user(email=MANAGER)
    for _ in range(2):  # loading the demo again changes nothing
        with transaction():
            give_totp(user_id=user.id, secret=demo_totp_secret(MANAGER))
    [factor] = Authenticator.objects.all()
    monkeypatch.setattr(command, "time", totp.time)
    call_command("code", MANAGER.upper())
    printed = capsys.readouterr().out.strip()
    assert factor.wrap().validate_code(printed)
    assert not factor.wrap().validate_code(printed)


def test_every_demo_person_of_the_staff_has_a_code_of_their_own() -> None:
    staff = [one.email for one in read_demo().people.people if one.role]
    assert len({demo_totp_secret(email) for email in staff}) == len(staff) > 3


@pytest.mark.parametrize("email", ["customer@codepop.example", "somebody@example.org"])
def test_no_code_for_anybody_else(email: str) -> None:
    with pytest.raises(CommandError, match="no demo account of staff"):
        call_command("code", email)
