"""The ways in which payments can refuse."""

from codepop.core.errors import AppError, Conflict


class ProviderAway(AppError):
    """The provider does not answer; what was asked stays recorded and may be asked again."""

    code = "payment_provider_unavailable"
    http_status = 503
    message = (
        "Our payment provider does not answer right now. Your order is kept and nothing was charged. "
        "Try again in a moment."
    )


class ProviderRefuses(AppError):
    """The provider refuses the charge as such: our settings or amounts are wrong."""

    code = "payment_refused"
    http_status = 502
    message = "Our payment provider refused this payment. Nothing was charged. We are looking into it."


class PaymentClosed(Conflict):
    """The payment was cancelled, or is long settled."""

    code = "payment_closed"
    message = "This order can't be paid any more. Nothing was charged."


class Contradiction(Conflict):
    """The provider's answer contradicts our books: nothing is applied, a person must look."""

    code = "payment_in_doubt"
    message = "Something about this payment does not add up, so we stopped here. We are looking into it."

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__()
