"""Two at the same moment with one address: allauth looks whether it is taken, and writes afterwards.

Whoever writes second meets the database's own constraint. They are answered as if they had come a moment later: the
operation is done once more, and now finds the address taken.
"""

from typing import Final

from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

from codepop.core.log import get_logger

log = get_logger(__name__)

_PREFIX: Final = "/_allauth/"
_UNIQUE_VIOLATION: Final = "23505"


class OnceMore(MiddlewareMixin):
    """Must stand last, so that it sees the view's own exception first."""

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Call allauth's view again after a unique violation; it wrote nothing then, and its checks see the winner."""
        taken = isinstance(error, IntegrityError) and getattr(error.__cause__, "sqlstate", "") == _UNIQUE_VIOLATION
        match = request.resolver_match
        if not taken or match is None or not request.path_info.startswith(_PREFIX):
            return None
        log.info("address_taken_meanwhile", operation=match.view_name)
        answer: HttpResponse = match.func(request, *match.args, **match.kwargs)
        return answer
