"""Signing in to the staff's screens: allauth's own checks and limits, on a page that works without the app.

A refusal never says whether an address is known. A person with a second factor is asked for it here too; with a passkey
they need neither password nor code, and the page has it checked by allauth's own operation (static/staff/passkey.js).
"""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import get_user_model, login, logout
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from codepop.accounts.access import Principal
from codepop.core.errors import AppError
from codepop.core.log import get_logger
from codepop.reporting.staff.screen import page

if TYPE_CHECKING:
    from codepop.accounts.models import User

log = get_logger(__name__)

WRONG = "This address and password don't fit together. Check both and try again."
TOO_MANY = "Too many tries. Wait five minutes, then try again."
ONLY_PASSKEY = "Your account has a passkey and no code. Press the button for passkeys below the form."
_WAITING = "staff_second_factor"
_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class WrongMethod(AppError):
    code = "method_not_allowed"
    http_status = 405
    message = "Use the button on the page for this."


@page("staff:sign_in")
def sign_in(request: HttpRequest, who: Principal) -> HttpResponse:
    """Show the form, or sign in and go on to `next` (a staff page of ours, nothing else)."""
    target = safe_target(request)
    if request.method == "POST":
        return _check(request, target)
    if who.user is not None and who.grants:
        return HttpResponseRedirect(target)
    return _form(request, target)


@page("staff:second_factor")
def second_factor(request: HttpRequest, who: Principal) -> HttpResponse:
    """Ask for the code of a person whose password was right."""
    target = safe_target(request)
    user = _waiting(request)
    if user is None:
        return HttpResponseRedirect(reverse("staff:sign_in"))
    if request.method != "POST":
        return _code_form(request, target)
    form = AuthenticateForm(user=user, data=request.POST)
    try:
        if form.is_valid():
            form.save()
            return _enter(request, user, target)
    except ratelimit.RateLimited:
        return _code_form(request, target, TOO_MANY, status=429)
    return _code_form(request, target, "This code is not right. Use the newest one your app shows.", status=400)


@page("staff:sign_out")
def sign_out(request: HttpRequest, who: Principal) -> HttpResponse:
    """End the session."""
    if request.method != "POST":
        raise WrongMethod
    logout(request)
    return HttpResponseRedirect(reverse("staff:sign_in"))


def safe_target(request: HttpRequest) -> str:
    """Return the staff page to go to afterwards; anything else than a path below /staff/ becomes the first page."""
    home = reverse("staff:home")
    wanted = str(request.POST.get("next") or request.GET.get("next") or "")
    own = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if own and wanted.startswith(home) and ".." not in wanted else home


def _check(request: HttpRequest, target: str) -> HttpResponse:
    email = str(request.POST.get("email", "")).strip().lower()
    if not ratelimit.consume(request, action="login"):
        return _form(request, target, email=email, problem=TOO_MANY, status=429)
    try:
        user = get_adapter().authenticate(request, email=email, password=str(request.POST.get("password", "")))
    except ValidationError:
        return _form(request, target, email=email, problem=TOO_MANY, status=429)
    if not isinstance(user, get_user_model()) or not user.is_active or not _verified(user):
        log.info("staff_sign_in_refused")
        return _form(request, target, email=email, problem=WRONG, status=400)
    # `reauthenticated`: the password was typed just now, which is what setting up a second factor asks for.
    record_authentication(request, user, method="password", email=email, reauthenticated=True)
    return _enter_or_ask(request, user, target, email)


def _enter_or_ask(request: HttpRequest, user: "User", target: str, email: str) -> HttpResponse:
    if not is_mfa_enabled(user):
        return _enter(request, user, target)
    if not is_mfa_enabled(user, [Authenticator.Type.TOTP]):
        return _form(request, target, email=email, problem=ONLY_PASSKEY, status=400)
    request.session[_WAITING] = str(user.id)
    request.session.set_expiry(600)
    return HttpResponseRedirect(f"{reverse('staff:second_factor')}?{urlencode({'next': target})}")


def _enter(request: HttpRequest, user: "User", target: str) -> HttpResponse:
    request.session.pop(_WAITING, None)
    login(request, user, backend=_BACKEND)  # makes a new session key, and fixes the session's end
    log.info("staff_signed_in", user=str(user.id))
    return HttpResponseRedirect(target)


def _verified(user: "User") -> bool:
    return bool(EmailAddress.objects.filter(user=user, verified=True).exists())


def _waiting(request: HttpRequest) -> "User | None":
    user_id = request.session.get(_WAITING)
    return get_user_model().objects.filter(id=UUID(user_id), is_active=True).first() if user_id else None


def _form(request: HttpRequest, target: str, **shown: Any) -> HttpResponse:
    status = shown.pop("status", 200)
    context = {"next": target, "sandbox": settings.CODEPOP.mode == "sandbox", **shown}
    return render(request, "staff/sign_in.html", context, status=status)


def _code_form(request: HttpRequest, target: str, problem: str = "", *, status: int = 200) -> HttpResponse:
    context = {"next": target, "problem": problem, "sandbox": settings.CODEPOP.mode == "sandbox"}
    return render(request, "staff/second_factor.html", context, status=status)
