"""Disputes of charges, and the evidence against them."""

from datetime import UTC, datetime
from typing import Final

import stripe

from codepop.gateways.payments.disputes import DisputeStatus, Evidence, FundsMovement, ProviderDispute
from codepop.gateways.payments.stripe.connection import Connection
from codepop.gateways.payments.stripe.reading import PAGE, id_of, unix

_STATUS: Final[dict[str, DisputeStatus]] = {
    "needs_response": DisputeStatus.NEEDS_RESPONSE,
    "warning_needs_response": DisputeStatus.NEEDS_RESPONSE,
    "under_review": DisputeStatus.UNDER_REVIEW,
    "warning_under_review": DisputeStatus.UNDER_REVIEW,
    "won": DisputeStatus.WON,
    "lost": DisputeStatus.LOST,
    "warning_closed": DisputeStatus.CLOSED,
    "prevented": DisputeStatus.CLOSED,
}


class Disputes:
    """DisputeGateway over Stripe."""

    _stripe: Connection

    def fetch_dispute(self, *, dispute_id: str) -> ProviderDispute:
        return _dispute(self._stripe.query("fetch_dispute", lambda client: client.v1.disputes.retrieve(dispute_id)))

    def list_disputes(self, *, since: datetime) -> list[ProviderDispute]:
        def walk(client: stripe.StripeClient) -> list[stripe.Dispute]:
            page = client.v1.disputes.list({"created": {"gte": unix(since)}, "limit": PAGE})
            return list(page.auto_paging_iter())

        return [_dispute(one) for one in self._stripe.query("list_disputes", walk)]

    def submit_evidence(self, *, dispute_id: str, evidence: Evidence, key: str) -> ProviderDispute:
        sent = self._stripe.command(
            "submit_evidence",
            lambda client: client.v1.disputes.update(
                dispute_id,
                {
                    "evidence": {
                        "product_description": evidence.product,
                        "service_date": evidence.served_on,
                        "access_activity_log": evidence.activity,
                        "refund_policy_disclosure": evidence.refund_policy,
                        "refund_refusal_explanation": evidence.refusal,
                        "uncategorized_text": evidence.summary,
                    },
                    "submit": True,
                },
                {"idempotency_key": key},
            ),
        )
        return _dispute(sent)


def _dispute(found: stripe.Dispute) -> ProviderDispute:
    details = found.evidence_details
    return ProviderDispute(
        id=found.id,
        intent_id=id_of(found.payment_intent),
        # What Stripe may add later is looked at by a person: until then it counts as waiting for us.
        status=_STATUS.get(found.status, DisputeStatus.NEEDS_RESPONSE),
        inquiry=found.status.startswith("warning"),
        reason=found.reason,
        amount_cents=found.amount,
        currency=found.currency,
        opened_at=datetime.fromtimestamp(found.created, UTC),
        due_at=datetime.fromtimestamp(details.due_by, UTC) if details.due_by else None,
        submissions=details.submission_count,
        movements=tuple(FundsMovement(one.id, one.amount, one.fee) for one in found.balance_transactions),
    )
