"""Fields that the database holds only as ciphertext (design section 9, DB-08).

Tink does the cryptography: AES-256-GCM for values that are only read back, AES-256-SIV (deterministic)
for values that must be found again by equality. The keyset lies in a file or in the environment, never in
the database. The purpose of a field is the associated data, so a ciphertext copied into another field does
not decrypt. The keyset may hold several live keys: the primary encrypts, all decrypt, and a look-up tries
one deterministic text per key, so that rotation needs no stop (`core.resealing`, docs/keys.md).
"""

import base64
import functools
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import tink
from django.conf import settings
from django.db import models
from django.db.models.lookups import In
from tink import aead, daead, json_proto_keyset_format, secret_key_access

_PREFIX = "e1:"
MARK_LENGTH: Final = len(_PREFIX) + 6
"""So many first characters of a ciphertext say by which key it was made (36 of the 40 bits of Tink's prefix)."""
RELOAD_SECONDS: Final = 5.0
"""A process takes up a changed key file within this time, so that keys change under traffic without a restart."""


class CannotDecrypt(ValueError):
    """A stored text does not belong to any live key, or to another field."""


class Cipher:
    """Both ciphers over one pair of keysets; thread-safe, made once a process."""

    def __init__(self, keysets: str) -> None:
        aead.register()
        daead.register()
        pair = json.loads(keysets)
        self._random = _handle(pair["aead"]).primitive(aead.Aead)
        self._fixed = _handle(pair["daead"]).primitive(daead.DeterministicAead)
        self._fixed_by_key = [_handle(one).primitive(daead.DeterministicAead) for one in _keysets_of_one(pair["daead"])]

    @functools.cached_property
    def mark(self) -> str:
        """Return how the ciphertexts of `seal` begin as long as the primary key stays."""
        return self.seal("", purpose="mark")[:MARK_LENGTH]

    @functools.cached_property
    def fixed_mark(self) -> str:
        """Return how the ciphertexts of `fix` begin as long as the primary key stays."""
        return self.fix("", purpose="mark")[:MARK_LENGTH]

    def seal(self, text: str, *, purpose: str) -> str:
        """Encrypt; the same text gives another ciphertext each time."""
        return _pack(self._random.encrypt(text.encode(), purpose.encode()))

    def open(self, sealed: str, *, purpose: str) -> str:
        """Decrypt what `seal` made for the same purpose; raises CannotDecrypt otherwise."""
        try:
            return str(self._random.decrypt(_unpack(sealed), purpose.encode()), "utf-8")
        except (tink.TinkError, ValueError) as error:
            raise CannotDecrypt(purpose) from error

    def fix(self, text: str, *, purpose: str) -> str:
        """Encrypt deterministically with the primary key: equal texts give equal ciphertexts."""
        return _pack(self._fixed.encrypt_deterministically(text.encode(), purpose.encode()))

    def fixes(self, text: str, *, purpose: str) -> list[str]:
        """Return the deterministic ciphertext under every live key, for look-ups while keys change."""
        return [_pack(one.encrypt_deterministically(text.encode(), purpose.encode())) for one in self._fixed_by_key]

    def unfix(self, fixed: str, *, purpose: str) -> str:
        """Decrypt what `fix` made for the same purpose; raises CannotDecrypt otherwise."""
        try:
            return str(self._fixed.decrypt_deterministically(_unpack(fixed), purpose.encode()), "utf-8")
        except (tink.TinkError, ValueError) as error:
            raise CannotDecrypt(purpose) from error


def _handle(keyset: Any) -> tink.KeysetHandle:
    return json_proto_keyset_format.parse(json.dumps(keyset), secret_key_access.TOKEN)


def _keysets_of_one(keyset: Any) -> list[dict[str, Any]]:
    return [{"primaryKeyId": key["keyId"], "key": [key]} for key in keyset["key"] if key["status"] == "ENABLED"]


def _pack(ciphertext: bytes) -> str:
    return _PREFIX + base64.urlsafe_b64encode(ciphertext).decode().rstrip("=")


def _unpack(text: str) -> bytes:
    if not text.startswith(_PREFIX):
        raise ValueError("not a ciphertext of ours")
    body = text.removeprefix(_PREFIX)
    return base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))


@dataclass(frozen=True)
class _Held:
    keysets: str
    cipher: Cipher
    read_at: float


_held: list[_Held] = []


def cipher() -> Cipher:
    """Return the process's cipher, over the keysets that the settings name; a changed key file is taken up soon."""
    held = _held[0] if _held else None
    if held is None or time.monotonic() - held.read_at > RELOAD_SECONDS:
        held = _read_again(held)
        _held[:] = [held]
    return held.cipher


def _read_again(held: _Held | None) -> _Held:
    keysets = settings.CODEPOP.read_keysets()
    same = held is not None and held.keysets == keysets
    return _Held(keysets, held.cipher if held and same else Cipher(keysets), time.monotonic())


def reload_keys() -> None:
    """Have this process read the keysets again at the next use: it has just changed them."""
    _held.clear()


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]  # generic only in the stubs
    """Text that lies in the database as AES-256-GCM ciphertext. No look-ups; the empty text stays empty."""

    def sealing_purpose(self) -> str:
        """Return the associated data of this field's ciphertexts."""
        return f"{self.model._meta.label_lower}.{self.name}"

    def get_prep_value(self, value: Any) -> Any:
        return cipher().seal(str(value), purpose=self.sealing_purpose()) if value else value

    def from_db_value(self, value: str | None, _expression: Any, _connection: Any) -> str | None:
        return cipher().open(value, purpose=self.sealing_purpose()) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        """Allow only `isnull`; an encrypted text can't be compared in SQL."""
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None


class SearchableEncryptedField(models.CharField):  # type: ignore[type-arg]  # the stubs' two parameters say nothing here
    """Short text as AES-256-SIV ciphertext, lower-cased: `exact`, `iexact` and `in` work, nothing else.

    `purpose` names what the text is, so that the same e-mail gives the same ciphertext in every table that
    must be joined on it. `max_length` is that of the column: 254 holds about 170 characters of text.
    """

    def __init__(self, *args: Any, purpose: str = "email", **kwargs: Any) -> None:
        self.purpose = purpose
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "purpose": self.purpose}

    def get_prep_value(self, value: Any) -> Any:
        if not value or str(value).startswith(_PREFIX):
            return value
        return cipher().fix(str(value).lower(), purpose=self.purpose)

    def from_db_value(self, value: str | None, _expression: Any, _connection: Any) -> str | None:
        return cipher().unfix(value, purpose=self.purpose) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        return _LOOKUPS.get(lookup_name) or (super().get_lookup(lookup_name) if lookup_name == "isnull" else None)


class _AnyKeyIn(In):
    """`IN` over one ciphertext per value and live key."""

    def get_prep_lookup(self) -> Any:
        values: Iterable[Any] = (
            self.rhs if isinstance(self.rhs, Iterable) and not isinstance(self.rhs, str) else [self.rhs]
        )
        field = self.lhs.output_field
        return [c for v in values if v for c in cipher().fixes(str(v).lower(), purpose=field.purpose)]


class _AnyKeyExact(_AnyKeyIn):
    lookup_name = "exact"

    def get_prep_lookup(self) -> Any:
        self.rhs = [self.rhs]
        return super().get_prep_lookup()


_LOOKUPS: dict[str, Any] = {"exact": _AnyKeyExact, "iexact": _AnyKeyExact, "in": _AnyKeyIn}
