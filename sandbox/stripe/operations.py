"""What an API operation is: its parameters, whether a browser's publishable key may call it, and the function that
does it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.store import Json
from sandbox.stripe.account import Account
from sandbox.stripe.params import Schema


@dataclass(frozen=True)
class Call:
    """One API request after its checks: validated parameters, the id in its address, and who asks."""

    account: Account
    params: dict[str, Any]
    key: str
    publishable: bool


@dataclass(frozen=True)
class Operation:
    """`browser` allows publishable keys; such a caller must show the object's client secret."""

    schema: Schema
    run: Callable[[Call], Json]
    browser: bool = False


Operations = dict[tuple[str, str], Operation]


def find_operation(table: Operations, method: str, path: str) -> tuple[Operation, str] | None:
    """The operation for `payment_intents/pi_1/confirm` and the id in it; the table writes ids as `*`."""
    exact = table.get((method, path))
    if exact:
        return exact, ""
    parts = path.split("/")
    if len(parts) < 2:
        return None
    key, parts[1] = parts[1], "*"
    general = table.get((method, "/".join(parts)))
    return (general, key) if general else None
