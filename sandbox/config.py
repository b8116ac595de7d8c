"""The environment of the sandbox, read once into one frozen object."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_PORT = 8002


@dataclass(frozen=True)
class Config:
    """Everything that can be set from outside. `clock_factor` compresses waiting times, it never bends timestamps."""

    port: int
    public_url: str
    data: Path
    webhook_url: str
    webhook_secret: str
    clock_factor: float
    webhook_retries: str
    smtp_port: int
    smtp_credentials: str
    mail_webhook_url: str
    mail_webhook_secret: str
    record: Path | None


class ConfigError(ValueError):
    """The environment holds values the sandbox can't start with."""


def read_config(environment: Mapping[str, str] = os.environ) -> Config:
    """Read SANDBOX_* and name every wrong value at once. Raises ConfigError."""
    problems: list[str] = []
    port = _number(environment, "SANDBOX_PORT", DEFAULT_PORT, problems)
    smtp_port = _number(environment, "SANDBOX_SMTP_PORT", port + 2, problems)
    factor = _number(environment, "SANDBOX_CLOCK_FACTOR", 1.0, problems)
    retries = environment.get("SANDBOX_WEBHOOK_RETRIES", "test")
    if factor <= 0:
        problems.append("SANDBOX_CLOCK_FACTOR must be above 0")
    if retries not in ("test", "live"):
        problems.append("SANDBOX_WEBHOOK_RETRIES must be test or live")
    if problems:
        raise ConfigError("; ".join(problems))
    return Config(
        port=int(port),
        public_url=environment.get("SANDBOX_PUBLIC_URL", f"http://127.0.0.1:{int(port)}").rstrip("/"),
        data=Path(environment.get("SANDBOX_DATA", ".data/sandbox")),
        webhook_url=environment.get("SANDBOX_WEBHOOK_URL", "http://127.0.0.1:8000/webhooks/stripe"),
        webhook_secret=environment.get("SANDBOX_WEBHOOK_SECRET", "whsec_sandbox"),
        clock_factor=float(factor),
        webhook_retries=retries,
        smtp_port=int(smtp_port),
        smtp_credentials=environment.get("SANDBOX_SMTP_CREDENTIALS", "codepop:sandbox"),
        mail_webhook_url=environment.get("SANDBOX_MAIL_WEBHOOK_URL", "http://127.0.0.1:8000/webhooks/mail"),
        mail_webhook_secret=environment.get("SANDBOX_MAIL_WEBHOOK_SECRET", "mail:sandbox"),
        record=Path(environment["SANDBOX_RECORD"]) if environment.get("SANDBOX_RECORD") else None,
    )


def _number(environment: Mapping[str, str], name: str, default: float, problems: list[str]) -> float:
    text = environment.get(name, "")
    if not text:
        return default
    try:
        return float(text)
    except ValueError:
        problems.append(f"{name} must be a number, not {text!r}")
        return default
