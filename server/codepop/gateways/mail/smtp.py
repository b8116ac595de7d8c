"""Mail over SMTP: the only file that imports smtplib.

TLS with a verified certificate is not a choice: without it nothing is sent, not even the password. Connections are kept
for some seconds, since a TLS handshake costs more than a message. Where the conversation breaks decides the kind of
error: before the last byte of a message is sent nothing can have happened; after it, nobody knows.
"""

import functools
import smtplib
import ssl
import threading
import time
from collections.abc import Callable
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, parseaddr
from typing import Final

from django.conf import settings

from codepop.core.log import get_logger
from codepop.gateways.errors import GatewayError, Refused, Unavailable, Unknown
from codepop.gateways.guard import Answer, Guard
from codepop.gateways.limits import SMTP
from codepop.gateways.mail import MESSAGE, RECIPIENT, SENDER, Mail
from codepop.gateways.mail.dkim import DkimKey, sign
from codepop.kit.clock import now

PROVIDER: Final = "smtp"
IDLE_SECONDS = 20.0
MOST_IDLE = 4
_READY, _DATA_NOW, _BAD_LOGIN = 250, 354, 535
_SAID_NO = 400
_LATER_LOGIN = range(400, 500)

log = get_logger(__name__)


class _Said(Exception):
    """The server answered a step with something else than yes."""

    def __init__(self, step: str, code: int) -> None:
        self.step, self.code = step, code
        super().__init__(f"{code} to {step}")


