"""What Django answers when no view of ours was reached, in the same envelope as everything else."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse

from codepop.api.root import DATABASE_AWAY, SERVER_ERROR
from codepop.core.errors import AppError, Busy, Forbidden, InvalidInput, NotFound


def _answer(error: AppError) -> HttpResponse:
    return JsonResponse(error.body(), status=error.http_status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django itself could not read, such as one for a foreign host name."""
    error = InvalidInput("The request could not be read.")
    error.http_status = 400
    return _answer(error)


def forbidden(request: HttpRequest, exception: Exception | None = None, reason: str = "") -> HttpResponse:
    """Answer a refused request, a missing CSRF token included."""
    return _answer(Forbidden("The page's security token is missing or old. Reload the page and try again."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that leads nowhere."""
    return _answer(NotFound())


def no_such_address(request: HttpRequest) -> HttpResponse:
    """Stand at an address that a package brings along and that we do not serve."""
    return _answer(NotFound())


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer when a view failed: it was logged with the request's id, which stands in the answer's header.

    Django calls this while it handles the exception; a database that is away is nobody's mistake.
    """
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        return _answer(Busy(DATABASE_AWAY))
    return JsonResponse({"error": {"code": "server_error", "message": SERVER_ERROR, "fields": {}}}, status=500)
