"""Making and changing the key file; apart from the fields because settings need it before Django is set up.

A keyset has one key, or two while keys change: first the new one is added and only decrypts, then it becomes the
primary and encrypts, then nothing needs the old one any more and it goes (docs/keys.md). `steps` remembers when each
step was made.
"""

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import tink
from tink import aead, daead, json_proto_keyset_format, secret_key_access

_NAMES: Final = ("aead", "daead")


class WrongStep(ValueError):
    """The step does not fit the present state of the keyset."""


@dataclass(frozen=True)
class KeyState:
    """Where a change of keys stands. Times are None for a step that was not made in this change."""

    keys: int
    new_is_primary: bool
    added_at: datetime | None
    promoted_at: datetime | None


def key_state(keysets: str) -> KeyState:
    """Say how many keys are live and which of them encrypts."""
    pair = json.loads(keysets)
    steps = pair.get("steps", {})
    at = {name: datetime.fromisoformat(text) for name, text in steps.items()}
    keys, primary = pair["daead"]["key"], pair["daead"]["primaryKeyId"]
    return KeyState(len(keys), keys[-1]["keyId"] == primary, at.get("added_at"), at.get("promoted_at"))


def add_key(keysets: str, at: datetime) -> str:
    """Return the keysets with a second key each, which decrypts only. Raises WrongStep when there are two already."""
    pair = json.loads(keysets)
    if key_state(keysets).keys > 1:
        raise WrongStep("A change of keys is under way: finish it first.")
    fresh = json.loads(new_keysets())
    for name in _NAMES:
        pair[name]["key"].append(fresh[name]["key"][0])
    pair["steps"] = {"added_at": at.isoformat()}
    return json.dumps(pair)


def promote_key(keysets: str, at: datetime) -> str:
    """Return the keysets with the new key as the one that encrypts. Raises WrongStep unless it was added."""
    pair = json.loads(keysets)
    state = key_state(keysets)
    if state.keys < 2 or state.new_is_primary:
        raise WrongStep("There is no added key that waits to be used.")
    for name in _NAMES:
        pair[name]["primaryKeyId"] = pair[name]["key"][-1]["keyId"]
    pair.setdefault("steps", {})["promoted_at"] = at.isoformat()
    return json.dumps(pair)


def remove_old_key(keysets: str) -> str:
    """Return the keysets without the old key. Raises WrongStep unless the new one encrypts."""
    pair: dict[str, Any] = json.loads(keysets)
    state = key_state(keysets)
    if state.keys < 2 or not state.new_is_primary:
        raise WrongStep("There is no old key that could go.")
    for name in _NAMES:
        pair[name]["key"] = [key for key in pair[name]["key"] if key["keyId"] == pair[name]["primaryKeyId"]]
    pair.pop("steps", None)
    return json.dumps(pair)


def replace_keyset_file(path: Path, keysets: str) -> None:
    """Put the text into the place of the key file in one step: a reader sees the old or the new one."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(keysets)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def new_keysets() -> str:
    """Return fresh keysets for both ciphers as the JSON text that the key file holds."""
    aead.register()
    daead.register()
    handles = {
        "aead": tink.new_keyset_handle(aead.aead_key_templates.AES256_GCM),
        "daead": tink.new_keyset_handle(daead.deterministic_aead_key_templates.AES256_SIV),
    }
    return json.dumps(
        {
            name: json.loads(json_proto_keyset_format.serialize(handle, secret_key_access.TOKEN))
            for name, handle in handles.items()
        }
    )


def ensure_keyset_file(path: Path) -> None:
    """Make the key file (mode 600) unless it is there. Of two processes at once the first one's file stays."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(new_keysets())
        if not path.exists():
            os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink(missing_ok=True)
