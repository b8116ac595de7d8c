"""What every staff page shares: who may see it, which store it is about, the frame around it, and how it refuses.

The policy table decides (operation = URL name); a store or an order outside a person's grants looks absent.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control

from codepop.accounts.access import Principal, SecondFactorNeeded, admit, check_csrf, covers, require
from codepop.accounts.policy import POLICY
from codepop.accounts.roles import Role, ScopeKind
from codepop.core.card_guard import without_card_numbers
from codepop.core.errors import AppError, Forbidden, NotFound, NotSignedIn
from codepop.core.log import get_logger
from codepop.stores import selectors as stores
from codepop.stores.errors import StoreUnknown
from codepop.stores.selectors import StoreView

log = get_logger(__name__)

View = Callable[..., HttpResponse]
_SAFE = ("GET", "HEAD", "OPTIONS")

SCREENS: Final[Sequence[tuple[str, str]]] = (
    ("staff:store", "Store now"),
    ("staff:orders", "Orders"),
    ("staff:money", "Money"),
    ("staff:stock", "Stock"),
    ("staff:machines", "Machines"),
)
"""The store's pages in the order of the navigation; each stands there for whoever its policy row admits."""


DESKS: Final[Sequence[tuple[str, str, tuple[str, ...]]]] = (
    ("staff:attention", "Needs you", ("staff:attention",)),
    ("staff:payments", "Payments", ("staff:payments", "staff:payment")),
    ("staff:batches", "Bulk refunds", ("staff:batches", "staff:batch")),
    ("staff:disputes", "Disputes", ("staff:disputes", "staff:dispute")),
    ("staff:revenue", "Revenue", ("staff:revenue",)),
    ("staff:people", "People", ("staff:people", "staff:person", "staff:access")),
    ("staff:audit", "Audit trail", ("staff:audit",)),
)
"""Pages about all the stores in somebody's charge, with the operations that belong to each."""


@dataclass(frozen=True)
class Visit:
    """A person on a store's page."""

    who: Principal
    store: StoreView
    operation: str


@dataclass(frozen=True)
class NavigationEntry:
    """A link of the navigation at the left."""

    title: str
    url: str
    current: bool


def page(operation: str) -> Callable[[View], View]:
    """Let the policy table admit the caller, then call `view(request, who, ...)`; refusals become pages."""

    def decorate(view: View) -> View:
        @wraps(view)
        def shown(request: HttpRequest, **arguments: Any) -> HttpResponse:
            return _answer(request, lambda: view(request, admit(request, operation), **arguments))

        return _own_csrf(shown)

    return decorate


def store_page(operation: str) -> Callable[[View], View]:
    """Like `page`, for a page of one store (`slug` in its address): calls `view(request, visit, ...)`."""

    def decorate(view: View) -> View:
        @wraps(view)
        def shown(request: HttpRequest, *, slug: str, **arguments: Any) -> HttpResponse:
            return _answer(request, lambda: view(request, _visit(request, operation, slug), **arguments))

        return _own_csrf(shown)

    return decorate


def _visit(request: HttpRequest, operation: str, slug: str) -> Visit:
    admit(request, operation)
    try:
        store = stores.get_store_by_slug(slug)
    except StoreUnknown:
        raise NotFound from None
    who = require(request, operation, store_id=store.id, region_id=store.region_id)
    return Visit(who=who, store=store, operation=operation)


def _own_csrf(view: View) -> View:
    # Checked in `_answer` for every changing request, so that its refusal has the staff's look.
    view.csrf_exempt = True  # type: ignore[attr-defined]  # the attribute that Django's middleware reads
    return view


