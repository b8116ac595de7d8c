"""The SMTP server. It refuses everything before STARTTLS and AUTH, keeps what it accepts, and fails when told to.

After accepting, what a real provider finds out later comes by a webhook in Postmark's form: a bounce, a complaint.
"""

import asyncio
import base64
import json
import ssl
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from sandbox.clock import Clock
from sandbox.config import Config
from sandbox.faults import MAIL_KINDS, Fault, Faults
from sandbox.mail.certificate import server_context
from sandbox.mail.mailbox import KIND, read_message
from sandbox.scheduler import Scheduler
from sandbox.store import Json, Store
from sandbox.stripe.post import Poster, PostError

PROVIDER = "mail"
MAX_BYTES = 10_000_000
KEPT = 2_000
WEBHOOK_SECONDS = 10.0
HANG_UP_SECONDS = 0.02
"""Long enough for the answer to leave first."""
WEBHOOK_PAUSES = (0, 1, 5, 30)
BOUNCE = {
    "RecordType": "Bounce",
    "Type": "HardBounce",
    "Description": "The server was unable to deliver your message (ex: unknown user).",
}
COMPLAINT = {"RecordType": "SpamComplaint", "Type": "SpamComplaint", "Description": "The recipient marked it as spam."}
DELIVERY = {"RecordType": "Delivery"}
EVENTS = {"bounce": BOUNCE, "complaint": COMPLAINT, "delivery": DELIVERY}


