"""The signed-in person over HTTP. Signing in and out themselves are allauth's headless endpoints."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from allauth.core.internal.ratelimit import consume
from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from pydantic import StringConstraints

from codepop.accounts import selectors, services
from codepop.accounts.access import Principal, admit
from codepop.accounts.models import EMAIL_MAX_LENGTH
from codepop.accounts.roles import Role, ScopeKind
from codepop.core.errors import NotSignedIn, TooManyRequests
from codepop.core.schemas import ErrorOut, Input

router = Router(tags=["accounts"])


class RoleOut(Schema):
    role: Role
    scope_kind: ScopeKind
    scope_id: UUID | None


class ResendIn(Schema):
    email: str = Field(max_length=EMAIL_MAX_LENGTH)


class MeIn(Input):
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")]


class MeOut(Schema):
    """`second_factor_needed`: the roles count for nothing until the person signs in with a second factor."""

    id: UUID
    email_hint: str
    name: str
    roles: list[RoleOut]
    second_factor_needed: bool


class SessionOut(Schema):
    """A device that is signed in; where it is, is not kept."""

    id: UUID
    client: Literal["browser", "app", "staff"]
    device: str
    signed_in_at: datetime
    seen_at: datetime
    current: bool


class SessionsOut(Schema):
    sessions: list[SessionOut]


@router.get("/me", operation_id="get_me", response={200: MeOut, 401: ErrorOut}, summary="Who am I?")
def get_me(request: HttpRequest) -> MeOut:
    """Return the signed-in person: enough of the address to recognise it, never the whole."""
    return _me(admit(request, "get_me"))


def _me(who: Principal) -> MeOut:
    if who.user is None:
        raise NotSignedIn
    held = [*who.grants, *who.withheld]
    return MeOut(
        id=who.user.id,
        email_hint=who.user.email_hint(),
        name=who.user.name,
        roles=[RoleOut(role=g.role, scope_kind=g.scope_kind, scope_id=g.scope_id) for g in held],
        second_factor_needed=bool(who.withheld),
    )


@router.patch(
    "/me", operation_id="change_me", response={200: MeOut, 401: ErrorOut, 422: ErrorOut}, summary="Call me so"
)
def change_me(request: HttpRequest, body: MeIn) -> MeOut:
    """Set the name that mails and screens use."""
    who = admit(request, "change_me")
    if who.user is None:
        raise NotSignedIn
    services.rename(user_id=who.user.id, name=body.name)
    who.user.name = body.name
    return _me(who)


@router.get(
    "/me/sessions",
    operation_id="list_sessions",
    response={200: SessionsOut, 401: ErrorOut},
    summary="Where am I signed in?",
)
def list_sessions(request: HttpRequest) -> SessionsOut:
    """Return the devices that are signed in, the last used first; `seen_at` is exact to about an hour."""
    return _sessions(admit(request, "list_sessions"))


def _sessions(who: Principal) -> SessionsOut:
    if who.user is None:
        raise NotSignedIn
    found = selectors.sign_ins_of(who.user.id, current=who.session)
    return SessionsOut(sessions=[SessionOut(**vars(one)) for one in found])


@router.delete(
    "/me/sessions/{session_id}",
    operation_id="end_session",
    response={204: None, 401: ErrorOut, 404: ErrorOut},
    summary="Sign a device out",
)
def end_session(request: HttpRequest, session_id: UUID) -> Status[None]:
    """End a session at once, also the one that asks."""
    who = admit(request, "end_session")
    if who.user is None:
        raise NotSignedIn
    services.end_sign_in(user_id=who.user.id, sign_in_id=session_id)
    return Status(204, None)


@router.delete(
    "/me/sessions",
    operation_id="end_other_sessions",
    response={200: SessionsOut, 401: ErrorOut},
    summary="Sign all other devices out",
)
def end_other_sessions(request: HttpRequest) -> SessionsOut:
    """End every session of the person but the one that asks."""
    who = admit(request, "end_other_sessions")
    if who.user is None:
        raise NotSignedIn
    services.end_sessions_of(who.user.id, but=who.session)
    return _sessions(who)


@router.post(
    "/account/verification",
    operation_id="resend_verification",
    response={202: None, 429: ErrorOut},
    summary="Send the confirmation mail again",
)
def resend_verification_mail(request: HttpRequest, body: ResendIn) -> Status[None]:
    """Ask for the mail again. The answer is the same whether the address is known or not; once a minute for each."""
    admit(request, "resend_verification")
    email = body.email.strip().lower()
    if not consume(request, app="allauth.account", action="confirm_email", key=email, limit_get=True):
        raise TooManyRequests(
            "We have just sent a mail to this address. Look into your spam folder, or try again in a minute.",
            headers={"Retry-After": "60"},
        )
    services.resend_verification(email=email)
    return Status(202, None)
