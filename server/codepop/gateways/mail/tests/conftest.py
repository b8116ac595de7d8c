"""The gateway against this worker's own sandbox."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from codepop.gateways.mail.smtp import SmtpGateway
from tests.mail_side import call, credentials


@pytest.fixture(autouse=True)
def _tidy(sandbox_url: str) -> Iterator[None]:
    call("/mail/messages", method="DELETE")
    yield
    call("/faults", method="DELETE")
    credentials(add="codepop:sandbox")
    credentials(revoke="codepop:next")


@pytest.fixture
def make_gateway(transactional_db: None) -> Iterator[Any]:
    """Make gateways that differ from the settings' in what is given; closed at the end."""
    made: list[SmtpGateway] = []

    def make(**values: Any) -> SmtpGateway:
        mail = settings.CODEPOP.mail
        options: dict[str, Any] = {
            "host": mail.host,
            "port": mail.port,
            "implicit_tls": False,
            "credentials": mail.credentials,
            "sender": mail.sender,
            "ca_file": str(mail.ca_file),
            "timeout_seconds": 5.0,
            **values,
        }
        made.append(SmtpGateway(**options))
        return made[-1]

    yield make
    for one in made:
        one.close()
