"""The console's fault switches: one for each kind, with how often, for how long and how much delay."""

from sandbox.console.markup import esc
from sandbox.faults import DELAYS, MAIL_KINDS, REQUEST_KINDS, SEARCH_KINDS, WEBHOOK_KINDS, Fault, provider_of

TITLES = {
    "outage": "Outage",
    "refuse_before": "Fails before processing",
    "hang_up": "Hangs up before processing",
    "fail_after": "Fails after processing",
    "hang_up_after": "Hangs up after processing",
    "stored_500": "Stored 500",
    "stored_before": "Stored 500, nothing done",
    "latency": "Slow",
    "timeout_after": "Answer never comes",
    "cut": "Reply cut off",
    "rate_limit": "Rate limit",
    "rate_bucket": "Rate limit of 25 a second",
    "html": "HTML instead of JSON",
    "wrong_amount": "Answer with a wrong amount",
    "wrong_currency": "Answer in a wrong currency",
    "webhook_lost": "Lost",
    "webhook_late": "Late",
    "webhook_early": "Before the answer",
    "webhook_double": "Doubled",
    "webhook_reorder": "Out of order",
    "webhook_bad_signature": "Wrong signature",
    "webhook_other_secret": "Another secret",
    "webhook_old_timestamp": "Old timestamp",
    "webhook_future_timestamp": "Timestamp of the future",
    "webhook_invalid_utf8": "Broken text",
    "webhook_huge_body": "Huge body",
    "webhook_unknown_type": "Unknown type",
    "webhook_wrong_amount": "Wrong amount",
    "webhook_wrong_account": "Another account's",
    "search_lag": "Search lags behind",
    "smtp_outage": "Mail server away",
    "smtp_refuse": "Address refused",
    "smtp_greylist": "Greylisted",
    "smtp_spam": "Refused as spam",
    "smtp_full": "No room",
    "smtp_timeout": "Answer never comes to mail",
    "smtp_cut": "Connection cut after mail",
    "smtp_bounce": "Bounces later",
}
GROUPS = (
    ("Requests to Stripe", REQUEST_KINDS),
    ("Webhooks from Stripe", WEBHOOK_KINDS),
    ("Search", SEARCH_KINDS),
    ("Mail", MAIL_KINDS),
)


def switches(active: list[Fault]) -> str:
    """All switches in their present position."""
    on = {fault.kind: fault for fault in active if fault.provider == provider_of(fault.kind)}
    parts = [
        '<p class="lead">A switch is on until you turn it off, its time is over or it has struck often enough.</p>'
    ]
    for title, kinds in GROUPS:
        cards = "".join(_switch(kind, words, on.get(kind)) for kind, words in kinds.items())
        parts.append(f'<section><h2>{esc(title)}</h2><div class="switches">{cards}</div></section>')
    return "".join(parts)


def _switch(kind: str, words: str, fault: Fault | None) -> str:
    state = f"struck {fault.hits}" if fault else "off"
    delay = ""
    if kind in DELAYS:
        delay = (
            f'<div><label for="{kind}-delay">Delay, ms</label>'
            f'<input id="{kind}-delay" name="delay_ms" type="number" min="0" max="600000" value="{DELAYS[kind]}"></div>'
        )
    return (
        f'<form class="card switch" data-kind="{kind}" data-provider="{provider_of(kind)}"><div class="switch-head"><h3'
        f' id="{kind}-name">{esc(TITLES[kind])}</h3>'
        f'<button type="button" role="switch" aria-checked="{"true" if fault else "false"}"'
        f' aria-labelledby="{kind}-name"><span></span></button></div>'
        f"<p>{esc(words)}</p>"
        f'<div class="settings"><div><label for="{kind}-share">How often</label><select id="{kind}-share"'
        f' name="probability">'
        '<option value="1">always</option><option value="0.5">every second</option><option value="0.1">one in'
        " ten</option></select></div>"
        f'<div><label for="{kind}-end">Until</label><select id="{kind}-end" name="end"><option value="">turned'
        f" off</option>"
        '<option value="once">it struck once</option><option value="30">30 seconds</option><option value="300">5'
        " minutes</option>"
        f'</select></div>{delay}</div><p class="quiet" data-state>{state}</p></form>'
    )
