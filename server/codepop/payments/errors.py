"""The ways in which payments can refuse."""

from codepop.core.errors import AppError, Conflict, NotFound, TooManyRequests


class ProviderAway(AppError):
    """The provider does not answer; what was asked stays recorded and may be asked again.

    The first two sentences are the specification's, word for word (scenario 1).
    """

    code = "payment_provider_unavailable"
    http_status = 503
    message = "Payment system temporarily unavailable. Please try again in a few minutes. Nothing is lost."


class ProviderRefuses(AppError):
    """The provider refuses the charge as such: our settings or amounts are wrong."""

    code = "payment_refused"
    http_status = 502
    message = "Our payment provider refused this payment. Nothing was charged. We are looking into it."


class PaymentClosed(Conflict):
    """The payment was cancelled, or is long settled."""

    code = "payment_closed"
    message = "This order can't be paid any more. Nothing was charged."


class TooManyDeclines(TooManyRequests):
    """Too many cards were declined from here lately."""

    code = "too_many_declines"
    message = "Too many cards were declined here. Wait a while, then try again."


class NoAnswerPossible(Conflict):
    """Evidence was sent already, the deadline is over, or the bank has decided."""

    code = "dispute_not_answerable"
    message = "This dispute can't be answered: evidence was sent already, the deadline is over, or it is decided."


class Contradiction(Conflict):
    """The provider's answer contradicts our books: nothing is applied, a person must look."""

    code = "payment_in_doubt"
    message = "Something about this payment does not add up, so we stopped here. We are looking into it."

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__()


class MoreThanCharged(Contradiction):
    """Refunds together exceed their charge, as far as we know them."""


class MethodUnknown(NotFound):
    """No such card is saved for this person."""

    code = "payment_method_unknown"
    message = "This card isn't saved here any more."


class NoSavedCard(Conflict):
    """A charge without its person needs a card they saved before."""

    code = "no_saved_card"
    message = "There is no saved card to charge. You can still wait and pay yourself when paying works again."
