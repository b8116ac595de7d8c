"""Who is asking, and may they? The table is `policy.POLICY`; this module only applies it.

What a person may not see looks exactly like what does not exist: both are `NotFound`.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from allauth.headless.contrib.ninja.security import x_session_token_auth
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from codepop.accounts.models import User
from codepop.accounts.policy import POLICY, Rule
from codepop.accounts.roles import ScopeKind
from codepop.accounts.selectors import Grant, grants_of
from codepop.core.errors import Forbidden, NotFound, NotSignedIn

_SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Principal:
    """Who sent a request: a signed-in person or nobody in particular, perhaps with an order's secret."""

    user: User | None
    grants: Sequence[Grant]
    token_hash: bytes | None

    @property
    def user_id(self) -> UUID | None:
        """Return the person's id, or None for a guest."""
        return self.user.id if self.user else None

    @property
    def caller(self) -> str:
        """Return to whom an idempotency key belongs."""
        return f"user:{self.user.id}" if self.user else "guest"


class CsrfFailed(Forbidden):
    code = "csrf_failed"
    message = "The page's security token is missing or old. Reload the page and try again."


class _CsrfCheck(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> str:
        return reason


def token_digest(token: str) -> bytes:
    """Return what the database keeps of a bearer secret: SHA-256 (the secret has 256 random bits)."""
    return hashlib.sha256(token.encode()).digest()


def principal(request: HttpRequest) -> Principal:
    """Say who is asking; computed once a request.

    A session cookie counts for a changing request only with its CSRF token (raises CsrfFailed); a session
    token or an order's secret in a header needs none, since no other site can send it.
    """
    known: Principal | None = getattr(request, "_codepop_principal", None)
    if known is None:
        known = _resolve(request)
        request._codepop_principal = known  # type: ignore[attr-defined]  # the request carries it for this one call
    return known


def _resolve(request: HttpRequest) -> Principal:
    user = _user(request)
    token = request.headers.get("X-Order-Token")
    return Principal(
        user=user,
        grants=grants_of(user.id) if user else (),
        token_hash=token_digest(token) if token else None,
    )


def _user(request: HttpRequest) -> User | None:
    if request.headers.get("X-Session-Token"):
        found = x_session_token_auth(request)
        return found if isinstance(found, User) and found.is_active else None
    if not request.COOKIES.get("sessionid") or not isinstance(request.user, User) or not request.user.is_active:
        return None
    if request.method not in _SAFE:
        check_csrf(request)
    return request.user


def _never_called(_request: HttpRequest) -> HttpResponse:
    """Stand where Django's middleware wants the next one; only its check is used."""
    raise AssertionError


def check_csrf(request: HttpRequest) -> None:
    """Raise CsrfFailed unless the request carries the token of its cookie."""
    check = _CsrfCheck(_never_called)
    check.process_request(request)
    if check.process_view(request, _never_called, (), {}):
        raise CsrfFailed


def admit(request: HttpRequest, operation: str) -> Principal:
    """Refuse whoever may not call the operation at all; the object is checked by `require` afterwards."""
    rule = POLICY.get(operation)
    if rule is None or rule.device:
        raise NotFound
    who = principal(request)
    if rule.public or (rule.guest_token and who.token_hash) or (who.user and (rule.signed_in or rule.owner)):
        return who
    if who.user is None:
        raise NotSignedIn
    if any(grant.role in rule.roles for grant in who.grants):
        return who
    raise Forbidden


def require(
    request: HttpRequest,
    operation: str,
    *,
    owner_id: UUID | None = None,
    token_hash: bytes | memoryview | None = None,
    store_id: UUID | None = None,
    region_id: UUID | None = None,
) -> Principal:
    """Refuse whoever has no such relation to the object as the operation's row demands; raises NotFound."""
    who, rule = principal(request), POLICY[operation]
    if rule.public or rule.signed_in:
        return who
    if rule.owner and owner_id is not None and who.user_id == owner_id:
        return who
    if rule.guest_token and who.token_hash and token_hash and hmac.compare_digest(who.token_hash, bytes(token_hash)):
        return who
    if any(covers(grant, rule, store_id=store_id, region_id=region_id) for grant in who.grants):
        return who
    raise NotFound


def covers(grant: Grant, rule: Rule, *, store_id: UUID | None, region_id: UUID | None) -> bool:
    """Say whether a grant's role and scope allow the rule's operation on an object of this store or region."""
    if grant.role not in rule.roles:
        return False
    if grant.scope_kind == ScopeKind.CHAIN:
        return True
    wanted = store_id if grant.scope_kind == ScopeKind.STORE else region_id
    return wanted is not None and grant.scope_id == wanted
