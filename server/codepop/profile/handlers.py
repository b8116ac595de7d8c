"""What profiles do when a person takes a consent back; inside the transaction in which they say so."""

from codepop.privacy.events import ConsentWithdrawn
from codepop.privacy.purposes import Purpose
from codepop.profile import services


def consent_withdrawn(event: ConsentWithdrawn) -> None:
    """Allergies and diet are kept with consent only: they are gone with it."""
    if event.purpose == Purpose.ALLERGIES:
        services.drop_health(user_id=event.user_id)
