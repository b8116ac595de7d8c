"""How much each role may give back without a second person. Pure, but for the configured amounts."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings

from codepop.accounts.roles import Role

DAY = timedelta(hours=24)
"""Limits per day are for any 24 hours: a limit that starts anew at midnight is twice the limit around midnight."""

RANKED = (Role.SUPER_ADMIN, Role.ADMIN, Role.MANAGER)


@dataclass(frozen=True)
class Staff:
    """Who acts, in the highest role they hold for the store."""

    user_id: UUID
    role: Role

    @property
    def actor(self) -> str:
        """Return how history names them: by id, since history is kept longer than people."""
        return f"staff:{self.user_id}"


@dataclass(frozen=True)
class Limit:
    """Most minor units at once and in any 24 hours; None is no limit."""

    once_cents: int | None
    day_cents: int | None

    def allows(self, *, amount_cents: int, given_cents: int) -> bool:
        """Say whether an amount may be given after `given_cents` within the last 24 hours."""
        if self.once_cents is not None and amount_cents > self.once_cents:
            return False
        return self.day_cents is None or given_cents + amount_cents <= self.day_cents


def limit_of(role: Role) -> Limit:
    """Return a role's limit; a role without one may give nothing by itself, and super admins have none."""
    if role == Role.SUPER_ADMIN:
        return Limit(None, None)
    return Limit(*settings.REFUND_LIMITS.get(role.value, (0, 0)))
