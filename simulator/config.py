"""What the simulated stores take from the environment; read once, at the start."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class BadConfig(ValueError):
    """An environment variable can't be used; the message names it and the remedy."""


@dataclass(frozen=True)
class Config:
    """Addresses without a trailing slash; `speed` 10 means that a drink takes a tenth of its real time."""

    public_url: str
    live_url: str
    devices: Path
    port: int
    speed: float
    seed: int


def read_config(values: Mapping[str, str] = os.environ) -> Config:
    """Read and check the environment; raises BadConfig."""
    data = Path(values.get("CODEPOP_DATA") or ".data")
    return Config(
        public_url=values.get("CODEPOP_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/"),
        live_url=values.get("CODEPOP_LIVE_URL", "http://127.0.0.1:8001").rstrip("/"),
        devices=Path(values.get("CODEPOP_DEVICES") or data / "devices.json"),
        port=int(_number(values, "SIMULATOR_PORT", "8003", at_least=1)),
        speed=_number(values, "SIMULATOR_SPEED", "1", at_least=0.01),
        seed=int(_number(values, "SIMULATOR_SEED", "1", at_least=0)),
    )


def _number(values: Mapping[str, str], name: str, default: str, *, at_least: float) -> float:
    text = values.get(name) or default
    try:
        number = float(text)
    except ValueError as error:
        raise BadConfig(f"{name} is {text!r}: set it to a number of at least {at_least}.") from error
    if not at_least <= number < 1e9:
        raise BadConfig(f"{name} is {text!r}: set it to a number of at least {at_least}.")
    return number
