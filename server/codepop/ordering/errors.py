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
