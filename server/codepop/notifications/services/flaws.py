"""Addresses that mail does not reach: flagged, and free again once their person gave another or proved them."""

from codepop.core.log import get_logger
from codepop.kit.clock import now
from codepop.notifications.kinds import Flaw
from codepop.notifications.models import FlawedAddress

log = get_logger(__name__)


def flag_address(*, address: str, flaw: Flaw) -> None:
    """Note that mail to this address comes back, or is not wanted; a complaint outweighs a bounce."""
    row, made = FlawedAddress.objects.get_or_create(email=address, defaults={"flaw": flaw, "at": now()})
    if not made and flaw == Flaw.COMPLAINED and row.flaw != flaw.value:
        FlawedAddress.objects.filter(id=row.id).update(flaw=flaw, at=now())
    log.warning("address_flagged", flaw=flaw.value, row=str(row.id))


def clear_flaw(*, address: str) -> None:
    """Trust an address again: its person has just followed a link in a mail to it, or an operator says so."""
    FlawedAddress.objects.filter(email=address).delete()
