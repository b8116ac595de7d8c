"""A request's id: taken from the caller when it is well formed, put into every log line and into the answer."""

import re
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from codepop.kit.ids import uuid7

_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")


def request_id(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Bind `request_id` for the request's logs and answer with it in X-Request-Id."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        identity = given if _WELL_FORMED.fullmatch(given) else str(uuid7())
        # Cleared at the start and not at the end: Django logs refused requests after the last middleware.
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=identity)
        response = get_response(request)
        response["X-Request-Id"] = identity
        return response

    return middleware
