"""The provider's door: one address that takes signed messages. Everything else of payments goes through orders."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from codepop.core.errors import AppError
from codepop.core.log import get_logger
from codepop.payments.services import receive_webhook

log = get_logger(__name__)

BODY_LIMIT = 256 * 1024


class BodyTooLarge(AppError):
    code = "body_too_large"
    http_status = 413
    message = "A message may have at most 256 kB."


@csrf_exempt
@require_POST
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """Take one signed message of Stripe's: 200 once it is stored, 4xx when it is not proven to be theirs."""
    try:
        if int(request.headers.get("Content-Length") or 0) > BODY_LIMIT:
            raise BodyTooLarge
        new = receive_webhook(body=request.body, headers=request.headers)
    except AppError as error:
        log.warning("webhook_refused", code=error.code)
        return JsonResponse(error.body(), status=error.http_status)
    return JsonResponse({"received": True, "new": new})
