"""What every request and answer gets: an id for the logs, limits, and headers that browsers act on.

And what only a browser with a session needs, so that programs do without (docs/decisions/0014).
"""

import re
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils.deprecation import MiddlewareMixin

from codepop.core.errors import AppError, BodyTooLarge, TlsNeeded
from codepop.kit.card_numbers import holds_one
from codepop.kit.ids import uuid7

Handler = Callable[[HttpRequest], HttpResponse]

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_FOR_PROGRAMS = ("/api/", "/device/", "/webhooks/")
_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")


def request_id(get_response: Handler) -> Handler:
    """Bind `request_id` for the request's logs and answer with it in X-Request-Id.

    It is the caller's own when that is well formed and no card number.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        identity = given if _WELL_FORMED.fullmatch(given) and not holds_one(given) else str(uuid7())
        # Cleared at the start and not at the end: Django logs refused requests after the last middleware.
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=identity)
        response = get_response(request)
        response["X-Request-Id"] = identity
        return response

    return middleware


def security_headers(get_response: Handler) -> Handler:
    """Answer with the headers by which a browser holds a page together; a view may bring its own of each.

    Outermost but one, so that also files, redirects and refusals of other middleware carry them. What no view has
    called fit to be kept is kept by nobody: a personal page must not lie in a cache because its view forgot to say so.
    """
    headers = {
        "Content-Security-Policy": settings.CONTENT_SECURITY_POLICY,
        "Permissions-Policy": settings.PERMISSIONS_POLICY,
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response

    return middleware


def limits(get_response: Handler) -> Handler:
    """Refuse what need not be read: odd methods, long bodies, and programs that speak without TLS in production.

    A person's browser is redirected to HTTPS; a program is refused, since it would send its token in plain text again
    and nobody would notice. Without a Content-Length there is no body: the server hands on none.
    """
    tls_only = settings.SECURE_SSL_REDIRECT

    def middleware(request: HttpRequest) -> HttpResponse:
        if tls_only and not request.is_secure() and request.path.startswith(settings.PROGRAM_PATHS):
            return _refusal(TlsNeeded())
        if request.method not in _METHODS:
            return HttpResponseNotAllowed(_METHODS)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isascii() or not length.isdigit() or int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return _refusal(BodyTooLarge())
        return get_response(request)

    return middleware


def _refusal(error: AppError) -> HttpResponse:
    return JsonResponse(error.body(), status=error.http_status)


def by_session(request: HttpRequest) -> bool:
    """Say whether a session may matter: for every page, and elsewhere for who sends the cookie of one.

    What programs call knows its caller by a header (a session's token, an order's secret, a device's key, a signature)
    or not at all; there is nothing to look up, to keep or to tell them by a page's message.
    """
    return not request.path_info.startswith(_FOR_PROGRAMS) or settings.SESSION_COOKIE_NAME in request.COOKIES


class _BySession(MiddlewareMixin):
    """Stands aside, whole, where no session can matter."""

    def __call__(self, request: HttpRequest) -> Any:
        return super().__call__(request) if by_session(request) else self.get_response(request)


class Sessions(_BySession, SessionMiddleware):
    """Django's sessions, for who has one or may get one."""


class People(_BySession, AuthenticationMiddleware):
    """Django's `request.user`, from the session."""


class Messages(_BySession, MessageMiddleware):
    """Django's messages from one page to the next."""