class MailServer:
    """Owns the listening socket, the mailbox and the webhooks about it."""

    def __init__(self, store: Store, clock: Clock, faults: Faults, scheduler: Scheduler, config: Config) -> None:
        self.store, self.clock, self.faults, self.scheduler, self.config = store, clock, faults, scheduler, config
        saved = store.read_meta("smtp_credentials")
        self.credentials = {config.smtp_credentials} if saved is None else set(saved)
        self.attempts: dict[str, int] = {}
        self._server: asyncio.Server | None = None
        self._poster = Poster(WEBHOOK_SECONDS)
        self._running: set[asyncio.Task[None]] = set()
        scheduler.handlers["mail_event"] = self._start_event

    async def start(self) -> None:
        """Listen; raises OSError when the port is taken."""
        context = server_context(self.config.data)
        self._server = await asyncio.get_running_loop().create_server(
            lambda: _Connection(self, context), host="127.0.0.1", port=self.config.smtp_port
        )

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        for task in self._running:
            task.cancel()
        self._poster.close()

    # --- who may send -------------------------------------------------------------------------------------------------

    def authenticate(self, server: Any, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        """Accept any live pair of user and password: two are live while one is being replaced."""
        ok = isinstance(data, LoginPassword) and f"{_text(data.login)}:{_text(data.password)}" in self.credentials
        return AuthResult(success=ok, handled=False, auth_data=_text(data.login) if ok else None)

    def change_credentials(self, *, add: str | None, revoke: str | None) -> int:
        """A rotation drill; returns how many pairs are live."""
        if add:
            self.credentials.add(add)
        self.credentials.discard(revoke or "")
        self.store.write_meta("smtp_credentials", sorted(self.credentials))
        return len(self.credentials)

    def reset(self) -> None:
        """Forget added and revoked pairs."""
        self.credentials = {self.config.smtp_credentials}
        self.attempts.clear()

    # --- taking mail --------------------------------------------------------------------------------------------------

    def strike(self, subject: str, *kinds: str) -> Fault | None:
        """The first fault of these kinds that hits; subjects are addresses, `connect` for a connection."""
        struck = self.faults.hit(PROVIDER, {kind: MAIL_KINDS[kind] for kind in kinds}, subject)
        return struck[0] if struck else None

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the sender's address; a kept connection learns of an outage here."""
        if self.strike("connect", "smtp_outage"):
            asyncio.get_running_loop().call_later(HANG_UP_SECONDS, self._hang_up, server)
            return "421 4.3.2 Service not available"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    def _hang_up(self, server: SMTP) -> None:
        if server.transport is not None:
            server.transport.close()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer whether mail to this address is taken."""
        self.attempts[address] = self.attempts.get(address, 0) + 1
        if self.strike(address, "smtp_refuse"):
            return "550 5.1.1 No such mailbox"
        if self.strike(address, "smtp_greylist"):
            return "451 4.7.1 Greylisted, try again later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the message, unless a fault says otherwise."""
        recipient = envelope.rcpt_tos[0]
        if self.strike(recipient, "smtp_spam"):
            return "554 5.7.1 Rejected as spam"
        if self.strike(recipient, "smtp_full"):
            return "452 4.3.1 Insufficient system storage"
        message = self._keep(session, envelope)
        if self.strike(recipient, "smtp_cut"):
            assert server.transport is not None
            server.transport.abort()  # type: ignore[attr-defined]  # a socket's transport has it
            return "250 2.0.0 never read"
        if silent := self.strike(recipient, "smtp_timeout"):
            await asyncio.sleep(silent.delay_seconds)
        if bounce := self.strike(recipient, "smtp_bounce"):
            self.promise(message, "bounce", delay=bounce.delay_seconds)
        return f"250 2.0.0 OK queued as {message['id']}"

    def _keep(self, session: Session, envelope: Envelope) -> Json:
        content = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        cipher = session.ssl.get("cipher") if isinstance(session.ssl, dict) else None
        message = read_message(
            content,
            sender=envelope.mail_from or "",
            recipients=list(envelope.rcpt_tos),
            at=self.clock.stamp(),
            tls=str(cipher[1]) if cipher else "",
            user=str(session.auth_data or ""),
        )
        self.store.put(KIND, message)
        box = self.store.all(KIND)
        while len(box) > KEPT:
            self.store.remove(KIND, next(iter(box)))
        self.store.flush()
        return message

    # --- what comes back later ----------------------------------------------------------------------------------------

    def promise(self, message: Json, kind: str, *, delay: float) -> None:
        """Send the webhook `delay` waiting seconds from now, also when the sandbox is restarted meanwhile."""
        task = {
            "id": f"{message['id']}_{kind}",
            "kind": "mail_event",
            "subject": f"{message['id']} {kind}",
            "due": self.clock.waited() + delay,
        }
        self.store.put("task", task)
        self.scheduler.add(task)
        self.store.flush()

    def _start_event(self, subject: str) -> None:
        key, _, kind = subject.partition(" ")
        message = self.store.get(KIND, key)
        if message is not None:
            task = asyncio.get_running_loop().create_task(self._send_event(message, kind))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _send_event(self, message: Json, kind: str) -> None:
        """Post the event until somebody takes it, a few times."""
        body = json.dumps(self._event(message, kind)).encode()
        login = base64.b64encode(self.config.mail_webhook_secret.encode()).decode()
        headers = {"Content-Type": "application/json", "Authorization": f"Basic {login}"}
        status: int | str = ""
        for pause in WEBHOOK_PAUSES:
            await asyncio.sleep(pause / self.clock.factor)
            try:
                status = await self._poster.post(self.config.mail_webhook_url, body, headers)
            except PostError as problem:
                status = str(problem)
            if isinstance(status, int) and status < 300:
                break
        note = {"kind": kind, "at": self.clock.stamp(), "answered": status}
        message["events"] = [*message["events"], note]
        self.store.put(KIND, message)
        self.store.flush()

    def _event(self, message: Json, kind: str) -> Json:
        moment = self.clock.iso()
        recipient = message["recipients"][0]
        times = {"DeliveredAt": moment} if kind == "delivery" else {"BouncedAt": moment}
        address = {"Recipient": recipient} if kind == "delivery" else {"Email": recipient, "Inactive": True}
        number = message["_seq"] * 10 + list(EVENTS).index(kind)
        ids = {"MessageID": message["id"], "ID": number, "ServerID": 1, "MessageStream": "outbound"}
        return {**EVENTS[kind], **times, **address, **ids, "Metadata": {}, "Tag": ""}


class _Connection(SMTP):
    """One client. A connection that an outage hits is told so and closed."""

    def __init__(self, owner: MailServer, context: ssl.SSLContext) -> None:
        super().__init__(
            owner,
            hostname="mail.sandbox.codepop.example",
            ident="CodePop sandbox",
            tls_context=context,
            require_starttls=True,
            auth_required=True,
            authenticator=owner.authenticate,
            data_size_limit=MAX_BYTES,
            enable_SMTPUTF8=True,
            timeout=60,
            loop=asyncio.get_running_loop(),
        )
        self._owner = owner

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # After STARTTLS the same object is told of a connection once more; only the first is a new one.
        if self.transport is None and self._owner.strike("connect", "smtp_outage"):
            transport.write(b"421 4.3.2 Service not available\r\n")  # type: ignore[attr-defined]  # of a socket
            transport.close()
            return
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self.transport is not None:
            super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        if self.transport is not None:
            super().data_received(data)


def _text(value: bytes | str) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
