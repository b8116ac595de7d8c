"""Sessions lie in the database encrypted: a sign-in in progress holds the person's e-mail address."""

import json
from typing import Any

from codepop.core.encryption import cipher

_PURPOSE = "session"


class EncryptedSerializer:
    """Django's session serializer over AES-256-GCM."""

    def dumps(self, obj: Any) -> bytes:
        """Return the encrypted JSON."""
        return cipher().seal(json.dumps(obj, separators=(",", ":")), purpose=_PURPOSE).encode("ascii")

    def loads(self, data: bytes) -> Any:
        """Read it back; raises CannotDecrypt, on which Django starts an empty session."""
        return json.loads(cipher().open(data.decode("ascii"), purpose=_PURPOSE))
