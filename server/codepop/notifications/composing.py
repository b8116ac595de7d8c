"""From a row of the queue to a letter and its address, made from the state as it is now.

Links are made here, so that their 24 hours begin when the mail goes out, and no table ever holds one.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings

from codepop.accounts.links import reset_link, verification_link
from codepop.accounts.selectors import address_row, find_email
from codepop.core.errors import NotFound
from codepop.gateways.mail import Mail
from codepop.kit.clock import now
from codepop.notifications import letters_of_accounts as accounts
from codepop.notifications import letters_of_orders as orders
from codepop.notifications import letters_of_privacy as privacy
from codepop.notifications import letters_of_staff as staff
from codepop.notifications.addresses import app_url, unsubscribe_url
from codepop.notifications.kinds import RULES, Category, Channel, Kind, Urgency
from codepop.notifications.letters import Letter
from codepop.notifications.models import Message
from codepop.notifications.selectors import choices_of, flaw_of, get_campaign
from codepop.ordering.receipts import ReceiptView, receipt_of
from codepop.payments.selectors import refund_by_id, refund_list
from codepop.stores import selectors as stores

FLAW_TRIED_AGAIN_AFTER: Final = timedelta(days=1)
"""For mail about accounts: a full mailbox looks like a bad one, and nobody may be locked out for good."""
STATEMENT_LENGTH: Final = 22


class NothingToSend(Exception):
    """The message is not wanted or not needed any more, or has nobody to go to."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def compose(row: Message) -> Mail:
    """Return the message to hand over; raises NothingToSend."""
    kind = Kind(row.kind)
    rule = RULES[kind]
    order = _order(row)
    person = row.user_id or (order.customer_id if order else None)
    if rule.category != Category.TRANSACTION and not _wants(person, rule.category):
        raise NothingToSend("not_wanted")
    address = _address(row, order, person)
    _refuse_flawed(address, rule.urgency)
    letter = _LETTERS[kind](row, order, person)
    return Mail(
        message_id=f"<{row.id}@{settings.CODEPOP.mail.domain}>",
        to=address,
        subject=letter.subject,
        text=letter.as_text(),
        html=letter.as_html(),
        headers=_headers(rule.category, rule.urgency, person),
    )


def _order(row: Message) -> ReceiptView | None:
    if row.order_id is None:
        return None
    try:
        return receipt_of(row.order_id)
    except NotFound as error:
        raise NothingToSend("no_order") from error


def _wants(person: UUID | None, category: Category) -> bool:
    return person is not None and choices_of(person)[category, Channel.MAIL]


def _address(row: Message, order: ReceiptView | None, person: UUID | None) -> str:
    if row.address:
        return str(row.address)
    if row.kind == Kind.VERIFY_ADDRESS:
        found = address_row(int(row.subject_id))
        if found is None or found.verified:
            raise NothingToSend("settled")
        return str(found.email)
    address = (find_email(person) if person else None) or (order.contact_email if order else "")
    if not address:
        raise NothingToSend("no_address")
    return address


def _refuse_flawed(address: str, urgency: Urgency) -> None:
    flaw = flaw_of(address)
    if flaw is None or (urgency == Urgency.ACCOUNT and flaw.at < now() - FLAW_TRIED_AGAIN_AFTER):
        return
    raise NothingToSend("flawed_address")


