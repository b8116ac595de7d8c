"""Stripe: the only package that imports its SDK. The same code talks to Stripe and to the sandbox.

One module for each concern (`intents`, `methods`, `refunds`, `listings`, `webhooks`), each a small class over the one
`Connection`; the gateway is all of them. Keys and base address come from the settings.
"""

import functools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from codepop.gateways.limits import PROVIDERS, STRIPE, ProviderLimits
from codepop.gateways.payments.stripe.charges import Charges
from codepop.gateways.payments.stripe.connection import API_VERSION, PROVIDER, Connection
from codepop.gateways.payments.stripe.disputes import Disputes
from codepop.gateways.payments.stripe.intents import Intents
from codepop.gateways.payments.stripe.listings import Listings
from codepop.gateways.payments.stripe.methods import Methods
from codepop.gateways.payments.stripe.payouts import Payouts
from codepop.gateways.payments.stripe.refunds import Refunds
from codepop.gateways.payments.stripe.webhooks import WEBHOOK_EVENTS, Webhooks
from codepop.gateways.secret_use import SecretUses

__all__ = ["API_VERSION", "PROVIDER", "WEBHOOK_EVENTS", "StripeGateway", "gateway"]


class StripeGateway(Intents, Methods, Refunds, Charges, Disputes, Payouts, Listings, Webhooks):
    """PaymentGateway over Stripe. Thread-safe; made once a process by `gateway()`."""

    def __init__(
        self,
        *,
        secret_keys: Sequence[str],
        webhook_secrets: Sequence[str],
        base_url: str | None,
        limits: ProviderLimits = STRIPE,
        ca_file: Path | None = None,
    ) -> None:
        self._stripe = Connection(secret_keys=secret_keys, base_url=base_url, limits=limits, ca_file=ca_file)
        self._webhook_secrets = webhook_secrets
        self._webhook_secret_uses = SecretUses("STRIPE_WEBHOOK_SECRETS", webhook_secrets)


@functools.cache
def gateway() -> StripeGateway:
    """Return the process's gateway, as the settings say."""
    configured = settings.CODEPOP.stripe
    return StripeGateway(
        secret_keys=configured.secret_keys,
        webhook_secrets=configured.webhook_secrets,
        base_url=configured.base_url,
        limits=replace(PROVIDERS[PROVIDER], per_second=configured.per_second),
        ca_file=configured.ca_file,
    )
