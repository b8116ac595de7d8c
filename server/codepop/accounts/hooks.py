"""What we do when Django or allauth say that somebody signed in, failed, or changed how they sign in.

Their signals are their only hooks for it; our own features speak by `core.events`.
"""

from datetime import timedelta
from typing import Any

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY, record_authentication
from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from codepop.accounts import services
from codepop.accounts.devices import device_name
from codepop.accounts.models import User
from codepop.core.log import get_logger
from codepop.core.sessions import stored_key

log = get_logger(__name__)


@receiver(user_logged_in, dispatch_uid="accounts.signed_in")
def signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    """A sign-in is complete: its tries are forgiven, its device is on the list, and its end is fixed (ASVS V7.3.2)."""
    services.forgive(email=user.email)
    # Without this, each later write into the session would begin its life anew.
    request.session.set_expiry(timedelta(seconds=settings.SESSION_COOKIE_AGE))
    _record(request, user)
    log.info("signed_in", user=str(user.id), by=sorted(_methods(request)))


@receiver([password_changed, password_set], dispatch_uid="accounts.password_changed")
def password_was_changed(request: HttpRequest, user: User, **_: Any) -> None:
    """End every other session; this one has just got a new key."""
    services.end_sessions_of(user.id, but=stored_key(str(request.session.session_key)))
    _record(request, user)


@receiver(password_reset, dispatch_uid="accounts.password_reset")
def password_was_reset(request: HttpRequest, user: User, **_: Any) -> None:
    """Whoever reads the mailbox owns the account: open it, and end every session."""
    services.forgive(email=user.email)
    services.end_sessions_of(user.id)


@receiver(authentication_failed, dispatch_uid="accounts.wrong_code")
def code_was_wrong(user: User, **_: Any) -> None:
    """A wrong second factor counts like a wrong password."""
    services.count_wrong_code(email=user.email)
    log.warning("second_factor_refused", user=str(user.id))


@receiver(authenticator_added, dispatch_uid="accounts.factor_added")
def factor_was_added(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """Adding a factor proves it: this session has both from now on."""
    services.record_own_change("account.factor_added", user.id, authenticator.type)
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)


@receiver(authenticator_removed, dispatch_uid="accounts.factor_removed")
def factor_was_removed(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """What was proved with a factor that is gone counts no more."""
    services.record_own_change("account.factor_removed", user.id, authenticator.type)
    records = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
    request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [one for one in records if one.get("method") != "mfa"]


def _methods(request: HttpRequest) -> set[str]:
    """Name the factors that were shown: password, totp, webauthn, recovery_codes."""
    records = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
    return {str(one.get("type") or one.get("method")) for one in records}


def _record(request: HttpRequest, user: User) -> None:
    if not request.session.session_key:
        request.session.save()
    headless = getattr(getattr(request, "allauth", None), "headless", None)
    client = str(headless.client.value) if headless else "staff"
    device = device_name(request.headers.get("User-Agent", ""))
    session = stored_key(str(request.session.session_key))
    services.record_sign_in(user_id=user.id, session=session, client=client, device=device)
