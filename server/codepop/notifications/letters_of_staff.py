"""Letters to a store's staff: what waits for them, at which store, and where to look. Nothing about a customer."""

from django.utils.translation import gettext as _

from codepop.notifications.letters import Letter


def dispute_opened(*, store: str, url: str) -> Letter:
    return Letter(
        subject=_("A charge is disputed: %(store)s") % {"store": store},
        headline=_("A customer's bank disputes a charge"),
        paragraphs=[
            _("The bank holds the money until it has decided. Until then nothing can be given back for this order."),
            _("The page of the dispute shows what our records prove, and until when the bank takes an answer."),
        ],
        facts=[(_("Store"), store)],
        link=(_("Look at it"), url),
    )


def dispute_due(*, store: str, url: str) -> Letter:
    return Letter(
        subject=_("A dispute is lost soon without an answer: %(store)s") % {"store": store},
        headline=_("The time to answer a dispute is nearly over"),
        paragraphs=[_("Less than three days are left, and no answer was sent. Without one the bank keeps the money.")],
        facts=[(_("Store"), store)],
        link=(_("Answer it"), url),
    )


def card_testing(*, store: str, url: str) -> Letter:
    return Letter(
        subject=_("Somebody tries card after card: %(store)s") % {"store": store},
        headline=_("Many cards were declined in a short time"),
        paragraphs=[
            _("That is how stolen cards are tried out. What exceeds the limit is slowed down or stopped by itself."),
            _("Please look whether it goes on, and say on the page that you have looked."),
        ],
        facts=[(_("Store"), store)],
        link=(_("Look at it"), url),
    )


def amends_waiting(*, store: str, url: str) -> Letter:
    return Letter(
        subject=_("Your yes is needed: %(store)s") % {"store": store},
        headline=_("A colleague wants to make an order good"),
        paragraphs=[_("It is above their limit, so a second person must decide. The customer waits for it.")],
        facts=[(_("Store"), store)],
        link=(_("Decide"), url),
    )
