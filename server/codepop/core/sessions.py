"""Sessions as they lie in the database: found by a hash of their key, and encrypted.

Whoever reads the table, or a copy of it, gets nobody's session from it: the key that opens one is with its person only.
The content is encrypted, since a sign-in in progress holds the person's e-mail address.
"""

import base64
import hashlib
import json
from datetime import datetime
from typing import Any, Final

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from codepop.core.encryption import cipher

_PURPOSE = "session"
_KEPT_BYTES: Final = 30
"""Of SHA-256's 32: in base64 they fill the column of 40 signs. A key has 165 random bits, so no salt is needed."""


class EncryptedSerializer:
    """Django's session serializer over AES-256-GCM."""

    def dumps(self, obj: Any) -> bytes:
        """Return the encrypted JSON."""
        return cipher().seal(json.dumps(obj, separators=(",", ":")), purpose=_PURPOSE).encode("ascii")

    def loads(self, data: bytes) -> Any:
        """Read it back; raises CannotDecrypt, on which Django starts an empty session."""
        return json.loads(cipher().open(data.decode("ascii"), purpose=_PURPOSE))


def stored_key(key: str) -> str:
    """Return under what the database holds the session that a cookie's or an app's key opens."""
    return base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()[:_KEPT_BYTES]).decode("ascii")


def forget_sessions(before: datetime) -> int:
    """Delete the sessions that ended before this moment; returns how many rows went, with those that hang on them."""
    return Session.objects.filter(expire_date__lt=before).delete()[0]


class SessionStore(db.SessionStore):
    """Django's sessions in the database, each in the row that `stored_key` names; `session_key` is the open key.

    The calls of asynchronous code do the same in a thread: Django's own would look for the open key.
    """

    acreate, asave, adelete = SessionBase.acreate, SessionBase.asave, SessionBase.adelete
    aload, aexists = SessionBase.aload, SessionBase.aexists

    def _get_session_from_db(self) -> Session | None:
        open_now = Session.objects.filter(expire_date__gt=timezone.now())
        row = open_now.filter(pk=stored_key(self.session_key)).first() if self.session_key else None
        if row is None:
            self._session_key = None
        return row

    def exists(self, session_key: str) -> bool:
        """Say whether a session has this key."""
        return super().exists(stored_key(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        """Return the row to store."""
        row = super().create_model_instance(data)
        row.session_key = stored_key(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        """Delete the session of this key, or this one."""
        if key := session_key or self.session_key:
            super().delete(stored_key(key))
