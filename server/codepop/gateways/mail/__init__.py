"""What CodePop needs of a mail provider, in CodePop's words; each provider is one module of this package.

Errors are those of `gateways.errors`. `Refused.code` says what was refused: `RECIPIENT` (the address is bad), `MESSAGE`
(this message is), `SENDER` (our own address). SMTP has no look-up, so after `Unknown` the message is sent again under
the same Message-ID, by which most mailboxes show it once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

RECIPIENT: Final = "recipient"
MESSAGE: Final = "message"
SENDER: Final = "sender"


@dataclass(frozen=True)
class Mail:
    """One message to one person. `message_id` is made from our row: the same message always has the same one."""

    message_id: str
    to: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str] = field(default_factory=dict)


class MailGateway(Protocol):
    """Sends, and remembers nothing."""

    def send(self, *, mail: Mail) -> None:
        """Hand the message over; raises Unavailable (nothing sent), Refused (see its code), Unknown (perhaps sent)."""
