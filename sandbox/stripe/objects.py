"""New objects in Stripe's shape, complete as its API version 2026-10-28.endive describes them. Keys with an
underscore are our own notes.
"""

from typing import Any

from sandbox.store import Json
from sandbox.stripe.cards import TestCard

API_VERSION = "2026-10-28.endive"
NO_ADDRESS: Json = {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None}
NO_BILLING: Json = {"address": NO_ADDRESS, "email": None, "name": None, "phone": None, "tax_id": None}
DAY = 86400
# What a line of the balance is called in reports, where that isn't its type.
REPORTED = {"adjustment": "dispute", "payout_failure": "payout_reversal"}
# Days to answer a dispute: 7 to 21, by card network (docs.stripe.com/disputes, as of 2026).
RESPONSE_DAYS = 14
FEE_BASE_CENTS, FEE_SHARE = 30, 0.029


def billing_details(given: Json | None) -> Json:
    details = {**NO_BILLING, **(given or {})}
    details["address"] = {**NO_ADDRESS, **(details["address"] or {})}
    return details


def payment_intent(key: str, *, secret: str, created: int, values: Json) -> Json:
    """A new intent; `values` are the validated parameters of its creation."""
    automatic = values.get("automatic_payment_methods")
    if automatic is None and not values.get("allowed_payment_method_types"):
        automatic = {"enabled": True}
    intent = {
        "id": key,
        "object": "payment_intent",
        "amount": values["amount"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": _automatic(automatic),
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": values.get("capture_method") or "automatic_async",
        "client_secret": secret,
        "confirmation_method": values.get("confirmation_method") or "automatic",
        "created": created,
        "currency": values["currency"],
        "customer": values.get("customer"),
        "customer_account": None,
        "description": values.get("description"),
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": values.get("metadata") or {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": {"id": "pmc_sandbox", "parent": None} if automatic else None,
        "payment_method_options": {"card": _card_options(values.get("payment_method_options"))},
        "allowed_payment_method_types": values.get("allowed_payment_method_types"),
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": values.get("receipt_email"),
        "review": None,
        "setup_future_usage": values.get("setup_future_usage"),
        "shipping": values.get("shipping"),
        "source": None,
        "statement_descriptor": values.get("statement_descriptor"),
        "statement_descriptor_suffix": values.get("statement_descriptor_suffix"),
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": values.get("transfer_group"),
    }
    return intent


def _automatic(wish: Json | None) -> Json | None:
    if not wish or not wish.get("enabled"):
        return None
    return {"allow_redirects": wish.get("allow_redirects") or "always", "enabled": True}


def _card_options(given: Json | None) -> Json:
    wanted = ((given or {}).get("card") or {}).get("request_three_d_secure") or "automatic"
    return {"installments": None, "mandate_options": None, "network": None, "request_three_d_secure": wanted}


def setup_intent(key: str, *, secret: str, created: int, values: Json) -> Json:
    automatic = values.get("automatic_payment_methods")
    if automatic is None and not values.get("allowed_payment_method_types"):
        automatic = {"enabled": True}
    options = _card_options(values.get("payment_method_options"))
    return {
        "id": key,
        "object": "setup_intent",
        "application": None,
        "automatic_payment_methods": _automatic(automatic),
        "cancellation_reason": None,
        "client_secret": secret,
        "created": created,
        "customer": values.get("customer"),
        "customer_account": None,
        "description": values.get("description"),
        "excluded_payment_method_types": None,
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": False,
        "mandate": None,
        "metadata": values.get("metadata") or {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": {"id": "pmc_sandbox", "parent": None} if automatic else None,
        "payment_method_options": {
            "card": {
                "mandate_options": None,
                "network": None,
                "request_three_d_secure": options["request_three_d_secure"],
            }
        },
        "allowed_payment_method_types": values.get("allowed_payment_method_types"),
        "payment_method_types": ["card"],
        "single_use_mandate": None,
        "status": "requires_payment_method",
        "usage": values.get("usage") or "off_session",
    }


def payment_method(key: str, *, card: TestCard, created: int, values: Json) -> Json:
    """A payment method from a test card. `values` has exp_month, exp_year, has_cvc, billing_details, metadata,
    wallet.
    """
    billing = billing_details(values.get("billing_details"))
    return {
        "id": key,
        "object": "payment_method",
        "allow_redisplay": values.get("allow_redisplay") or "unspecified",
        "billing_details": billing,
        "card": {
            "brand": card.brand,
            "checks": {
                "address_line1_check": None,
                "address_postal_code_check": card.postal_check if billing["address"]["postal_code"] else None,
                "cvc_check": card.cvc_check if values["has_cvc"] else None,
            },
            "country": "US",
            "display_brand": "american_express" if card.brand == "amex" else card.brand,
            "exp_month": values["exp_month"],
            "exp_year": values["exp_year"],
            "fingerprint": card.fingerprint,
            "funding": card.funding,
            "generated_from": None,
            "last4": card.last4,
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "regulated" if card.funding == "debit" else "unregulated",
            "three_d_secure_usage": {"supported": card.brand not in ("discover", "diners")},
            "wallet": values.get("wallet"),
        },
        "created": created,
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": values.get("metadata") or {},
        "type": "card",
        "_card": card.name,
        "_set_up": card.authentication == "already_set_up",
        "_used": False,
    }


def charge(key: str, *, intent: Json, method: Json, card: TestCard, created: int, authenticated: bool) -> Json:
    """A charge of an intent before its outcome is known; `outcome`, `status` and the captured amount are filled in by
    the caller.
    """
    suffix = intent["statement_descriptor_suffix"]
    descriptor = f"CODEPOP* {suffix}".upper()[:22] if suffix else "CODEPOP"
    return {
        "id": key,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": descriptor,
        "captured": False,
        "created": created,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "on_behalf_of": None,
        "outcome": None,
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {"card": _charged_card(intent, method, authenticated), "type": "card"},
        "radar_options": {},
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": intent["shipping"],
        "source": None,
        "source_transfer": None,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": suffix,
        "status": "pending",
        "transfer_data": None,
        "transfer_group": intent["transfer_group"],
        "_card": card.name,
    }


def _charged_card(intent: Json, method: Json, authenticated: bool) -> Json:
    card = method["card"]
    secure: Json | None = None
    if authenticated:
        secure = {
            "authentication_flow": "challenge",
            "electronic_commerce_indicator": "05",
            "exemption_indicator": None,
            "result": "authenticated",
            "result_reason": None,
            "transaction_id": f"sandbox-{intent['id'][3:15]}",
            "version": "2.2.0",
        }
    return {
        "amount_authorized": intent["amount"],
        "authorization_code": None,
        "brand": card["brand"],
        "checks": card["checks"],
        "country": card["country"],
        "exp_month": card["exp_month"],
        "exp_year": card["exp_year"],
        "extended_authorization": {"status": "disabled"},
        "fingerprint": card["fingerprint"],
        "funding": card["funding"],
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "last4": card["last4"],
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": card["brand"],
        "network_token": {"used": False},
        "network_transaction_id": None,
        "overcapture": {"maximum_amount_capturable": intent["amount"], "status": "unavailable"},
        "regulated_status": card["regulated_status"],
        "three_d_secure": secure,
        "wallet": card["wallet"],
    }


def refund(key: str, *, charged: Json, amount: int, created: int, values: Json) -> Json:
    return {
        "id": key,
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charged["id"],
        "created": created,
        "currency": charged["currency"],
        "customer": charged["customer"],
        "customer_account": None,
        "destination_details": {
            "card": {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"},
            "type": "card",
        },
        "metadata": values.get("metadata") or {},
        "payment_intent": charged["payment_intent"],
        "payment_method": charged["payment_method"],
        "reason": values.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }


def balance_transaction(key: str, *, kind: str, source: Json, amount: int, fee: int, created: int) -> Json:
    """One line of the account's balance: `amount` is signed, `fee` is what the provider keeps of it."""
    fees = [
        {
            "amount": fee,
            "application": None,
            "currency": source["currency"],
            "description": "Stripe processing fees",
            "type": "stripe_fee",
        }
    ]
    return {
        "id": key,
        "object": "balance_transaction",
        "amount": amount,
        "available_on": created + 2 * DAY,
        "balance_type": "payments",
        "created": created,
        "currency": source["currency"],
        "description": source.get("description"),
        "exchange_rate": None,
        "fee": fee,
        "fee_details": fees if fee else [],
        "net": amount - fee,
        "reporting_category": REPORTED.get(kind, kind),
        "source": source["id"],
        "status": "pending",
        "type": kind,
    }


def payout(key: str, *, amount: int, currency: str, created: int, arrival: int) -> Json:
    """An automatic payout on its way to the bank."""
    return {
        "id": key,
        "object": "payout",
        "amount": amount,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": arrival,
        "automatic": True,
        "balance_transaction": None,
        "created": created,
        "currency": currency,
        "description": "STRIPE PAYOUT",
        "destination": "ba_sandbox",
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "completed",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": None,
        "status": "in_transit",
        "trace_id": {"status": "pending", "value": None},
        "type": "bank_account",
    }


def fee_of(amount: int) -> int:
    """The standard fee for a card payment: 2.9 % and 30 cents (Stripe's US price list, 2026)."""
    return round(amount * FEE_SHARE) + FEE_BASE_CENTS


def customer(key: str, *, created: int, values: Json, prefix: str) -> Json:
    invoice = values.get("invoice_settings") or {}
    return {
        "id": key,
        "object": "customer",
        "address": values.get("address"),
        "balance": 0,
        "created": created,
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": values.get("description"),
        "discount": None,
        "email": values.get("email"),
        "invoice_prefix": prefix,
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": invoice.get("default_payment_method"),
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": values.get("metadata") or {},
        "name": values.get("name"),
        "next_invoice_sequence": 1,
        "phone": values.get("phone"),
        "preferred_locales": values.get("preferred_locales") or [],
        "shipping": values.get("shipping"),
        "tax_exempt": "none",
        "test_clock": None,
    }


def webhook_endpoint(key: str, *, created: int, values: Json, secret: str) -> Json:
    return {
        "id": key,
        "object": "webhook_endpoint",
        "api_version": values.get("api_version") or API_VERSION,
        "application": None,
        "created": created,
        "description": values.get("description"),
        "enabled_events": values["enabled_events"],
        "livemode": False,
        "metadata": values.get("metadata") or {},
        "status": "enabled",
        "url": values["url"],
        "_secrets": [{"secret": secret, "until": None}],
    }


def dispute(key: str, *, charged: Json, amount: int, reason: str, created: int, inquiry: bool) -> Json:
    case = "inquiry" if inquiry else "chargeback"
    brand = charged["payment_method_details"]["card"]["brand"]
    return {
        "id": key,
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charged["id"],
        "created": created,
        "currency": charged["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(EVIDENCE_FIELDS), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": created + RESPONSE_DAYS * DAY,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": inquiry,
        "livemode": False,
        "metadata": {},
        "network_reason_code": "10.4" if reason == "fraudulent" else "13.1",
        "payment_intent": charged["payment_intent"],
        "payment_method_details": {
            "card": {"brand": brand, "case_type": case, "network": brand, "network_reason_code": "10.4"},
            "type": "card",
        },
        "reason": reason,
        "status": "warning_needs_response" if inquiry else "needs_response",
    }


EVIDENCE_FIELDS = [
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
]


def event(
    key: str, *, kind: str, snapshot: Json, previous: Json | None, created: int, pending: int, request: Json
) -> Json:
    data: dict[str, Any] = {"object": snapshot}
    if previous is not None:
        data["previous_attributes"] = previous
    return {
        "id": key,
        "object": "event",
        "api_version": API_VERSION,
        "created": created,
        "data": data,
        "livemode": False,
        "pending_webhooks": pending,
        "request": request,
        "type": kind,
    }
