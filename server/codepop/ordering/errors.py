"""The ways in which ordering can refuse."""

from codepop.core.errors import AppError, Conflict


class QuoteRefused(Conflict):
    """These lines can't be sold by this store now; `fields` says which and what helps."""

    code = "quote_refused"
    message = "We can't make this as it is. See what to change."


class QuoteExpired(Conflict):
    code = "quote_expired"
    message = "This price has run out. Ask for a new one; it takes a second."


class QuoteUsed(Conflict):
    code = "quote_used"
    message = "This was ordered already. Look at your orders before you order again."


class QuoteChanged(Conflict):
    """Something changed between showing the price and ordering; the new quote stands beside the error."""

    code = "quote_changed"
    message = "Something changed since you saw the price. Look at it again, then order."


class StoreClosed(AppError):
    code = "store_closed"
    http_status = 409
    message = "This store is closed now."


class PickupInvalid(AppError):
    code = "pickup_invalid"
    http_status = 422
    message = "This pickup time does not work."


class TooLate(Conflict):
    """The order has moved on: what was asked is possible only before."""

    code = "too_late"
    message = "It is too late for that."


class IllegalMove(Conflict):
    """The table of `machine` does not allow this move in the order's present status."""

    code = "illegal_move"
    message = "The order's present state does not allow this."


class NothingToWaitFor(Conflict):
    """The payment provider answers: there is nothing to wait for."""

    code = "nothing_to_wait_for"
    message = "Payments work. You can pay now."


class PickupPassed(Conflict):
    """The pickup that was chosen can't be kept any more, so nobody can agree to be charged for it."""

    code = "pickup_passed"
    message = "The pickup time you chose has passed. Choose another one first. Nothing was charged."


class HeldLongEnough(Conflict):
    """The order was kept for as long as one may be kept unpaid."""

    code = "held_long_enough"
    message = "We can't keep this order any longer. Nothing was charged. Order again when paying works."


class NotPaid(Conflict):
    code = "not_paid"
    message = "This order was cancelled or never charged, so there is nothing to make good."


class NothingLeft(Conflict):
    """Less is left of the charge than what is to be given back."""

    code = "nothing_left"
    message = "That much is not left of this charge: look at what was given back already."


class RemakeUnderWay(Conflict):
    """Drinks of the order are being made again: money for them as well would make them good twice."""

    code = "remake_under_way"
    message = "Drinks of this order are being made again, and nothing is left beside their price."


class UnderDispute(Conflict):
    """The bank holds the money already: giving it back as well would pay twice."""

    code = "under_dispute"
    message = "The bank holds this money in a dispute. Answer the dispute; a refund now would pay twice."
