"""What people decide about their data, for the features above."""

from dataclasses import dataclass
from uuid import UUID

from codepop.core.events import Event
from codepop.privacy.purposes import Purpose


@dataclass(frozen=True)
class ConsentWithdrawn(Event):
    """A person said no to a purpose: what was about to be done for it is not done any more."""

    user_id: UUID
    purpose: Purpose
