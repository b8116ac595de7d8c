"""How things stand with Stripe, from both sides, for `./run doctor stripe` and the runbook docs/runbooks/stripe.md."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.urls import reverse

from codepop.core.models import InboxMessage, InboxState
from codepop.gateways.payments import EventKind, GatewayError, Refused
from codepop.gateways.payments.stripe import WEBHOOK_EVENTS, gateway
from codepop.kit.clock import now
from codepop.ops.findings import Finding, State
from codepop.payments.selectors import count_unsettled, open_breaks

RUNBOOK = "docs/runbooks/stripe.md"
LATE = timedelta(minutes=5)
UNDELIVERED_SINCE = timedelta(hours=1)


def api() -> Iterator[Finding]:
    """Ask Stripe something that costs nothing, and if it answers, what it tells us of by itself."""
    try:
        gateway().page_of_intents(since=now(), until=now())
    except GatewayError as error:
        if isinstance(error, Refused) or error.code == "key_refused":
            remedy = f"Is the key revoked or replaced? {RUNBOOK}, key leaked."
            yield Finding("stripe.api", State.MISSING, f"our key is refused ({error.code})", remedy)
        else:
            remedy = f"Orders wait by themselves. {RUNBOOK}, outage."
            yield Finding("stripe.api", State.MISSING, f"no answer ({error.code or type(error).__name__})", remedy)
    else:
        yield Finding("stripe.api", State.OK, "answers")
        yield from _endpoint()


def _endpoint() -> Iterator[Finding]:
    """Say whether Stripe sends all that we need to our address."""
    url = f"{settings.CODEPOP.public_url}{reverse('webhook_stripe')}"
    try:
        missing = gateway().messages_not_sent_to(url=url)
    except Refused as error:
        remedy = "Let the key read webhook endpoints (docs/keys.md), or look at them in Stripe's dashboard."
        yield Finding("stripe.endpoint", State.DEGRADED, f"the key may not look ({error.code})", remedy)
    except GatewayError:
        yield Finding("stripe.endpoint", State.DEGRADED, "Stripe can't be asked", f"{RUNBOOK}, outage.")
    else:
        remedy = f"docs/keys.md lists what to subscribe to. {RUNBOOK}, webhook not arriving."
        if len(missing) == len(WEBHOOK_EVENTS):
            yield Finding("stripe.endpoint", State.DEGRADED, f"no active endpoint at {url}", remedy)
        elif missing:
            yield Finding("stripe.endpoint", State.DEGRADED, f"not subscribed to {', '.join(missing)}", remedy)
        else:
            yield Finding("stripe.endpoint", State.OK, f"{len(WEBHOOK_EVENTS)} kinds of messages are subscribed to")


def messages() -> Iterator[Finding]:
    """Say whether Stripe could deliver its messages, and what became of them."""
    last = InboxMessage.objects.order_by("-id").values_list("received_at", flat=True).first()
    heard = f"last heard {last:%Y-%m-%d %H:%M} UTC" if last else "never heard"
    try:
        undelivered = gateway().undelivered_events(since=now() - UNDELIVERED_SINCE)
    except GatewayError:
        yield Finding("stripe.messages", State.DEGRADED, f"{heard}; Stripe can't be asked", f"{RUNBOOK}, outage.")
    else:
        ids = {event.id for event in undelivered if event.kind != EventKind.OTHER}
        # What was taken in by reconciliation stays undelivered in Stripe's eyes.
        waiting = len(ids) - InboxMessage.objects.filter(external_id__in=ids).count()
        if waiting:
            remedy = f"./run reconcile takes them in. {RUNBOOK}, webhook not arriving."
            yield Finding("stripe.messages", State.DEGRADED, f"{waiting} not delivered; {heard}", remedy)
        else:
            yield Finding("stripe.messages", State.OK, f"all delivered; {heard}")
    held = InboxMessage.objects.filter(state=InboxState.QUARANTINED).count()
    if held:
        remedy = f"python server/manage.py inbox. {RUNBOOK}, dispute and reconciliation break."
        yield Finding("stripe.held", State.DEGRADED, f"{held} messages are held for a person", remedy)
    else:
        yield Finding("stripe.held", State.OK, "no message is held")


def money() -> Iterator[Finding]:
    """Say what is not settled, and what differs."""
    late = count_unsettled(before=now() - LATE)
    if late:
        yield Finding("stripe.unsettled", State.DEGRADED, f"{late} payments or refunds are open for 5 minutes", RUNBOOK)
    else:
        yield Finding("stripe.unsettled", State.OK, "nothing is late")
    breaks = len(open_breaks())
    if breaks:
        remedy = f"./run reconcile lists them. {RUNBOOK}, reconciliation break."
        yield Finding("stripe.differences", State.DEGRADED, f"{breaks} differences need a person", remedy)
    else:
        yield Finding("stripe.differences", State.OK, "none open")


CHECKS = (api, messages, money)
