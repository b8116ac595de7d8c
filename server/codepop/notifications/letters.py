"""A letter: what a message says, written once and shown as text and as HTML. Sentences are ready to be translated."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.template.loader import render_to_string


@dataclass(frozen=True)
class Row:
    """A line of a receipt: what, how it is made up, and the amount."""

    name: str
    note: str
    amount: str


@dataclass(frozen=True)
class Letter:
    """What is said, in the order in which it is read. `link` is the one thing to do, if there is one."""

    subject: str
    headline: str
    paragraphs: Sequence[str]
    rows: Sequence[Row] = ()
    sums: Sequence[tuple[str, str]] = ()
    facts: Sequence[tuple[str, str]] = ()
    link: tuple[str, str] | None = None
    closing: Sequence[str] = ()
    unsubscribe_url: str = ""
    postal_address: str = ""

    def as_text(self) -> str:
        """Return the text part; plain lines, no markup, nothing escaped."""
        return render_to_string("mail/letter.txt", {"letter": self}).strip() + "\n"

    def as_html(self) -> str:
        """Return the HTML part; every value is escaped, nothing is loaded from anywhere."""
        return render_to_string("mail/letter.html", {"letter": self})
