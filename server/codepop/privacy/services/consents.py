"""What people agree to: each decision is a new row with the version that was shown, and works from its commit on."""

from collections.abc import Mapping
from uuid import UUID

from django.db import connection

from codepop.core.db import transaction, transaction_required
from codepop.core.events import publish
from codepop.kit.clock import now
from codepop.privacy.errors import NotOptional, OldVersion
from codepop.privacy.events import ConsentWithdrawn
from codepop.privacy.models import Consent
from codepop.privacy.purposes import OPTIONAL, PURPOSES, Purpose
from codepop.privacy.selectors import consents_of


def decide(*, user_id: UUID, decisions: Mapping[Purpose, tuple[bool, int]], source: str) -> None:
    """Record what a person said about purposes, with the version each was shown in.

    Raises NotOptional, and OldVersion for a yes to what is not the present version; a no always counts.
    """
    with transaction():
        for purpose, (given, version) in decisions.items():
            record_consent(user_id=user_id, purpose=purpose, given=given, version=version, source=source)


@transaction_required
def record_consent(*, user_id: UUID, purpose: Purpose, given: bool, source: str, version: int | None = None) -> None:
    """Record one decision; one that changes nothing leaves no row. Without a `version` the present one was shown.

    One person's decisions come after one another until the end of the transaction: what is kept under a yes can't slip
    past a no of the same moment.
    """
    _one_at_a_time(user_id)
    if purpose not in OPTIONAL:
        raise NotOptional(fields={purpose.value: NotOptional.message})
    current = PURPOSES[purpose].version
    if given and version not in (None, current):
        raise OldVersion(fields={purpose.value: f"Version {current} is the present one."})
    present = {one.purpose: one for one in consents_of(user_id)}[purpose]
    if present.at is not None and present.given == given and not present.ask:
        return
    Consent.objects.create(
        user_id=user_id, purpose=purpose.value, version=current, given=given, source=source, at=now()
    )
    if not given:
        publish(ConsentWithdrawn(user_id=user_id, purpose=purpose))


def _one_at_a_time(user_id: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"consents:{user_id}"])