def _answer(request: HttpRequest, show: Callable[[], HttpResponse]) -> HttpResponse:
    try:
        if request.method not in _SAFE:
            check_csrf(request)
            request.POST = without_card_numbers(request.POST)  # type: ignore[assignment]  # a copy may be changed
        request.GET = without_card_numbers(request.GET)  # type: ignore[assignment]
        response = show()
    except NotSignedIn:
        response = _to_sign_in(request, "staff:sign_in")
    except SecondFactorNeeded:
        response = _to_sign_in(request, "staff:enrol")
    except AppError as error:
        response = refusal(request, error)
    except SuspiciousOperation:  # a body that cannot be read, such as one with files: Django answers 400
        raise
    except Exception:
        log.exception("unexpected_error", operation=request.path)
        response = _error_page(request, 500, "That is our fault", "It is logged and nothing was changed. Try again.")
    patch_cache_control(response, no_store=True, private=True)
    return response


def _to_sign_in(request: HttpRequest, step: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse("Sign in again.", status=401)
    target = request.get_full_path() if request.method == "GET" else reverse("staff:home")
    return HttpResponseRedirect(f"{reverse(step)}?{urlencode({'next': target})}")


_TITLES: Final = {403: "This is not for your role", 404: "There is nothing here", 405: "That is not possible here"}


def refusal(request: HttpRequest, error: AppError) -> HttpResponse:
    """Return the page that explains an expected error."""
    text = " ".join([error.message, *error.fields.values()])
    if type(error) is NotFound:
        text = "There is no such page, or it belongs to a store that is not yours."
    if type(error) is Forbidden:
        text = "Ask the person who manages your store's accounts if you need it for your work."
    return _error_page(request, error.http_status, _TITLES.get(error.http_status, "That did not work"), text)


def _error_page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    context = {"title": title, "text": text, "status": status, "sandbox": settings.CODEPOP.mode == "sandbox"}
    return render(request, "staff/error.html", context, status=status)


def frame(who: Principal, *, store: StoreView | None, operation: str) -> dict[str, Any]:
    """Return what the frame of every page needs: navigation by role, who is signed in, the sandbox's banner."""
    return {
        "navigation": navigation(who, store, operation),
        "store": store,
        "role": role_text(who),
        "view": _view(who),
        "can_open": store is not None and may(who, "staff:order", store),
        "sandbox": settings.CODEPOP.mode == "sandbox",
    }


def _view(who: Principal) -> dict[str, str] | None:
    """Return what the banner says while somebody looks as another role."""
    if who.view is None:
        return None
    grant = who.view.grant
    place = {ScopeKind.CHAIN: "the whole chain", ScopeKind.REGION: "a region"}.get(grant.scope_kind, "")
    if grant.scope_kind == ScopeKind.STORE and grant.scope_id:
        place = stores.get_store(grant.scope_id).name
    return {"role": str(grant.role.label), "place": place, "until": f"{who.view.until:%H:%M} UTC"}


def navigation(who: Principal, store: StoreView | None, operation: str) -> list[NavigationEntry]:
    """Return the links this person can follow from here."""
    entries = [NavigationEntry("Stores", reverse("staff:home"), operation == "staff:home")]
    for name, title, within in DESKS:
        if any(grant.role in POLICY[name].roles for grant in who.grants):
            entries.append(NavigationEntry(title, reverse(name), operation in within))
    if store is None:
        return entries
    for name, title in SCREENS:
        if may(who, name, store):
            url = reverse(name, kwargs={"slug": store.slug})
            entries.append(NavigationEntry(title, url, operation in (name, f"{name.removesuffix('s')}")))
    return entries


def may(who: Principal, operation: str, store: StoreView) -> bool:
    """Say whether a person's grants allow an operation on a store."""
    rule = POLICY[operation]
    return any(covers(grant, rule, store_id=store.id, region_id=store.region_id) for grant in who.grants)


def role_text(who: Principal) -> str:
    """Return the person's highest role in words."""
    held = {grant.role for grant in who.grants}
    ranked = (Role.SUPER_ADMIN, Role.ADMIN, Role.MANAGER, Role.LOGISTICS, Role.REPAIR)
    return next((str(role.label) for role in ranked if role in held), "Guest")