def _headers(category: Category, urgency: Urgency, person: UUID | None) -> dict[str, str]:
    """What can be declined carries RFC 8058's one click."""
    if category == Category.TRANSACTION or person is None:
        return {}
    headers = {
        "List-Unsubscribe": f"<{unsubscribe_url(person, category)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    return headers | ({"Precedence": "bulk"} if urgency == Urgency.BULK else {})


# --- one letter for each kind -----------------------------------------------------------------------------------------

_Make = Callable[[Message, ReceiptView | None, UUID | None], Letter]


def _account(make: Callable[..., Letter], path: str) -> _Make:
    return lambda row, order, person: make(url=app_url(path))


def _verify(row: Message, order: ReceiptView | None, person: UUID | None) -> Letter:
    return accounts.verify_address(url=app_url(verification_link(int(row.subject_id))))


def _with_reset_link(make: Callable[..., Letter]) -> _Make:
    def made(row: Message, order: ReceiptView | None, person: UUID | None) -> Letter:
        if person is None:
            raise NothingToSend("no_account")
        return make(url=app_url(reset_link(person)))

    return made


def _receipt(row: Message, order: ReceiptView | None, person: UUID | None) -> Letter:
    assert order is not None
    refunds = [one for one in refund_list(order.order_id) if one.status in ("pending", "succeeded")]
    return orders.receipt(order=order, statement_text=_statement(order), refunds=refunds)


def _of_refund(make: Callable[..., Letter], status: str) -> _Make:
    """Make the letter only while the refund stands as it says: it may have come back meanwhile."""

    def made(row: Message, order: ReceiptView | None, person: UUID | None) -> Letter:
        assert order is not None
        refund = refund_by_id(UUID(row.subject_id))
        if refund is None or refund.status != status:
            raise NothingToSend("settled")
        return make(order=order, refund=refund, statement_text=_statement(order))

    return made


def _ready(row: Message, order: ReceiptView | None, person: UUID | None) -> Letter:
    assert order is not None
    if order.status != "ready":
        raise NothingToSend("settled")
    return orders.ready(order=order)


def _news(row: Message, order: ReceiptView | None, person: UUID | None) -> Letter:
    campaign = get_campaign(UUID(row.subject_id))
    if campaign is None or person is None:
        raise NothingToSend("settled")
    return Letter(
        subject=campaign.subject,
        headline=campaign.subject,
        paragraphs=campaign.paragraphs,
        unsubscribe_url=unsubscribe_url(person, Category.NEWS),
        postal_address=settings.CODEPOP.mail.postal_address,
    )


def _for_staff(make: Callable[..., Letter]) -> _Make:
    def made(row: Message, order: ReceiptView | None, person: UUID | None) -> Letter:
        store = stores.get_store(UUID(row.subject_id)).name if row.subject_id else "all stores"
        return make(store=store, url=app_url("/staff/attention"))

    return made


def _statement(order: ReceiptView) -> str:
    """What the card statement shows: the account's text, and the order's code (Stripe joins them so)."""
    return f"{settings.CODEPOP.stripe.statement_text}* {order.code}"[:STATEMENT_LENGTH]


_LETTERS: Final[dict[Kind, _Make]] = {
    Kind.VERIFY_ADDRESS: _verify,
    Kind.RESET_PASSWORD: _with_reset_link(accounts.reset_password),
    Kind.STAFF_INVITED: _with_reset_link(accounts.staff_invited),
    Kind.ACCOUNT_EXISTS: _account(accounts.account_exists, "/account/reset"),
    Kind.NO_ACCOUNT: _account(accounts.no_account, "/account/sign-up"),
    Kind.PASSWORD_CHANGED: _account(accounts.password_changed, "/account/reset"),
    Kind.ADDRESS_CHANGE_ASKED: _account(accounts.address_change_asked, "/account/reset"),
    Kind.ADDRESS_CHANGED: _account(accounts.address_changed, "/account"),
    Kind.SECURITY_CHANGED: _account(accounts.security_changed, "/account/reset"),
    Kind.EXPORT_READY: _account(privacy.export_ready, "/account"),
    Kind.ERASURE_ASKED: _account(privacy.erasure_asked, "/account"),
    Kind.ERASURE_BEGUN: _account(privacy.erasure_begun, "/privacy"),
    Kind.ACCOUNT_LOCKED: _account(accounts.account_locked, "/account/reset"),
    Kind.RECEIPT: _receipt,
    Kind.REFUNDED: _of_refund(orders.refunded, "succeeded"),
    Kind.REFUND_RETURNED: _of_refund(orders.refund_returned, "failed"),
    Kind.READY: _ready,
    Kind.DISPUTE_OPENED: _for_staff(staff.dispute_opened),
    Kind.DISPUTE_DUE: _for_staff(staff.dispute_due),
    Kind.CARD_TESTING: _for_staff(staff.card_testing),
    Kind.AMENDS_WAITING: _for_staff(staff.amends_waiting),
    Kind.NEWS: _news,
}
