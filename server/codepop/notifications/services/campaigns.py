"""Mail to everybody who wants news: queued in one go, sent at the pace that is left over from everything else."""

from collections.abc import Sequence
from uuid import UUID

from codepop.core.db import transaction
from codepop.core.jobs import defer
from codepop.kit.clock import now
from codepop.notifications.kinds import Kind
from codepop.notifications.models import Campaign
from codepop.notifications.services.queueing import Wish, queue
from codepop.privacy.purposes import Purpose
from codepop.privacy.selectors import people_who_agree

_BATCH = 500


def make_campaign(*, subject: str, paragraphs: Sequence[str]) -> UUID:
    """Store a campaign and add the job that queues it; returns its id."""
    with transaction():
        campaign = Campaign.objects.create(subject=subject, paragraphs=list(paragraphs))
        defer("notifications.start_campaign", campaign_id=str(campaign.id))
    return campaign.id


def queue_campaign(*, campaign_id: UUID) -> int:
    """Queue the campaign for everybody who wants news, each once however often this runs; returns for how many."""
    people = people_who_agree(Purpose.NEWS_MAIL)
    for first in range(0, len(people), _BATCH):
        with transaction():
            queue(
                *(
                    Wish(
                        key=f"news:{campaign_id}:{user_id}",
                        kind=Kind.NEWS,
                        user_id=user_id,
                        subject_id=str(campaign_id),
                    )
                    for user_id in people[first : first + _BATCH]
                )
            )
    Campaign.objects.filter(id=campaign_id, started_at=None).update(started_at=now())
    return len(people)
