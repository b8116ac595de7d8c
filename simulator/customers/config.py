"""Where the running system is: from the environment that `./run simulate` sets, read once."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PEOPLE = Path(__file__).resolve().parents[2] / "server" / "demo" / "people.toml"


@dataclass(frozen=True)
class Account:
    """A demo customer's log-in."""

    email: str
    password: str


@dataclass(frozen=True)
class Config:
    """Addresses without a trailing slash; without `database_url` the checks against the database are left out."""

    public_url: str
    sandbox_url: str
    simulator_url: str
    database_url: str | None
    data: Path | None = None
    """The platform's data folder; only trials that kill its processes need it."""
    minute_seconds: int = 60
    """How long the platform makes a minute last when people agree to wait for the payment provider."""


def read_config(values: Mapping[str, str] = os.environ) -> Config:
    """Read the environment."""
    return Config(
        public_url=values.get("CODEPOP_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/"),
        sandbox_url=values.get("CODEPOP_SANDBOX_URL", "http://127.0.0.1:8002").rstrip("/"),
        simulator_url=values.get("CODEPOP_SIMULATOR_URL", "http://127.0.0.1:8003").rstrip("/"),
        database_url=values.get("DATABASE_URL") or None,
        data=Path(values["CODEPOP_DATA"]) if values.get("CODEPOP_DATA") else None,
        minute_seconds=int(values.get("CODEPOP_CONSENT_MINUTE_SECONDS") or 60),
    )


def read_accounts(path: Path = PEOPLE) -> list[Account]:
    """Return the demo chain's customers: the people of its file that have no role."""
    if not path.exists():
        return []
    people = tomllib.loads(path.read_text())
    return [Account(one["email"], people["password"]) for one in people.get("people", []) if not one.get("role")]