class SmtpGateway:
    """MailGateway over SMTP. Thread-safe; made once a process by `gateway()`."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        implicit_tls: bool,
        credentials: tuple[str, ...],
        sender: str,
        ca_file: str | None,
        timeout_seconds: float,
        dkim_key: DkimKey | None = None,
    ) -> None:
        self._host, self._port, self._implicit_tls = host, port, implicit_tls
        self._credentials, self._sender, self._ca_file = credentials, sender, ca_file
        self._timeout, self._dkim_key = timeout_seconds, dkim_key
        self._idle: list[tuple[float, smtplib.SMTP]] = []
        self._lock = threading.Lock()
        self._guard = Guard(SMTP)

    def send(self, *, mail: Mail) -> None:
        """Hand the message over; refuses while a database transaction is open."""
        recipient, content = self._write(mail)
        with self._guard.outgoing("send", method="SMTP") as answer:
            try:
                client = self._begin()
                self._finish(client, recipient, content)
            except GatewayError as error:
                _note(error, answer)
                log.warning("mail_not_sent", kind=type(error).__name__, code=error.code)
                raise
            answer.status = _READY

    def check(self) -> str:
        """Connect, verify the certificate, sign in, and say over which TLS; raises like `send`. Nothing is sent."""
        client = self._connect()
        version = client.sock.version() if isinstance(client.sock, ssl.SSLSocket) else None
        client.close()
        return str(version)

    def close(self) -> None:
        """Close the kept connections."""
        with self._lock:
            idle, self._idle = self._idle, []
        for _, client in idle:
            client.close()

    # --- the message --------------------------------------------------------------------------------------------------

    def _write(self, mail: Mail) -> tuple[str, bytes]:
        """Return address and bytes; raises Refused for what can't be a message, such as a line break in a header."""
        try:
            recipient = ascii_address(mail.to)
        except ValueError as error:
            raise Refused(PROVIDER, "not an address", code=RECIPIENT) from error
        letter = EmailMessage(policy=SMTP_POLICY)
        try:
            name, address = parseaddr(self._sender)
            letter["From"] = Address(name, addr_spec=address)
            letter["To"] = Address(addr_spec=recipient)
            letter["Subject"] = mail.subject
            letter["Message-ID"] = mail.message_id
            letter["Date"] = format_datetime(now())
            letter["Auto-Submitted"] = "auto-generated"
            for header, value in mail.headers.items():
                letter[header] = value
            letter.set_content(mail.text, cte="quoted-printable")
            letter.add_alternative(mail.html, subtype="html", cte="quoted-printable")
            content = letter.as_bytes()
        except (ValueError, MessageError, IndexError) as error:
            raise Refused(PROVIDER, "can't be written as a message", code=MESSAGE) from error
        return recipient, sign(content, self._dkim_key) if self._dkim_key else content

    # --- the conversation ---------------------------------------------------------------------------------------------

    def _begin(self) -> smtplib.SMTP:
        """Return a connection that has taken the sender's address: a kept one, or a fresh one when that is stale."""
        sender = parseaddr(self._sender)[1]
        with self._lock:
            kept = self._idle.pop() if self._idle else None
        if kept and time.monotonic() - kept[0] < IDLE_SECONDS:
            try:
                _expect("MAIL", kept[1].mail(sender))
                return kept[1]
            except (smtplib.SMTPException, OSError, _Said):
                kept[1].close()
        elif kept:
            kept[1].close()
        client = self._connect()
        self._unsent(client, lambda: _expect("MAIL", client.mail(sender)))
        return client

    def _finish(self, client: smtplib.SMTP, recipient: str, content: bytes) -> None:
        """Give recipient and content; keeps the connection when it is still good."""
        quoted = _dotted(content)

        def offer() -> None:
            _expect("RCPT", client.rcpt(recipient))
            _expect("DATA", client.docmd("DATA"), good=_DATA_NOW)
            client.send(quoted)

        self._unsent(client, offer)
        try:
            code, _ = client.getreply()
        except (smtplib.SMTPException, OSError) as error:
            client.close()
            raise Unknown(PROVIDER, "sent, and no answer", code="no_answer") from error
        if code != _READY:
            self._fail(client, _Said("message", code))
        self._keep(client)

    def _unsent(self, client: smtplib.SMTP, step: Callable[[], None]) -> None:
        """Run a step before the end of the message: whatever breaks here, nothing was sent."""
        try:
            step()
        except _Said as said:
            self._fail(client, said)
        except (smtplib.SMTPException, OSError) as error:
            client.close()
            raise Unavailable(PROVIDER, type(error).__name__, code="connection") from error

    def _fail(self, client: smtplib.SMTP, said: _Said) -> None:
        """Sort an answer: 4xx later, 5xx never; whose fault a 5xx is depends on the step it answers."""
        client.close()
        if said.code < 500:
            what = "greylisted" if said.step == "RCPT" else "later"
            raise Unavailable(PROVIDER, str(said), code=what) from said
        fault = {"RCPT": RECIPIENT, "MAIL": SENDER}.get(said.step, MESSAGE)
        raise Refused(PROVIDER, str(said), code=fault) from said

    def _keep(self, client: smtplib.SMTP) -> None:
        with self._lock:
            if len(self._idle) < MOST_IDLE:
                self._idle.append((time.monotonic(), client))
                return
        client.close()

    # --- connecting ---------------------------------------------------------------------------------------------------

    def _connect(self) -> smtplib.SMTP:
        """Open, verify and sign in; the second credential is tried when the first is not valid any more."""
        client = None
        try:
            client = self._open()
            self._sign_in(client)
        except ssl.SSLError as error:
            _close(client)
            raise Unavailable(PROVIDER, "the server's certificate is not trusted", code="tls") from error
        except smtplib.SMTPNotSupportedError as error:
            _close(client)
            raise Unavailable(PROVIDER, "the server offers no TLS or no log-in", code="tls") from error
        except smtplib.SMTPAuthenticationError as error:
            _close(client)
            raise Unavailable(PROVIDER, "no credential is valid", code="credentials") from error
        except (smtplib.SMTPException, OSError) as error:
            _close(client)
            raise Unavailable(PROVIDER, type(error).__name__, code="connection") from error
        return client

    def _open(self) -> smtplib.SMTP:
        context = ssl.create_default_context(cafile=self._ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self._implicit_tls:
            return smtplib.SMTP_SSL(self._host, self._port, timeout=self._timeout, context=context)
        client = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
        try:
            client.starttls(context=context)
        except BaseException:
            client.close()
            raise
        return client

    def _sign_in(self, client: smtplib.SMTP) -> None:
        for number, credential in enumerate(self._credentials, start=1):
            user, _, password = credential.partition(":")
            try:
                client.login(user, password)
            except smtplib.SMTPAuthenticationError as error:
                if error.smtp_code in _LATER_LOGIN or number == len(self._credentials):
                    raise
                log.warning("secret_fallback_used", provider=PROVIDER, secret=number + 1)
                continue
            return


def ascii_address(address: str) -> str:
    """Return the address with its domain in ASCII; raises ValueError for what SMTP can't carry."""
    local, _, domain = address.strip().rpartition("@")
    if not (local and domain and local.isascii() and local.isprintable() and " " not in local):
        raise ValueError("not an address that SMTP can carry")
    return f"{local}@{domain.encode('idna').decode('ascii')}"


def _expect(step: str, answer: tuple[int, bytes], *, good: int = _READY) -> None:
    if answer[0] != good and not (step == "RCPT" and answer[0] == 251):
        raise _Said(step, answer[0])


def _dotted(content: bytes) -> bytes:
    """Double leading dots and end the message, as SMTP wants it (RFC 5321 section 4.5.2)."""
    lines = content.removesuffix(b"\r\n").split(b"\r\n")
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines) + b"\r\n.\r\n"


def _close(client: smtplib.SMTP | None) -> None:
    if client is not None:
        client.close()


def _note(error: GatewayError, answer: Answer) -> None:
    """Tell the guard what came back: a server that says no, now or for good, is not away."""
    said = error.__cause__
    if isinstance(said, _Said | smtplib.SMTPAuthenticationError):
        answer.status = _SAID_NO
    answer.error_type = error.code


@functools.cache
def gateway() -> SmtpGateway:
    """Return the process's gateway, as the settings say."""
    mail = settings.CODEPOP.mail
    return SmtpGateway(
        host=mail.host,
        port=mail.port,
        implicit_tls=mail.implicit_tls,
        credentials=mail.credentials,
        sender=mail.sender,
        ca_file=str(mail.ca_file) if mail.ca_file else None,
        timeout_seconds=SMTP.operations["send"].answer_seconds,
        dkim_key=DkimKey.read(mail.dkim_key_file, mail.dkim_selector, mail.sender) if mail.dkim_key_file else None,
    )
