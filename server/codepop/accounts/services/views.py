"""Looking as another role: begun and ended with a row in the audit trail."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase

from codepop.accounts.errors import HigherRole
from codepop.accounts.selectors import Grant
from codepop.accounts.services.staffing import check_reason
from codepop.accounts.viewing import drop_view, may_look, put_view
from codepop.core.audit import record_audit
from codepop.core.db import transaction


def begin_view(
    *, session: SessionBase, user_id: UUID, held: Sequence[Grant], grant: Grant, region_id: UUID | None, reason: str
) -> None:
    """Let a person look as a role in a place, for half an hour. Raises HigherRole, ReasonWanted."""
    check_reason(reason)
    if not may_look(held, grant, region_id):
        raise HigherRole
    with transaction():
        record_audit(
            actor=f"staff:{user_id}",
            action="view.begin",
            subject=f"role:{grant.role} {grant.scope_id or grant.scope_kind}",
            note=reason.strip(),
            where=grant.scope_id,
        )
    put_view(session, grant, region_id)


def end_view(*, session: SessionBase, user_id: UUID | None) -> None:
    """Let them look as themselves again; may be called twice."""
    if drop_view(session):
        with transaction():
            record_audit(actor=f"staff:{user_id}", action="view.end", subject="role:own")
