"""Beginning and ending to look at the pages as another role sees them."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from codepop.accounts import services
from codepop.accounts.access import Principal, require
from codepop.accounts.roles import ScopeKind
from codepop.core.errors import InvalidInput
from codepop.reporting.staff.desk import require_store
from codepop.reporting.staff.people import grant_in
from codepop.reporting.staff.screen import page
from codepop.reporting.staff.sign_in import WrongMethod


@page("staff:view")
def begin(request: HttpRequest, who: Principal) -> HttpResponse:
    """Look as a role in a place, for half an hour."""
    if request.method != "POST":
        raise WrongMethod
    grant = grant_in(request.POST)
    region_id = grant.scope_id
    if grant.scope_kind == ScopeKind.STORE:
        region_id = require_store(request, "staff:view", grant.scope_id).region_id
    else:
        require(request, "staff:view", region_id=grant.scope_id)
    if who.user_id is None:
        raise InvalidInput
    services.begin_view(
        session=request.session,
        user_id=who.user_id,
        held=who.grants,
        grant=grant,
        region_id=region_id,
        reason=request.POST.get("reason", ""),
    )
    return HttpResponseRedirect(reverse("staff:home"))


@page("staff:view_end")
def end(request: HttpRequest, who: Principal) -> HttpResponse:
    """Look as oneself again."""
    if request.method != "POST":
        raise WrongMethod
    services.end_view(session=request.session, user_id=who.user_id)
    return HttpResponseRedirect(reverse("staff:home"))
