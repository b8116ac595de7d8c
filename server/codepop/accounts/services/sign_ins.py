"""The devices a person is signed in on: recorded at sign-in, ended one by one or all at once (SEC-08)."""

from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock
from typing import Final
from uuid import UUID

from codepop.accounts.errors import SessionUnknown
from codepop.accounts.models import SignIn
from codepop.accounts.services.sessions import end_sessions
from codepop.core.db import transaction
from codepop.kit.clock import now

SEEN_EVERY: Final = timedelta(hours=1)
"""How exact `seen_at` is: each process writes it at most once in this time for a session."""
_REMEMBERED: Final = 10_000

_noted: OrderedDict[str, datetime] = OrderedDict()
_noting: Final = Lock()


def record_sign_in(*, user_id: UUID, session: str, client: str, device: str) -> None:
    """Note that a device signed in, in the session of this stored key."""
    moment = now()
    values = {"user_id": user_id, "client": client, "device": device, "seen_at": moment}
    SignIn.objects.update_or_create(session_id=session, defaults=values)
    _is_due(session, moment)


def note_use(*, user_id: UUID, session: str) -> None:
    """Note that a session was used just now, at most hourly; costs nothing in between."""
    moment = now()
    if _is_due(session, moment):
        earlier = SignIn.objects.filter(user_id=user_id, session_id=session, seen_at__lt=moment - SEEN_EVERY)
        earlier.update(seen_at=moment)


def _is_due(session: str, moment: datetime) -> bool:
    """Say whether this process noted the session's use too long ago, and take it as noted."""
    with _noting:
        before = _noted.get(session)
        if before is not None and moment - before < SEEN_EVERY:
            return False
        _noted[session] = moment
        _noted.move_to_end(session)
        while len(_noted) > _REMEMBERED:
            _noted.popitem(last=False)
    return True


def end_sign_in(*, user_id: UUID, sign_in_id: UUID) -> None:
    """Sign a device of the person's out at once; raises SessionUnknown when it is none of theirs."""
    with transaction():
        row = SignIn.objects.filter(user_id=user_id, id=sign_in_id).first()
        if row is None:
            raise SessionUnknown
        end_sessions([row.session_id])
