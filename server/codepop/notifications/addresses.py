"""Links in letters: where they lead, and the unsubscribe link that proves itself without a log-in."""

from uuid import UUID

from django.conf import settings
from django.core import signing

_SALT = "codepop.notifications.unsubscribe"


def app_url(path: str) -> str:
    """Return an address of the app."""
    return f"{settings.CODEPOP.public_url}{path}"


def choices_token(user_id: UUID) -> str:
    """Return what proves, for good, that its holder got a mail of this person's. It opens the choices, nothing else."""
    return signing.dumps(str(user_id), salt=_SALT)


def read_choices_token(token: str) -> UUID | None:
    """Return whose choices a token opens, None when we never made it."""
    try:
        return UUID(signing.loads(token, salt=_SALT))
    except (signing.BadSignature, ValueError):
        return None


def unsubscribe_url(user_id: UUID, category: str) -> str:
    """Return the address of RFC 8058's one click, which is also the page for people."""
    return app_url(f"/mail/choices/{choices_token(user_id)}?category={category}")
