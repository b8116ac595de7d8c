"""A charge as the provider shows it at this moment.

A question, yet not among the selectors: those are read by processes that never talk to a provider, and its SDK would be
a sixth of their memory.
"""

from uuid import UUID

from codepop.gateways.errors import Refused, Unavailable
from codepop.gateways.payments import ProviderCharge
from codepop.gateways.payments.stripe import gateway
from codepop.payments.errors import ProviderAway
from codepop.payments.models import Payment


def charge_now(payment_id: UUID) -> ProviderCharge | None:
    """Ask the provider how a payment's last charge stands; None when there is none. Raises ProviderAway."""
    charge_id = Payment.objects.values_list("last_charge_id", flat=True).get(id=payment_id)
    if not charge_id:
        return None
    try:
        return gateway().fetch_charge(charge_id=charge_id)
    except (Unavailable, Refused) as error:
        raise ProviderAway from error
