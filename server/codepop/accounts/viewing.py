"""Looking at the staff's pages as another role sees them: nothing can be written, and it ends by itself (DOM-03).

One looks as a role in a place, not as a person: nobody's name is used for what they didn't do. What is looked through
lies in the session and is judged again at every request, so taking the role away ends it too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase

from codepop.accounts.roles import Role, ScopeKind
from codepop.accounts.selectors import Grant
from codepop.kit.clock import now

LENGTH: Final = timedelta(minutes=30)
_KEY: Final = "view_as"


@dataclass(frozen=True)
class View:
    """A role in a place, until when; `region_id` is the region of a store's."""

    grant: Grant
    region_id: UUID | None
    until: datetime


def may_look(held: Sequence[Grant], grant: Grant, region_id: UUID | None) -> bool:
    """Say whether somebody with these roles may look as another: super admins as any, admins as their managers."""
    if grant.role == Role.SUPER_ADMIN:
        return False
    if any(one.role == Role.SUPER_ADMIN for one in held):
        return True
    if grant.role != Role.MANAGER or grant.scope_kind != ScopeKind.STORE:
        return False
    places = {(ScopeKind.CHAIN, None), (ScopeKind.STORE, grant.scope_id), (ScopeKind.REGION, region_id)}
    return any(one.role == Role.ADMIN and (one.scope_kind, one.scope_id) in places for one in held)


def put_view(session: SessionBase, grant: Grant, region_id: UUID | None) -> None:
    """Let the session's person look as this role from now on."""
    session[_KEY] = {
        "role": grant.role.value,
        "kind": grant.scope_kind.value,
        "scope": str(grant.scope_id or ""),
        "region": str(region_id or ""),
        "until": (now() + LENGTH).isoformat(),
    }


def drop_view(session: SessionBase) -> bool:
    """Look as oneself again; says whether it was otherwise."""
    return session.pop(_KEY, None) is not None


def current_view(session: SessionBase, held: Sequence[Grant]) -> View | None:
    """Return as what the session's person looks, None for as themselves: also when the time is over."""
    kept: Mapping[str, str] | None = session.get(_KEY)
    if not kept:
        return None
    view = View(
        Grant(Role(kept["role"]), ScopeKind(kept["kind"]), UUID(kept["scope"]) if kept["scope"] else None),
        UUID(kept["region"]) if kept["region"] else None,
        datetime.fromisoformat(kept["until"]),
    )
    return view if view.until > now() and may_look(held, view.grant, view.region_id) else None
