"""The signed-in person over HTTP. Signing in and out themselves are allauth's headless endpoints."""

from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from codepop.accounts.access import admit
from codepop.accounts.roles import Role, ScopeKind
from codepop.core.errors import NotSignedIn
from codepop.core.schemas import ErrorOut

router = Router(tags=["accounts"])


class RoleOut(Schema):
    role: Role
    scope_kind: ScopeKind
    scope_id: UUID | None


class MeOut(Schema):
    id: UUID
    email_hint: str
    name: str
    roles: list[RoleOut]


@router.get("/me", operation_id="get_me", response={200: MeOut, 401: ErrorOut}, summary="Who am I?")
def get_me(request: HttpRequest) -> MeOut:
    """Return the signed-in person: enough of the address to recognise it, never the whole."""
    who = admit(request, "get_me")
    if who.user is None:
        raise NotSignedIn
    roles = [RoleOut(role=g.role, scope_kind=g.scope_kind, scope_id=g.scope_id) for g in who.grants]
    return MeOut(id=who.user.id, email_hint=who.user.email_hint(), name=who.user.name, roles=roles)
