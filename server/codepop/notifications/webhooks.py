"""What the mail provider finds out after it took a message: bounces, complaints, people who unsubscribed there.

django-anymail checks the secret (several may live at once) and reads each provider's form. The event is applied at
once and not put into the inbox: it carries an address, which no inbox row may, and applying it twice changes nothing.
"""

import functools
from typing import Any, Final

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from codepop.accounts.selectors import user_by_email
from codepop.core.errors import InvalidInput
from codepop.core.log import get_logger
from codepop.notifications import services
from codepop.notifications.kinds import OPTIONAL, Channel, Flaw

log = get_logger(__name__)

_VIEWS: Final = {
    "brevo": "anymail.webhooks.brevo.BrevoTrackingWebhookView",
    "mailjet": "anymail.webhooks.mailjet.MailjetTrackingWebhookView",
    "postmark": "anymail.webhooks.postmark.PostmarkTrackingWebhookView",
    "sendgrid": "anymail.webhooks.sendgrid.SendGridTrackingWebhookView",
    "sparkpost": "anymail.webhooks.sparkpost.SparkPostTrackingWebhookView",
}
_BAD_ADDRESS: Final = (RejectReason.INVALID, RejectReason.BOUNCED)


@csrf_exempt
@require_POST
def mail_webhook(request: HttpRequest) -> HttpResponse:
    """Take the provider's events; 400 when the secret is wrong or the body is not what the provider sends."""
    reader = _reader()
    try:
        reader.run_validators(request)
        events = reader.parse_events(request)
    except AnymailWebhookValidationFailure:
        return _refuse("The user and password of this address are not right.")
    except (ValueError, KeyError, TypeError, AttributeError):
        return _refuse("This is not an event of the mail provider's.")
    for event in events:
        _apply(event)
    return HttpResponse(status=200)


@functools.cache
def _reader() -> Any:
    return import_string(_VIEWS[settings.CODEPOP.mail.webhook_provider])()


def _refuse(says: str) -> HttpResponse:
    error = InvalidInput(says)
    return JsonResponse(error.body(), status=400)


def _apply(event: AnymailTrackingEvent) -> None:
    address = str(event.recipient or "").strip().lower()
    log.info("mail_event", kind=event.event_type, reason=event.reject_reason)
    if not address:
        return
    if event.event_type == EventType.COMPLAINED:
        services.flag_address(address=address, flaw=Flaw.COMPLAINED)
        _stop(address, "complaint")
    elif event.event_type in (EventType.BOUNCED, EventType.REJECTED) and event.reject_reason in _BAD_ADDRESS:
        services.flag_address(address=address, flaw=Flaw.BOUNCED)
    elif event.event_type == EventType.UNSUBSCRIBED:
        _stop(address, "provider")


def _stop(address: str, source: str) -> None:
    """Send no more of what can be declined to the account with this address."""
    if user := user_by_email(address):
        services.choose(user_id=user.id, choices={(one, Channel.MAIL): False for one in OPTIONAL}, source=source)
