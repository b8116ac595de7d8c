"""Changing the keys of field encryption, step by step, under traffic (docs/keys.md, "Changing the encryption keys")."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings

from codepop.core.encryption import RELOAD_SECONDS, reload_keys
from codepop.core.keyset import (
    KeyState,
    WrongStep,
    add_key,
    key_state,
    promote_key,
    remove_old_key,
    replace_keyset_file,
)
from codepop.core.log import get_logger
from codepop.core.resealing import Result, columns, left_to_reseal, reseal
from codepop.kit.clock import now

SETTLED: Final = timedelta(seconds=12 * RELOAD_SECONDS)
"""Until then every process has read a changed key file (each looks every few seconds)."""

log = get_logger(__name__)


class NotYet(WrongStep):
    """The step is right, but it is too early for it."""


@dataclass(frozen=True)
class ColumnResult:
    """What became of one column."""

    column: str
    replaced: int
    stuck: int


def present_state() -> KeyState:
    """Say where a change of keys stands."""
    return key_state(settings.CODEPOP.read_keysets())


def add() -> str:
    """Add the next key to both keysets; it decrypts only, until `promote`. Returns the new text."""
    return _change(add_key(settings.CODEPOP.read_keysets(), now()), "added")


def promote(*, at_once: bool = False) -> str:
    """Let the added key encrypt from now on. Raises NotYet until every process must know it."""
    keysets = settings.CODEPOP.read_keysets()
    text = promote_key(keysets, now())
    _require_settled(key_state(keysets).added_at, at_once)
    return _change(text, "promoted")


def rewrite() -> Iterator[ColumnResult]:
    """Bring what the old key made under the new one, column by column. Raises NotYet while it may still be used."""
    state = present_state()
    if state.keys > 1 and not state.new_is_primary:
        raise WrongStep("The new key does not encrypt yet: promote it first.")
    for column in columns():
        result: Result = reseal(column)
        log.info("column_resealed", column=str(column), replaced=result.replaced, stuck=result.stuck)
        yield ColumnResult(str(column), result.replaced, result.stuck)


def remove(*, at_once: bool = False) -> str:
    """Take the old key out. Raises WrongStep as long as one stored value needs it."""
    keysets = settings.CODEPOP.read_keysets()
    text = remove_old_key(keysets)
    _require_settled(key_state(keysets).promoted_at, at_once)
    left = {str(column): count for column in columns() if (count := left_to_reseal(column))}
    if left:
        named = ", ".join(f"{count} in {name}" for name, count in sorted(left.items()))
        raise WrongStep(f"The old key is still needed ({named}): rewrite first.")
    return _change(text, "removed")


def _require_settled(since: datetime | None, at_once: bool) -> None:
    if since is not None and not at_once and now() - since < SETTLED:
        seconds = int((SETTLED - (now() - since)).total_seconds()) + 1
        raise NotYet(f"Not every process knows the last step yet: try again in {seconds} seconds.")


def _change(keysets: str, step: str) -> str:
    """Put the new keysets into the key file; those from the environment are only returned."""
    if settings.CODEPOP.keysets_from_file():
        replace_keyset_file(settings.CODEPOP.keyset_file, keysets)
        reload_keys()
    log.warning("encryption_key_changed", step=step)
    return keysets
