"""The ways a command on stock can refuse."""

from collections.abc import Mapping
from uuid import UUID

from codepop.core.errors import AppError


class StockShort(AppError):
    """Not enough of something; nothing was reserved. `missing` maps ingredient ids to the units that lack."""

    code = "stock_short"
    http_status = 409
    message = "Something in this order has just run out."

    def __init__(self, missing: Mapping[UUID, int]) -> None:
        self.missing = dict(missing)
        super().__init__()


class ReservationUnknown(AppError):
    code = "reservation_unknown"
    http_status = 404
    message = "Nothing is reserved under this reference."


class ReservationClosed(AppError):
    code = "reservation_closed"
    http_status = 409
    message = "This reservation was already given back or used."


class CountBelowReserved(AppError):
    code = "count_below_reserved"
    http_status = 409
    message = "More than this is promised to paid orders. Cancel or make those first, then correct the count."


class ReasonMissing(AppError):
    code = "reason_missing"
    http_status = 422
    message = "Say why; the book of stock keeps the reason."


class AmountInvalid(AppError):
    code = "amount_invalid"
    http_status = 422
    message = "Amounts are whole units above zero."
