"""Stripe's published test cards and what happens to each (docs.stripe.com/testing, as of September 2026).

A card number is looked at once, when a payment method is made of it: what stays is the brand, the last four digits, a
fingerprint and the name of the card's behaviour. Neither number nor security code is kept or logged.
"""

import hashlib
from dataclasses import dataclass

from sandbox.stripe.errors import StripeError, card_error


@dataclass(frozen=True)
class Decline:
    """A refusal by the issuer, in the words Stripe shows to the payer."""

    code: str
    decline_code: str | None
    message: str
    advice: str | None = None
    network_code: str | None = None
    blocked: bool = False


@dataclass(frozen=True)
class TestCard:
    """One test card: its behaviour's name is also its token (`pm_card_` + name)."""

    __test__ = False

    name: str
    number: str
    brand: str = "visa"
    funding: str = "credit"
    decline: Decline | None = None
    authentication: str | None = None
    decline_after_authentication: Decline | None = None
    cvc_check: str = "pass"
    postal_check: str = "pass"
    dispute: str | None = None
    refund: str | None = None
    risk_level: str = "normal"
    attach_only: bool = False

    @property
    def token(self) -> str:
        return f"pm_card_{self.name}"

    @property
    def last4(self) -> str:
        return self.number[-4:]

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(f"sandbox card {self.name}".encode()).hexdigest()[:16]


def _declined(
    decline_code: str, message: str = "Your card was declined.", *, advice: str = "try_again_later", network: str = "05"
) -> Decline:
    return Decline("card_declined", decline_code, message, advice, network)


GENERIC = _declined("generic_decline")
INSUFFICIENT = _declined("insufficient_funds", "Your card has insufficient funds.", network="51")
LOST = _declined("lost_card", advice="do_not_try_again", network="41")
STOLEN = _declined("stolen_card", advice="do_not_try_again", network="43")
VELOCITY = _declined(
    "card_velocity_exceeded",
    "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
)
EXPIRED = Decline("expired_card", "expired_card", "Your card has expired.", "do_not_try_again", "54")
WRONG_CVC = Decline(
    "incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.", "confirm_card_data", "N7"
)
PROCESSING = Decline(
    "processing_error",
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
    "try_again_later",
)
FRAUD = Decline("card_declined", "fraudulent", "Your card was declined.", "do_not_try_again", None, blocked=True)

CARDS = (
    TestCard("visa", "4242424242424242"),
    TestCard("visa_debit", "4000056655665556", funding="debit"),
    TestCard("mastercard", "5555555555554444", brand="mastercard"),
    TestCard("mastercard_debit", "5200828282828210", brand="mastercard", funding="debit"),
    TestCard("amex", "378282246310005", brand="amex"),
    TestCard("discover", "6011111111111117", brand="discover"),
    TestCard("diners", "3056930009020004", brand="diners"),
    TestCard("jcb", "3566002020360505", brand="jcb"),
    TestCard("unionpay", "6200000000000005", brand="unionpay"),
    TestCard("visa_chargeDeclined", "4000000000000002", decline=GENERIC),
    TestCard("visa_chargeDeclinedInsufficientFunds", "4000000000009995", decline=INSUFFICIENT),
    TestCard("visa_chargeDeclinedLostCard", "4000000000009987", decline=LOST),
    TestCard("visa_chargeDeclinedStolenCard", "4000000000009979", decline=STOLEN),
    TestCard("chargeDeclinedExpiredCard", "4000000000000069", decline=EXPIRED),
    TestCard("chargeDeclinedIncorrectCvc", "4000000000000127", decline=WRONG_CVC),
    TestCard("chargeDeclinedProcessingError", "4000000000000119", decline=PROCESSING),
    TestCard("visa_chargeDeclinedVelocityLimitExceeded", "4000000000006975", decline=VELOCITY),
    TestCard("chargeCustomerFail", "4000000000000341", decline=GENERIC, attach_only=True),
    TestCard("cvcCheckFail", "4000000000000101", cvc_check="fail"),
    TestCard("avsZipFail", "4000000000000036", postal_check="fail"),
    TestCard("authenticationRequiredOnSetup", "4000002500003155", authentication="unless_set_up"),
    TestCard("authenticationRequired", "4000002760003184", authentication="always"),
    TestCard("authenticationRequiredSetupForOffSession", "4000003800000446", authentication="already_set_up"),
    TestCard("threeDSecure2Required", "4000000000003220", authentication="required"),
    TestCard("threeDSecureRequired", "4000000000003063", authentication="required"),
    TestCard(
        "threeDSecureRequiredChargeDeclined",
        "4000008400001629",
        authentication="required",
        decline_after_authentication=GENERIC,
    ),
    TestCard("threeDSecureRequiredProcessingError", "4000008400001280", authentication="lookup_error"),
    TestCard("threeDSecureOptional", "4000000000003055", authentication="optional"),
    TestCard("createDispute", "4000000000000259", dispute="fraudulent"),
    TestCard("createDisputeProductNotReceived", "4000000000002685", dispute="product_not_received"),
    TestCard("createDisputeInquiry", "4000000000001976", dispute="inquiry"),
    TestCard("radarBlock", "4100000000000019", decline=FRAUD, risk_level="highest"),
    TestCard("riskLevelElevated", "4000000000009235", risk_level="elevated"),
    TestCard("pendingRefund", "4000000000007726", refund="pending"),
    TestCard("refundFail", "4000000000005126", refund="fails_later"),
)
BY_NAME = {card.name: card for card in CARDS}
BY_TOKEN = {card.token: card for card in CARDS}
BY_NUMBER = {card.number: card for card in CARDS}
DISPLAY_NAMES = {"visa": "Visa", "mastercard": "Mastercard", "amex": "American Express", "discover": "Discover"}


def find_card(number: str) -> TestCard:
    """The test card with this number. Raises the card error Stripe gives for a wrong or a real number."""
    digits = number.replace(" ", "").replace("-", "")
    if not digits.isdigit() or not 12 <= len(digits) <= 19 or not passes_luhn(digits):
        raise _data_error("Your card number is incorrect.", "incorrect_number", "number")
    card = BY_NUMBER.get(digits)
    if card is None:
        message = (
            "Your card was declined. Your request was in test mode, but used a non test card."
            " For a list of valid test cards, visit: https://stripe.com/docs/testing."
        )
        raise card_error(message, "card_declined", decline_code="live_mode_test_card", param="")
    return card


def check_card_data(card: TestCard, *, month: int, year: int, cvc: str | None, today: tuple[int, int]) -> None:
    """Refuse an impossible or past expiry (two-digit years count from 2000) and a security code of the wrong length.
    `today` is (year, month).
    """
    if not 1 <= month <= 12:
        raise _data_error("Your card's expiration month is invalid.", "invalid_expiry_month", "exp_month")
    if full_year(year) < today[0] or full_year(year) > today[0] + 50:
        raise _data_error("Your card's expiration year is invalid.", "invalid_expiry_year", "exp_year")
    if (full_year(year), month) < today:
        raise _data_error("Your card's expiration month is invalid.", "invalid_expiry_month", "exp_month")
    lengths = (3, 4) if card.brand == "amex" else (3,)
    if cvc is not None and (not cvc.isdigit() or len(cvc) not in lengths):
        raise _data_error("Your card's security code is invalid.", "invalid_cvc", "cvc")


def full_year(year: int) -> int:
    return year + 2000 if year < 100 else year


def passes_luhn(digits: str) -> bool:
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + position % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _data_error(message: str, code: str, param: str) -> StripeError:
    error = card_error(message, code, param=param)
    error.stored = False
    return error
