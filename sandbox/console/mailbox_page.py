"""The console's mailbox: what people would find in theirs. A message's HTML is shown in a frame that may do nothing."""

import json

from sandbox.console.markup import chip, counted, empty, esc, facts, moment, table
from sandbox.mail.mailbox import KIND
from sandbox.store import Json, Store

SHOWN = 100
# The frame runs no script, sends no form, loads nothing, and has an origin of its own.
FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)


def filter_form(query: dict[str, str]) -> str:
    """Find by address, subject or words."""
    value = esc(query.get("q", ""))
    return (
        '<form class="filter" method="get"><div><label for="q">Find</label>'
        f'<input id="q" name="q" type="search" placeholder="Address, subject or words" value="{value}"></div>'
        "<button>Show</button></form>"
    )


def overview(store: Store, query: dict[str, str]) -> str:
    """All messages that match, newest first."""
    words = query.get("q", "").strip().lower()
    found = [message for message in store.newest_first(KIND) if words in _searchable(message)]
    if not found:
        text = "Try other words." if words else "Sign up or pay for an order, and its mail appears here by itself."
        return empty("Nothing matches" if words else "No mail yet", text)
    rows = [_row(message) for message in found[:SHOWN]]
    heading = f"<h2>{counted(len(found), 'message', 'messages')}</h2>"
    return f'<div class="card">{heading}{table(("Subject", "To", "Arrived", "Told since"), rows, label="Mail")}</div>'


def _searchable(message: Json) -> str:
    return f"{message['to']} {message['subject']} {message['text']}".lower()


def _row(message: Json) -> tuple[str, ...]:
    return (
        f'<a href="/mailbox/{esc(message["id"])}">{esc(message["subject"] or "(no subject)")}</a>',
        esc(", ".join(message["recipients"])),
        moment(message["received_at"]),
        _events(message),
    )


def _events(message: Json) -> str:
    tones = {"bounce": "bad", "complaint": "bad", "delivery": "ok"}
    return " ".join(chip(event["kind"], tones[event["kind"]]) for event in message["events"]) or "nothing"


def detail(message: Json) -> tuple[str, str]:
    """One message: the part that is refreshed, and the part that stays (a frame would lose its place)."""
    about = facts(
        [
            ("From", esc(message["from"])),
            ("To", esc(", ".join(message["recipients"]))),
            ("Arrived", moment(message["received_at"])),
            ("Over", esc(f"{message['tls'] or 'no TLS'}, signed in as {message['user'] or 'nobody'}")),
            ("Told since", _events(message)),
        ]
    )
    return f'<div class="card">{about}</div>', _body(message)


def _body(message: Json) -> str:
    key = esc(message["id"])
    buttons = "".join(
        f'<button type="button" class="small" data-post="/_sandbox/mail/messages/{key}/events"'
        f" data-body='{esc(json.dumps({'kind': kind}))}' data-done=\"{done}\">{words}</button> "
        for kind, words, done in (
            ("bounce", "Let it bounce", "A bounce is being reported"),
            ("complaint", "Report as spam", "A complaint is being reported"),
        )
    )
    headers = "\n".join(f"{name}: {value}" for name, value in message["headers"])
    frame = (
        f'<iframe class="letter" title="Message as HTML" sandbox="allow-popups allow-popups-to-escape-sandbox"'
        f' src="/mailbox/{key}/html"></iframe>'
        if message["html"]
        else "<p>This message has no HTML part.</p>"
    )
    return (
        f'<p class="actions">{buttons}</p><div class="card"><h2>As HTML</h2>{frame}</div>'
        f'<div class="card"><h2>As text</h2><pre tabindex="0" class="wrap">{esc(message["text"])}</pre></div>'
        f'<div class="card"><details data-key="headers"><summary>Headers</summary>'
        f'<pre tabindex="0" class="wrap">{esc(headers)}</pre></details></div>'
    )
