"""The provider's messages on their way to us: in order or not, doubled, lost, late, spoilt, forged."""

import json
from dataclasses import dataclass, field

from chaos.invariants import Told
from chaos.matrix import Coverage
from chaos.people import Shopper
from chaos.provider import Json, signed
from chaos.steps import Step
from chaos.strike import Striker
from chaos.worker import columns
from chaos.world import World
from codepop.gateways.payments.stripe.webhooks import WEBHOOK_EVENTS

LATE_SECONDS = 3600
BEYOND_TOLERANCE = 400
SPOILT = frozenset({"forged", "old", "future", "other_secret", "huge"})
"""Messages that must be refused with a 4xx and leave nothing behind."""


@dataclass
class Post:
    """Brings the messages of one history's provider."""

    world: World
    striker: Striker
    told: Told
    coverage: Coverage
    delivered: set[str] = field(default_factory=set)

    def waiting(self) -> list[Json]:
        """Return what the endpoint is subscribed to and we have not yet taken, oldest first."""
        told = [event for event in self.world.provider.events() if event["type"] in WEBHOOK_EVENTS]
        return [event for event in told if event["id"] not in self.delivered]

    def play(self, step: Step) -> str:
        """Deliver as the step says; returns the statuses of our answers."""
        how = step.how
        events = self.waiting()
        if not events and how in ("double", *SPOILT, "unknown", "stranger"):
            events = self.world.provider.events()[:1]
        if not events:
            return "nothing to deliver"
        number = 14 if _about_refund(events[0]) else 7
        if how in ("double", "backwards", "lost", "late"):
            self.coverage.visit(number, how)
        if how == "late":
            self.world.clock.advance(LATE_SECONDS)
            self.world.clock.share()
        if how == "lost":
            self.delivered.add(events[0]["id"])
            return "lost one"
        if how in SPOILT or how in ("unknown", "stranger"):
            return self._spoilt(events[0], how)
        chosen = {"next": events[:1], "double": [*events[:1], *events[:1]], "backwards": events[::-1]}.get(how, events)
        if how == "shuffled":
            chosen = [*chosen[1::2], *chosen[::2]]
        fault = step.fault
        statuses = []
        for event in chosen:
            statuses.append(self._deliver(event, fault))
            fault = ""
        return f"{how} {' '.join(statuses)}"

    def deliver_all(self) -> None:
        """Bring everything that is still on its way."""
        for event in self.waiting():
            self._deliver(event, "")

    def _deliver(self, event: Json, fault: str) -> str:
        body = json.dumps(event).encode()
        outcome = self.striker.run(lambda: self._send(body, signed(body)), fault)
        if outcome.struck:
            for column in columns(fault, outcome):
                self.coverage.visit(14 if _about_refund(event) else 7, column)
        status = outcome.said["status"] if outcome.said else 0
        if status == 200:
            self.delivered.add(event["id"])
        elif outcome.said and not fault:
            self.told.disagreements.append(f"message {event['type']} was answered {status}")
        return str(status or "no answer")

    def _send(self, body: bytes, signature: str) -> Json:
        answer = self.world.client.post(
            "/webhooks/stripe", data=body, content_type="application/json", headers={"Stripe-Signature": signature}
        )
        return {"status": answer.status_code}

    def _spoilt(self, event: Json, how: str) -> str:
        """Send what must have no effect: refused, or taken and put aside."""
        content = dict(event)
        if how == "unknown":
            content |= {"id": f"{event['id']}x", "type": "balance.available"}
        if how == "stranger":
            subject = {**event["data"]["object"], "id": "pi_3S0000000000000000stranger", "payment_intent": None}
            content |= {"id": f"{event['id']}s", "data": {"object": subject}, "type": "payment_intent.succeeded"}
        if how == "huge":
            content["padding"] = "x" * 300_000
        body = json.dumps(content).encode()
        age = {"old": BEYOND_TOLERANCE, "future": -BEYOND_TOLERANCE}.get(how, 0)
        secret = "whsec_somebody_elses" if how in ("forged", "other_secret") else "whsec_sandbox"
        signature = "t=1,v1=00" if how == "forged" else signed(body, secret=secret, age_seconds=age)
        status = self._send(body, signature)["status"]
        self.coverage.visit(6, how)
        if how in SPOILT and not 400 <= status < 500:
            self.told.disagreements.append(f"a message that is {how} was answered {status}")
        if how == "stranger":
            self.told.lied_about.add("pi_3S0000000000000000stranger")
            self.coverage.visit(6, "wrong_account")
        return f"{how} {status}"

    def refund_by_hand(self, shopper: Shopper, how: str) -> str:
        """Give money back at the provider's dashboard."""
        books = [one for one in self.world.provider.books() if one["id"] == shopper.intent_id]
        left = sum(one["amount_captured"] - one["amount_refunded"] for one in books)
        if left <= 0:
            return "nothing left"
        answer = self.world.provider.refund_by_hand(shopper.intent_id, min(left, 53) if how == "part" else left)
        return str(answer.get("status") or answer["error"].get("code"))


def _about_refund(event: Json) -> bool:
    return str(event["type"]).startswith(("refund.", "charge.refund"))
