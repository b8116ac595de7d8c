"""People's own data over HTTP: what they agree to, the file with everything, and being erased."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status

from codepop.accounts.access import admit
from codepop.core.errors import NotSignedIn
from codepop.core.schemas import ErrorOut
from codepop.privacy import services
from codepop.privacy.notices import CURRENT, NOTICES
from codepop.privacy.purposes import OPTIONAL, PURPOSES, Basis, Purpose
from codepop.privacy.selectors import consents_of, erasure_of, exports_of

router = Router(tags=["privacy"])
NOT_IN: dict[int, Any] = {401: ErrorOut}


class PurposeOut(Schema):
    """`optional`: a person decides about it, and it is no until they say yes to this `version`."""

    purpose: Purpose
    title: str
    says: str
    basis: Basis
    version: int
    optional: bool


class NoticeVersionOut(Schema):
    version: int
    valid_from: date
    changes: str
    url: str


class PrivacyNoticeOut(Schema):
    current: NoticeVersionOut
    versions: list[NoticeVersionOut]
    purposes: list[PurposeOut]


class ConsentOut(Schema):
    """`ask`: they never decided, or agreed to what has changed since; until they do it counts as no."""

    purpose: Purpose
    given: bool
    version: int
    current_version: int
    at: datetime | None
    ask: bool


class ExportOut(Schema):
    """`url` is there once it is ready, for the signed-in person only, until `expires_at`."""

    id: UUID
    ready: bool
    asked_at: datetime
    expires_at: datetime | None
    url: str | None


class ErasureOut(Schema):
    """`waits_for` says in words what has to end first, such as an order that is being made."""

    state: Literal["asked", "under_way"]
    asked_at: datetime
    due_at: datetime
    waits_for: str


class MyPrivacyOut(Schema):
    consents: list[ConsentOut]
    exports: list[ExportOut]
    erasure: ErasureOut | None


class DecisionIn(Schema):
    """`version` is that of the purpose as it was shown."""

    purpose: Purpose
    given: bool
    version: int


class DecisionsIn(Schema):
    decisions: list[DecisionIn]


class ErasureIn(Schema):
    """The word is asked for, so that no slip of the finger begins it."""

    confirm: Literal["erase"]


class ExportAskedOut(Schema):
    id: UUID


def _notice(one: Any) -> NoticeVersionOut:
    return NoticeVersionOut(
        version=one.version, valid_from=one.valid_from, changes=one.changes, url=f"/privacy/{one.version}"
    )


def _person(request: HttpRequest, operation: str) -> UUID:
    who = admit(request, operation)
    if who.user_id is None:
        raise NotSignedIn
    return who.user_id


def _mine(user_id: UUID) -> MyPrivacyOut:
    erasure = erasure_of(user_id)
    return MyPrivacyOut(
        consents=[ConsentOut(**vars(one)) for one in consents_of(user_id)],
        exports=[
            ExportOut(**vars(one), url=f"/api/v1/me/privacy/exports/{one.id}/file" if one.ready else None)
            for one in exports_of(user_id)
        ],
        erasure=ErasureOut(**vars(erasure)) if erasure else None,
    )


@router.get(
    "/privacy", operation_id="get_privacy_notice", response={200: PrivacyNoticeOut}, summary="What data are used for"
)
def get_privacy_notice(request: HttpRequest) -> PrivacyNoticeOut:
    """Return the notice's versions and every purpose: why it is lawful, and whether a person decides about it."""
    admit(request, "get_privacy_notice")
    return PrivacyNoticeOut(
        current=_notice(CURRENT),
        versions=[_notice(one) for one in NOTICES],
        purposes=[PurposeOut(purpose=p, **vars(rule), optional=p in OPTIONAL) for p, rule in PURPOSES.items()],
    )


@router.get(
    "/me/privacy", operation_id="get_my_privacy", response={200: MyPrivacyOut, **NOT_IN}, summary="My data and choices"
)
def get_my_privacy(request: HttpRequest) -> MyPrivacyOut:
    """Return what the person agreed to, their files, and their erasure if one was asked for."""
    return _mine(_person(request, "get_my_privacy"))


@router.put(
    "/me/privacy/consents",
    operation_id="set_consents",
    response={200: MyPrivacyOut, **NOT_IN, 409: ErrorOut, 422: ErrorOut},
    summary="Agree, or take it back",
)
def set_consents(request: HttpRequest, body: DecisionsIn) -> MyPrivacyOut:
    """Record decisions; they work at once. A yes to an old version is refused (`notice_changed`), a no never."""
    user_id = _person(request, "set_consents")
    wanted = {one.purpose: (one.given, one.version) for one in body.decisions}
    services.decide(user_id=user_id, decisions=wanted, source="api")
    return _mine(user_id)


@router.post(
    "/me/privacy/exports",
    operation_id="ask_export",
    response={202: ExportAskedOut, **NOT_IN},
    summary="Have all my data put together",
)
def ask_export(request: HttpRequest) -> Status[ExportAskedOut]:
    """Begin; a mail tells when it is ready. Asking again within the hour gives the same file."""
    found = services.ask_export(user_id=_person(request, "ask_export"))
    return Status(202, ExportAskedOut(id=found))


@router.get(
    "/me/privacy/exports/{export_id}/file",
    operation_id="get_export_file",
    response={401: ErrorOut, 404: ErrorOut},
    summary="All my data in one file",
    openapi_extra={
        "responses": {
            200: {
                "description": "A zip file with data.json and index.html",
                "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
            }
        }
    },
)
def get_export_file(request: HttpRequest, export_id: UUID) -> HttpResponse:
    """Return the file; 404 when it is not ready, has expired, or is somebody else's.

    401 `confirmation_needed` unless the person confirmed within five minutes that it is them.
    """
    content = services.export_file(export_id=export_id, user_id=_person(request, "get_export_file"))
    answer = HttpResponse(content, content_type="application/zip")
    answer["Content-Disposition"] = 'attachment; filename="codepop-my-data.zip"'
    answer["Cache-Control"] = "no-store"
    return answer


@router.post(
    "/me/privacy/erasure",
    operation_id="ask_erasure",
    response={202: MyPrivacyOut, **NOT_IN, 422: ErrorOut},
    summary="Erase me",
)
def ask_erasure(request: HttpRequest, body: ErasureIn) -> Status[MyPrivacyOut]:
    """Begin the week after which the account is erased. What the person agreed to ends at once; a mail tells them.

    401 `confirmation_needed` unless the person confirmed within five minutes that it is them.
    """
    user_id = _person(request, "ask_erasure")
    services.ask_erasure(user_id=user_id)
    return Status(202, _mine(user_id))


@router.delete(
    "/me/privacy/erasure",
    operation_id="withdraw_erasure",
    response={200: MyPrivacyOut, **NOT_IN, 409: ErrorOut},
    summary="Keep my account after all",
)
def withdraw_erasure(request: HttpRequest) -> MyPrivacyOut:
    """Take the wish back while the week runs; 409 `nothing_to_withdraw` afterwards."""
    user_id = _person(request, "withdraw_erasure")
    services.withdraw_erasure(user_id=user_id)
    return _mine(user_id)
