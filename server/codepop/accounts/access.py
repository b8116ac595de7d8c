"""Who is asking, and may they? The table is `policy.POLICY`; this module only applies it.

What a person may not see looks exactly like what does not exist: both are `NotFound`.
"""

import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

# What allauth's own Ninja and REST classes call. Through those, Ninja and pydantic would come into the live process,
# which has no use for them: 14 MB of its memory.
from allauth.headless.internal.sessionkit import authenticate_by_x_session_token
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from codepop.accounts.errors import ConfirmationNeeded, ViewOnly
from codepop.accounts.models import User
from codepop.accounts.policy import POLICY, Rule
from codepop.accounts.roles import ScopeKind
from codepop.accounts.selectors import Grant, grants_of, holders_of
from codepop.accounts.services.sign_ins import note_use
from codepop.accounts.viewing import View, current_view
from codepop.core.errors import Forbidden, NotFound, NotSignedIn
from codepop.core.log import get_logger
from codepop.core.sessions import stored_key

log = get_logger(__name__)

CONFIRMED_SECONDS: Final = 300
"""As long as allauth, too, takes a confirmation for granted (ACCOUNT_REAUTHENTICATION_TIMEOUT's own value)."""

_SAFE = ("GET", "HEAD", "OPTIONS")
_WHILE_LOOKING = ("staff:sign_out", "staff:view_end")
"""What somebody may send who looks as another role."""


@dataclass(frozen=True)
class Principal:
    """Who sent a request: a signed-in person or nobody in particular, perhaps with an order's secret.

    `withheld` are the roles of somebody who signed in without a second factor: they count for nothing (SEC-09).
    """

    user: User | None
    grants: Sequence[Grant]
    token_hash: bytes | None
    view: View | None = None
    """The role that a person looks as: its grant is then their only one, and they can change nothing."""
    withheld: Sequence[Grant] = ()
    session: str | None = None
    """The stored key of the session, never the open one."""
    confirmed: bool = False
    """Whether they showed within five minutes that it is still them."""

    @property
    def user_id(self) -> UUID | None:
        """Return the person's id, or None for a guest."""
        return self.user.id if self.user else None

    @property
    def caller(self) -> str:
        """Return to whom an idempotency key belongs."""
        return f"user:{self.user.id}" if self.user else "guest"

    @property
    def actor(self) -> str:
        """Return how history names a person of the staff: by id, since history is kept longer than people."""
        return f"staff:{self.user_id}"


class CsrfFailed(Forbidden):
    code = "csrf_failed"
    message = "The page's security token is missing or old. Reload the page and try again."


class SecondFactorNeeded(Forbidden):
    code = "second_factor_needed"
    message = "Your role wants a second factor. Set one up, or sign in again with it."


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
    user, session = _signed_in(request)
    token = request.headers.get("X-Order-Token")
    token_hash = token_digest(token) if token else None
    if user is None or session is None:
        return Principal(user=None, grants=(), token_hash=token_hash)
    stored = stored_key(session.session_key) if session.session_key else None
    if stored:
        note_use(user_id=user.id, session=stored)
    held, confirmed = grants_of(user.id), _lately_confirmed(session, user.id)
    if held and not has_second_factor(session, user.id):
        return Principal(user, grants=(), token_hash=token_hash, withheld=held, session=stored, confirmed=confirmed)
    view = current_view(session, held) if held else None
    return Principal(
        user=user,
        grants=(view.grant,) if view else held,
        token_hash=token_hash,
        view=view,
        session=stored,
        confirmed=confirmed,
    )


def _signed_in(request: HttpRequest) -> tuple[User | None, SessionBase | None]:
    if token := request.headers.get("X-Session-Token"):
        found, session = authenticate_by_x_session_token(token) or (None, None)
        return (found, session) if isinstance(found, User) and found.is_active else (None, None)
    if (
        not request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        or not isinstance(request.user, User)
        or not request.user.is_active
    ):
        return None, None
    if request.method not in _SAFE:
        check_csrf(request)
    return request.user, request.session


def has_second_factor(session: SessionBase, user_id: UUID) -> bool:
    """Say whether a session was opened with a second factor, a passkey included, that is still theirs.

    allauth keeps in the session how its person proved who they are; the names are its own, since importing them
    would bring its forms into the live process.
    """
    return any(record.get("method") == "mfa" for record in _proofs(session, user_id))


def _lately_confirmed(session: SessionBase, user_id: UUID) -> bool:
    """Say what allauth's `did_recently_reauthenticate` says of its own operations; signing in does not count.

    By the machine's clock, which is what allauth writes the moments down by.
    """
    again = [record["at"] for record in _proofs(session, user_id) if record.get("reauthenticated")]
    return bool(again) and time.time() - again[-1] < CONFIRMED_SECONDS


def _proofs(session: SessionBase, user_id: UUID) -> Sequence[Mapping[str, Any]]:
    if session.get("account_authentication_methods_user") != str(user_id):
        return ()
    return session.get("account_authentication_methods") or ()


def _ask_to_confirm(user: User) -> ConfirmationNeeded:
    flows: list[dict[str, Any]] = [{"id": "reauthenticate"}] if user.has_usable_password() else []
    if types := sorted(set(Authenticator.objects.filter(user=user).values_list("type", flat=True))):
        flows.append({"id": "mfa_reauthenticate", "types": types})
    return ConfirmationNeeded(extra={"data": {"flows": flows}, "meta": {"is_authenticated": True}})


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
    if who.view and request.method not in _SAFE and operation not in _WHILE_LOOKING:
        note_denial(who, operation, "view")
        raise ViewOnly
    if rule.confirmed and who.user and not who.confirmed:
        raise _ask_to_confirm(who.user)
    if rule.public or (rule.guest_token and who.token_hash) or (who.user and (rule.signed_in or rule.owner)):
        return who
    if who.user is None:
        raise NotSignedIn
    if any(grant.role in rule.roles for grant in who.grants):
        return who
    if any(grant.role in rule.roles for grant in who.withheld):
        raise SecondFactorNeeded
    note_denial(who, operation, "role")
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
    note_denial(who, operation, "object")
    raise NotFound


def note_denial(who: Principal, operation: str, why: str) -> None:
    """Say in the log that somebody reached for what is not theirs (docs/decisions/0015): by id, never by name."""
    log.warning("access_denied", operation=operation, user=str(who.user_id or "guest"), why=why)


def staff_who_may(operation: str, *, store_id: UUID | None, region_id: UUID | None) -> list[UUID]:
    """Return the people whose grants allow an operation on a store, or on the whole chain, by id."""
    return holders_of(POLICY[operation].roles, store_id=store_id, region_id=region_id)


def covers(grant: Grant, rule: Rule, *, store_id: UUID | None, region_id: UUID | None) -> bool:
    """Say whether a grant's role and scope allow the rule's operation on an object of this store or region."""
    if grant.role not in rule.roles:
        return False
    if grant.scope_kind == ScopeKind.CHAIN:
        return True
    wanted = store_id if grant.scope_kind == ScopeKind.STORE else region_id
    return wanted is not None and grant.scope_id == wanted
