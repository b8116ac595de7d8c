"""The console's list of test cards: which number does what."""

from sandbox.console.markup import brand, chip, esc, table
from sandbox.stripe.cards import CARDS, TestCard

SECURE = {
    "required": "asks for 3-D Secure, then pays",
    "always": "asks for 3-D Secure at every payment",
    "unless_set_up": "asks for 3-D Secure, off-session only until it was set up",
    "already_set_up": "asks for 3-D Secure while the payer is there, pays off-session",
    "optional": "pays, with 3-D Secure only when it is asked for",
    "lookup_error": "needs 3-D Secure, and its look-up fails: declined",
}
LATER = {
    "fraudulent": "pays, then is disputed as fraud",
    "product_not_received": "pays, then is disputed: product not received",
    "inquiry": "pays, then the bank asks about it",
    "pending": "pays, refunds arrive a moment later",
    "fails_later": "pays, refunds succeed and fail a moment later",
}


def outcome(card: TestCard) -> tuple[str, str]:
    """What happens with the card, in a word and in a sentence."""
    if card.attach_only:
        return "declined", "can be saved; charging it is declined"
    if card.decline:
        return "declined", f"{card.decline.decline_code or card.decline.code}: {card.decline.message}".replace(
            "_", " ", 3
        )
    if card.decline_after_authentication:
        return "declined", "asks for 3-D Secure, then is declined"
    if card.authentication:
        return ("declined" if card.authentication == "lookup_error" else "3-D Secure"), SECURE[card.authentication]
    if card.dispute or card.refund:
        return "pays", LATER[card.dispute or card.refund or ""]
    if card.cvc_check == "fail":
        return "pays", "pays, the check of the security code fails"
    if card.postal_check == "fail":
        return "pays", "pays, the check of the postal code fails"
    if card.risk_level != "normal":
        return "pays", f"pays, with {card.risk_level} risk"
    return "pays", "pays at once"


def card_table() -> str:
    """All test cards with their numbers, tokens and outcomes."""
    tones = {"pays": "ok", "declined": "bad", "3-D Secure": "warn"}
    rows = []
    for card in CARDS:
        word, words = outcome(card)
        number = " ".join(card.number[start : start + 4] for start in range(0, len(card.number), 4))
        rows.append(
            (
                f'<span class="mono nowrap">{number}</span>',
                brand(card.brand) + (" debit" if card.funding == "debit" else ""),
                chip(word, tones[word]),
                esc(words),
                f'<span class="mono">{esc(card.token)}</span>',
            )
        )
    words = "Any later date and any security code of the right length go with these. Real cards are refused."
    lead = f'<p class="lead">{words}</p>'
    names = ("Number", "Brand", "Outcome", "What happens", "Token")
    return f'{lead}<div class="card">{table(names, rows, label="Test cards")}</div>'
