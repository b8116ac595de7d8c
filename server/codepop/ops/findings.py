"""What a check of the deployment says: one line with its state and, if need be, the remedy."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    OK = "ok"
    DEGRADED = "degraded"
    MISSING = "missing"


@dataclass(frozen=True)
class Finding:
    """One line of the report; `remedy` is empty when nothing is to be done."""

    part: str
    state: State
    says: str
    remedy: str = ""


Check = Callable[[], Iterator[Finding]]
