"""Notices of an order, and what a person decides about mail, over HTTP."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status

from codepop.accounts.access import admit, require
from codepop.core.errors import NotSignedIn
from codepop.core.schemas import ErrorOut
from codepop.notifications import services
from codepop.notifications.kinds import Category, Channel, Flaw
from codepop.notifications.selectors import choices_of, flaw_of_person, notices_of
from codepop.ordering.selectors import OrderAccess, order_access

router = Router(tags=["notifications"])
ERRORS = {401: ErrorOut, 404: ErrorOut}


class NoticeOut(Schema):
    id: UUID
    kind: Literal["receipt", "refunded", "ready"]
    text: str
    at: datetime
    seen: bool


class NoticesOut(Schema):
    notices: list[NoticeOut]


class MailChoice(Schema):
    category: Category
    channel: Channel
    allowed: bool


class MailSettingsOut(Schema):
    """`address_problem` asks the person for another address: mail to theirs comes back, or was called spam."""

    email_hint: str
    address_problem: Flaw | None
    choices: list[MailChoice]


class MailSettingsIn(Schema):
    choices: list[MailChoice]


@router.get(
    "/orders/{order_id}/notices",
    operation_id="list_notices",
    response={200: NoticesOut, **ERRORS},
    summary="What we told about an order",
)
def list_notices(request: HttpRequest, order_id: UUID) -> NoticesOut:
    """Return the notices of an order, newest first: for the app to show what was not seen yet."""
    access = _require_own(request, "list_notices", order_id)
    found = notices_of(order_id, person=access.customer_id)
    return NoticesOut(notices=[NoticeOut(**vars(one)) for one in found])


@router.post(
    "/orders/{order_id}/notices/{notice_id}/seen",
    operation_id="see_notice",
    response={204: None, **ERRORS},
    summary="A notice was seen",
)
def see_notice(request: HttpRequest, order_id: UUID, notice_id: UUID) -> Status[None]:
    """Note that the notice was seen; it is not shown again. May be called twice."""
    _require_own(request, "see_notice", order_id)
    services.see_notice(order_id=order_id, notice_id=notice_id)
    return Status(204, None)


def _require_own(request: HttpRequest, operation: str, order_id: UUID) -> OrderAccess:
    access = order_access(order_id)
    require(request, operation, owner_id=access.customer_id, token_hash=access.token_hash, store_id=access.store_id)
    return access


@router.get(
    "/me/mail", operation_id="get_mail_settings", response={200: MailSettingsOut, 401: ErrorOut}, summary="My mail"
)
def get_mail_settings(request: HttpRequest) -> MailSettingsOut:
    """Return what the person wants to hear of, by which channel, and whether their address works."""
    return _settings_of(request, "get_mail_settings")


@router.put(
    "/me/mail",
    operation_id="set_mail_settings",
    response={200: MailSettingsOut, 401: ErrorOut},
    summary="Choose what we write about",
)
def set_mail_settings(request: HttpRequest, body: MailSettingsIn) -> MailSettingsOut:
    """Record the given choices; what is not named stays as it is. Receipts and mail about the account always come."""
    who = admit(request, "set_mail_settings")
    if who.user is None:
        raise NotSignedIn
    wanted = {(one.category, one.channel): one.allowed for one in body.choices}
    services.choose(user_id=who.user.id, choices=wanted, source="api")
    return _settings_of(request, "set_mail_settings")


def _settings_of(request: HttpRequest, operation: str) -> MailSettingsOut:
    who = admit(request, operation)
    if who.user is None:
        raise NotSignedIn
    return MailSettingsOut(
        email_hint=who.user.email_hint(),
        address_problem=flaw_of_person(who.user.id),
        choices=[
            MailChoice(category=category, channel=channel, allowed=allowed)
            for (category, channel), allowed in choices_of(who.user.id).items()
        ],
    )
