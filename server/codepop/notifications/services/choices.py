"""What people decide about messages: each decision is a new row, so that consent can be shown (MAIL-10).

News by mail is a consent like others and lies with them, in `privacy`; what is here are wishes about the rest.
"""

from collections.abc import Collection
from uuid import UUID

from codepop.core.db import transaction, transaction_required
from codepop.kit.clock import now
from codepop.notifications.errors import NotAChoice
from codepop.notifications.kinds import NEWS_BY_MAIL, OPTIONAL, Category, Channel, Kind
from codepop.notifications.models import OPEN, Choice, Message, State
from codepop.notifications.selectors import choices_of
from codepop.privacy.purposes import Purpose
from codepop.privacy.services import record_consent


def choose(*, user_id: UUID, choices: dict[tuple[Category, Channel], bool], source: str) -> None:
    """Record decisions; one that changes nothing leaves no row. Raises NotAChoice for what can't be declined.

    What is queued and not wanted any more is skipped when its turn comes.
    """
    if any(category not in OPTIONAL for category, _ in choices):
        raise NotAChoice
    at = now()
    with transaction():
        present = choices_of(user_id)
        changed = {choice: allowed for choice, allowed in choices.items() if present[choice] != allowed}
        Choice.objects.bulk_create(
            Choice(user_id=user_id, category=category, channel=channel, allowed=allowed, source=source, at=at)
            for (category, channel), allowed in changed.items()
            if (category, channel) != NEWS_BY_MAIL
        )
        if NEWS_BY_MAIL in changed:
            agreed = changed[NEWS_BY_MAIL]
            record_consent(user_id=user_id, purpose=Purpose.NEWS_MAIL, given=agreed, source=source)


@transaction_required
def drop_news(*, user_id: UUID) -> None:
    """Skip the news that waits for a person: they don't want any more."""
    waiting = Message.objects.filter(user_id=user_id, kind=Kind.NEWS, state=State.QUEUED)
    waiting.update(state=State.SKIPPED, failure="not_wanted", next_try_at=None, done_at=now())


@transaction_required
def forget_person(*, user_id: UUID | None, messages: Collection[UUID]) -> None:
    """Erase what is kept of a person: choices go, what waits is not sent, the log stays without them.

    `messages` are those to the account, and those that carry an address of theirs.
    """
    if user_id is not None:
        Choice.objects.filter(user_id=user_id).delete()
    theirs = Message.objects.filter(id__in=messages)
    theirs.filter(state__in=OPEN).update(state=State.SKIPPED, failure="erased", next_try_at=None, done_at=now())
    theirs.update(user_id=None, address="")
