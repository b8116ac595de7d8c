"""What is to be said when something happens; all inside the transaction in which it happened."""

from uuid import UUID

from codepop.accounts.access import staff_who_may
from codepop.accounts.events import AccountMailWanted, AddressConfirmed
from codepop.accounts.selectors import address_row
from codepop.aftersales.events import AmendsWaiting
from codepop.aftersales.selectors import asker_of
from codepop.core.encryption import cipher
from codepop.notifications import services
from codepop.notifications.kinds import Channel, Kind
from codepop.notifications.services import Wish
from codepop.ordering.events import OrderPaid, OrderReady
from codepop.payments.attention import find_dispute
from codepop.payments.events import CardTestingSuspected, DisputeDueSoon, DisputeOpened, RefundSettled
from codepop.privacy.events import ConsentWithdrawn
from codepop.privacy.purposes import Purpose
from codepop.stores import selectors as stores


def order_paid(event: OrderPaid) -> None:
    """A receipt by mail, and word of it in the app: each once, however often the provider tells us."""
    key = f"paid:{event.order_id}"
    services.queue(
        Wish(key=key, kind=Kind.RECEIPT, order_id=event.order_id),
        Wish(key=key, kind=Kind.RECEIPT, order_id=event.order_id, channel=Channel.IN_APP),
    )


def refund_settled(event: RefundSettled) -> None:
    """Tell that the money went back, and correct that when the bank sent it back to us later.

    A refund that failed before anybody was told of it is an operator's matter, not yet the customer's.
    """
    key, about = f"refunded:{event.refund_id}", str(event.refund_id)
    if event.status == "failed" and services.show_again(key=key):
        returned = Kind.REFUND_RETURNED
        services.queue(Wish(key=f"returned:{about}", kind=returned, order_id=event.reference, subject_id=about))
    if event.status != "succeeded":
        return
    services.queue(
        Wish(key=key, kind=Kind.REFUNDED, order_id=event.reference, subject_id=about),
        Wish(key=key, kind=Kind.REFUNDED, order_id=event.reference, subject_id=about, channel=Channel.IN_APP),
    )


def order_ready(event: OrderReady) -> None:
    """Tell by the channels that the person has chosen for what happens to an order."""
    key = f"ready:{event.order_id}"
    services.queue(
        Wish(key=key, kind=Kind.READY, order_id=event.order_id),
        Wish(key=key, kind=Kind.READY, order_id=event.order_id, channel=Channel.IN_APP),
    )


def dispute_opened(event: DisputeOpened) -> None:
    """Tell who can answer it."""
    _tell_staff(Kind.DISPUTE_OPENED, event.dispute_id, _store_of_dispute(event.dispute_id), "staff:answer")


def dispute_due_soon(event: DisputeDueSoon) -> None:
    """Tell them once more."""
    _tell_staff(Kind.DISPUTE_DUE, event.dispute_id, _store_of_dispute(event.dispute_id), "staff:answer")


def card_testing_suspected(event: CardTestingSuspected) -> None:
    """Tell who can say that they looked."""
    _tell_staff(Kind.CARD_TESTING, event.alert_id, event.store_id, "staff:seen")


def amends_waiting(event: AmendsWaiting) -> None:
    """Tell who may decide; whoever asked learns it on the page."""
    asked_by = asker_of(event.amends_id)
    _tell_staff(Kind.AMENDS_WAITING, event.amends_id, event.store_id, "staff:decide", but=asked_by)


def _store_of_dispute(dispute_id: UUID) -> UUID:
    found = find_dispute(dispute_id)
    assert found is not None  # the event is published in the transaction that stored it
    return found.store_id


def _tell_staff(kind: Kind, about: UUID, store_id: UUID | None, operation: str, *, but: UUID | None = None) -> None:
    """Queue one mail for each person whom the policy lets do what is needed at this store; each is told once.

    Without a store it is the matter of who answers for the whole chain.
    """
    region_id = stores.get_store(store_id).region_id if store_id else None
    people = staff_who_may(operation, store_id=store_id, region_id=region_id)
    services.queue(
        *(
            Wish(key=f"{kind}:{about}:{user_id}", kind=kind, user_id=user_id, subject_id=str(store_id or ""))
            for user_id in people
            if user_id != but
        )
    )


def account_mail_wanted(event: AccountMailWanted) -> None:
    """Queue a mail about an account: it goes out at once, and waits when mail is away (C33)."""
    address = cipher().open(event.sealed_address, purpose="mail.address") if event.sealed_address else ""
    services.queue(
        Wish(
            key=event.key,
            kind=Kind(event.kind),
            user_id=event.user_id,
            subject_id=str(event.email_address_id or ""),
            address=address,
        )
    )


def consent_withdrawn(event: ConsentWithdrawn) -> None:
    """What waits to be sent for it is not sent any more."""
    if event.purpose == Purpose.NEWS_MAIL:
        services.drop_news(user_id=event.user_id)


def address_confirmed(event: AddressConfirmed) -> None:
    """A mail to this address was read: whatever we thought of it, it works."""
    if row := address_row(event.email_address_id):
        services.clear_flaw(address=row.email)
