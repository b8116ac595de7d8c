"""The mail part of the environment: how to reach the provider, who we are, and who may tell us of bounces."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Literal

SANDBOX_CREDENTIALS = "codepop:sandbox"
SANDBOX_WEBHOOK_SECRET = "mail:sandbox"
SANDBOX_SENDER = "CodePop <drinks@codepop.example>"
PROVIDERS = ("brevo", "mailjet", "postmark", "sendgrid", "sparkpost")
"""Whose webhooks we can read (django-anymail); the mail itself goes by SMTP to any of them."""


@dataclass(frozen=True)
class MailSettings:
    """How mail leaves. Of several credentials and webhook secrets the first is current, all are valid."""

    mode: Literal["live", "sandbox"]
    host: str
    port: int
    implicit_tls: bool
    credentials: tuple[str, ...]
    sender: str
    ca_file: Path | None
    webhook_provider: str
    webhook_secrets: tuple[str, ...]
    per_minute: int
    postal_address: str
    dkim_selector: str = ""
    dkim_key_file: Path | None = None

    @property
    def domain(self) -> str:
        """Return the domain that our messages come from."""
        return parseaddr(self.sender)[1].rpartition("@")[2]


def read_mail(values: Mapping[str, str], data: Path, production: bool, problems: list[str]) -> MailSettings:
    """Read the settings; without MAIL_HOST development talks to the sandbox, and production does not start."""
    per_minute = values.get("MAIL_PER_MINUTE") or "300"
    if not per_minute.isdecimal() or int(per_minute) < 1:
        problems.append(f"MAIL_PER_MINUTE is {per_minute!r}: set it to a whole number above 0.")
        per_minute = "300"
    postal_address = values.get("MAIL_POSTAL_ADDRESS", "")
    if not values.get("MAIL_HOST") and not production:
        return _sandbox(values, data, int(per_minute), postal_address)
    required = ("MAIL_HOST", "MAIL_CREDENTIALS", "MAIL_FROM", "MAIL_WEBHOOK_SECRETS", "MAIL_POSTAL_ADDRESS")
    problems += [f"{name} is missing: see docs/keys.md." for name in required if not values.get(name)]
    problems += _wrong(values)
    port = values.get("MAIL_PORT") or "587"
    return MailSettings(
        mode="live",
        host=values.get("MAIL_HOST", ""),
        port=int(port) if port.isdecimal() else 587,
        implicit_tls=values.get("MAIL_TLS", "starttls") == "implicit",
        credentials=_list(values.get("MAIL_CREDENTIALS", "")),
        sender=values.get("MAIL_FROM", ""),
        ca_file=named_file(values, "MAIL_CA_FILE", problems),
        webhook_provider=values.get("MAIL_WEBHOOK_PROVIDER", "postmark"),
        webhook_secrets=_list(values.get("MAIL_WEBHOOK_SECRETS", "")),
        per_minute=int(per_minute),
        postal_address=postal_address,
        dkim_selector=values.get("MAIL_DKIM_SELECTOR", ""),
        dkim_key_file=named_file(values, "MAIL_DKIM_KEY_FILE", problems),
    )


def named_file(values: Mapping[str, str], name: str, problems: list[str]) -> Path | None:
    """Return the file that a variable names, None without one; one that is not there is a problem."""
    path = Path(values[name]) if values.get(name) else None
    if path and not path.is_file():
        problems.append(f"{name}: no such file.")
    return path


def _wrong(values: Mapping[str, str]) -> list[str]:
    problems = []
    port = values.get("MAIL_PORT") or "587"
    if not port.isdecimal() or not 0 < int(port) < 65536:
        problems.append(f"MAIL_PORT is {port!r}: set it to a port, 587 for STARTTLS, 465 for implicit TLS.")
    if values.get("MAIL_TLS", "starttls") not in ("starttls", "implicit"):
        problems.append("MAIL_TLS must be starttls or implicit: mail never leaves without TLS.")
    if any(
        ":" not in pair for name in ("MAIL_CREDENTIALS", "MAIL_WEBHOOK_SECRETS") for pair in _list(values.get(name))
    ):
        problems.append("MAIL_CREDENTIALS and MAIL_WEBHOOK_SECRETS hold user:password, several with commas.")
    sender = values.get("MAIL_FROM", "")
    if sender and ("@" not in parseaddr(sender)[1] or "\n" in sender or "\r" in sender):
        problems.append("MAIL_FROM must be an address, such as CodePop <drinks@example.com>.")
    if values.get("MAIL_WEBHOOK_PROVIDER", "postmark") not in PROVIDERS:
        problems.append(f"MAIL_WEBHOOK_PROVIDER must be one of {', '.join(PROVIDERS)}.")
    key_file = values.get("MAIL_DKIM_KEY_FILE", "")
    if bool(key_file) != bool(values.get("MAIL_DKIM_SELECTOR")):
        problems.append("MAIL_DKIM_KEY_FILE and MAIL_DKIM_SELECTOR go together.")
    return problems


def _list(text: str | None) -> tuple[str, ...]:
    return tuple(filter(None, (text or "").split(",")))


def _sandbox(values: Mapping[str, str], data: Path, per_minute: int, postal_address: str) -> MailSettings:
    host, _, port = values.get("CODEPOP_SANDBOX_SMTP", "127.0.0.1:8004").rpartition(":")
    key_file = values.get("MAIL_DKIM_KEY_FILE", "")
    return MailSettings(
        mode="sandbox",
        host=host,
        port=int(port),
        implicit_tls=False,
        credentials=_list(values.get("MAIL_CREDENTIALS") or SANDBOX_CREDENTIALS),
        sender=values.get("MAIL_FROM") or SANDBOX_SENDER,
        ca_file=Path(values.get("CODEPOP_SANDBOX_SMTP_CA") or data / "sandbox" / "smtp-ca.pem"),
        webhook_provider="postmark",
        webhook_secrets=_list(values.get("MAIL_WEBHOOK_SECRETS") or SANDBOX_WEBHOOK_SECRET),
        per_minute=per_minute,
        postal_address=postal_address or "CodePop, 1 Example Way, Boston, MA 02108",
        dkim_selector=values.get("MAIL_DKIM_SELECTOR", ""),
        dkim_key_file=Path(key_file) if key_file else None,
    )
