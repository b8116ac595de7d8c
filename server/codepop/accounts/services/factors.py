"""Second factors: made for somebody, or taken off by an admin when they are lost (SEC-09)."""

from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP

from codepop.accounts.models import User
from codepop.accounts.selectors import find_email
from codepop.accounts.services.letters import want_mail
from codepop.accounts.services.sessions import end_sessions_of
from codepop.core.audit import record_audit
from codepop.core.db import transaction, transaction_required
from codepop.core.errors import NotFound


@transaction_required
def give_totp(*, user_id: UUID, secret: str) -> None:
    """Give an account a known TOTP secret (base 32), as the demo chain's staff have; replaces nothing."""
    if not Authenticator.objects.filter(user_id=user_id, type=Authenticator.Type.TOTP).exists():
        TOTP.activate(User.objects.get(id=user_id), secret)


def drop_factors(*, user_id: UUID, actor: str, note: str) -> int:
    """Take all second factors off an account whose person lost them, and sign it out everywhere; says how many.

    Staff must set up a new one at the next sign-in. The person is told by mail. Raises NotFound.
    """
    if find_email(user_id) is None:
        raise NotFound
    with transaction():
        dropped: int = Authenticator.objects.filter(user_id=user_id).delete()[0]
        record_audit(actor=actor, action="account.drop_factors", subject=f"user:{user_id}", note=note)
    end_sessions_of(user_id)
    want_mail(kind="security_changed", user_id=user_id)
    return dropped
