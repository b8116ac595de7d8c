"""Where the provider's books and ours disagree, and its messages that are held: shown with a remedy, closed by name."""

from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from codepop.accounts.access import Principal, covers, require
from codepop.accounts.policy import POLICY
from codepop.core.errors import InvalidInput, NotFound
from codepop.core.inbox_console import held_messages, release_message, replay_message
from codepop.payments import services as payments
from codepop.payments.selectors import BreakView, open_breaks
from codepop.reporting.staff.desk import require_store, stores_for
from codepop.reporting.staff.screen import page
from codepop.reporting.staff.sign_in import WrongMethod

NOTE_LIMIT: Final = 200
SHOWN: Final = 100

REMEDIES: Final[dict[str, tuple[str, str]]] = {
    "unknown_charge": (
        "A charge that no order explains",
        "Find out whose it is: another system's, or made with a leaked key. Give it back at Stripe if it is nobody's.",
    ),
    "unknown_refund": ("A refund that nobody here asked for", "Find out at Stripe who gave it."),
    "charge_differs": (
        "A charge that contradicts our row",
        "Compare both sides. Give back at Stripe what was charged twice. Nothing was changed here.",
    ),
    "refund_differs": ("A refund that contradicts our row", "Compare both sides. Nothing was changed here."),
    "missing_charge": (
        "Paid here, unknown to Stripe",
        "Look at the keys first: another account, or test mode. The order was made as paid.",
    ),
    "dispute_differs": (
        "A dispute that contradicts our charge",
        "Compare both sides, and answer it at Stripe before its deadline.",
    ),
    "ledger_differs": ("Our ledger lacks what Stripe has", "Tell engineering, and leave it open: it is our error."),
    "day_differs": (
        "A day's sum differs from Stripe's balance",
        "Tell engineering, and leave it open: no single charge differs, so an entry is wrong, doubled or unexplained.",
    ),
}


def shown_differences(who: Principal) -> list[dict[str, object]]:
    """Return the open differences that this person may close, oldest first: of their stores, or of the chain."""
    mine = {store.id: store.name for store in stores_for(who, "staff:difference")}
    chain = whole_chain(who, "staff:difference")
    found = [one for one in open_breaks() if (chain if one.store_id is None else one.store_id in mine)]
    return [_row(one, mine) for one in found[:SHOWN]]


def _row(one: BreakView, names: dict[UUID, str]) -> dict[str, object]:
    title, remedy = REMEDIES[one.kind]
    store = names.get(one.store_id, "") if one.store_id else "no store"
    return {"one": one, "title": title, "remedy": remedy, "store": store}


def shown_messages(who: Principal) -> list[dict[str, object]]:
    """Return the held messages, for whoever answers for the whole chain: a message names no store."""
    if not whole_chain(who, "staff:message"):
        return []
    return [{"one": one, "about": one.kind.replace("_", " ")} for one in held_messages()]


def whole_chain(who: Principal, operation: str) -> bool:
    """Say whether a person may do something for the whole chain."""
    return any(covers(grant, POLICY[operation], store_id=None, region_id=None) for grant in who.grants)


@page("staff:difference")
def close(request: HttpRequest, who: Principal, break_id: UUID) -> HttpResponse:
    """Close a difference that a person has dealt with; how is kept in the audit log."""
    if request.method != "POST":
        raise WrongMethod
    found = next((one for one in open_breaks() if one.id == break_id), None)
    if found is None:
        raise NotFound
    if found.store_id is None:
        require(request, "staff:difference")
    else:
        require_store(request, "staff:difference", found.store_id)
    payments.resolve_break(break_id=break_id, by=f"staff:{who.user_id}", note=_note(request))
    return HttpResponseRedirect(reverse("staff:attention"))


@page("staff:message")
def decide(request: HttpRequest, who: Principal, message_id: int) -> HttpResponse:
    """Have a held message looked at again, or let it go; audited."""
    if request.method != "POST":
        raise WrongMethod
    require(request, "staff:message")
    command = {"again": replay_message, "release": release_message}.get(request.POST.get("answer", ""))
    if command is None:
        raise InvalidInput("Choose what is to be done with the message.")
    if not any(one.id == message_id for one in held_messages()):
        raise NotFound
    command(message_id=message_id, by=f"staff:{who.user_id}", note=_note(request))
    return HttpResponseRedirect(reverse("staff:attention"))


def _note(request: HttpRequest) -> str:
    note = request.POST.get("note", "").strip()
    if not note or len(note) > NOTE_LIMIT:
        raise InvalidInput(f"Say in at most {NOTE_LIMIT} characters what was done; the audit log keeps it.")
    return note
