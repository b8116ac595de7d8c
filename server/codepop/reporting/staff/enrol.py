"""Setting up the second factor that every role wants: once, right after the password, before any page (SEC-09)."""

import segno
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import get_totp_secret
from allauth.mfa.totp.internal.flows import activate_totp
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from codepop.accounts.access import Principal
from codepop.core.log import get_logger
from codepop.reporting.staff.screen import page
from codepop.reporting.staff.sign_in import safe_target

log = get_logger(__name__)

WRONG = "This code is not right. Use the newest one that your app shows, and check that your phone's clock is right."


@page("staff:enrol")
def enrol(request: HttpRequest, who: Principal) -> HttpResponse:
    """Show the secret as QR code and text, take the first code, then show the recovery codes once.

    Whoever has a second factor already, or typed their password more than five minutes ago, signs in again.
    """
    target = safe_target(request)
    if not who.withheld and who.grants:
        return HttpResponseRedirect(target)
    if who.user is None or is_mfa_enabled(who.user) or not did_recently_reauthenticate(request):
        return _sign_in_again()
    if request.method != "POST":
        return _form(request, who, target, secret=get_totp_secret(regenerate=True))
    form = ActivateTOTPForm(user=who.user, data=request.POST)
    if not form.is_valid():
        return _form(request, who, target, secret=get_totp_secret(), problem=WRONG)
    try:
        _, recovery = activate_totp(request, form)
    except ReauthenticationRequired:
        return _sign_in_again()
    log.info("staff_second_factor_made", user=str(who.user.id))
    return _recovery_codes(request, target, recovery)


def _sign_in_again() -> HttpResponse:
    return HttpResponseRedirect(reverse("staff:sign_in"))


def _form(request: HttpRequest, who: Principal, target: str, *, secret: str, problem: str = "") -> HttpResponse:
    url = get_adapter().build_totp_url(who.user, secret)
    context = {
        "next": target,
        "problem": problem,
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "url": url,
        "qr": segno.make(url, error="m").svg_data_uri(scale=4, border=3, light="#fff"),
        "sandbox": settings.CODEPOP.mode == "sandbox",
    }
    return render(request, "staff/enrol.html", context, status=400 if problem else 200)


def _recovery_codes(request: HttpRequest, target: str, recovery: Authenticator | None) -> HttpResponse:
    codes: list[str] = []
    if recovery is not None:
        kept = recovery.wrap()
        codes = kept.get_unused_codes()
        kept.mark_as_viewed()
    context = {"next": target, "codes": codes, "sandbox": settings.CODEPOP.mode == "sandbox"}
    return render(request, "staff/recovery_codes.html", context)
