"""All addresses of the site."""

from django.urls import include, path, re_path
from django.views.generic import RedirectView

from codepop.api.pages import no_such_address
from codepop.api.root import make_api, make_device_api
from codepop.api.web_app import web_app
from codepop.notifications.pages import mail_choices
from codepop.notifications.webhooks import mail_webhook
from codepop.ops.health import health
from codepop.ops.metrics import metrics
from codepop.payments.api import stripe_webhook
from codepop.privacy.pages import privacy_notice

api = make_api()
device_api = make_device_api()

urlpatterns = [
    path("api/v1/", api.urls),
    path("device/v1/", device_api.urls),
    path("webhooks/stripe", stripe_webhook, name="webhook_stripe"),
    path("webhooks/mail", mail_webhook, name="webhook_mail"),
    path("mail/choices/<str:token>", mail_choices, name="mail_choices"),
    path("privacy", privacy_notice, name="privacy_notice"),
    path("privacy/<int:version>", privacy_notice, name="privacy_notice_version"),
    # allauth has addresses for telephone numbers, which our accounts do not have; its own answer to them is a 500.
    re_path(r"^_allauth/(?:app|browser)/v1/(?:account|auth)/phone\b", no_such_address, name="no_phone"),
    path("_allauth/", include("codepop.accounts.passkeys")),  # before allauth's own: the same, with more care
    path("_allauth/", include("allauth.headless.urls")),
    path("staff", RedirectView.as_view(url="/staff/"), name="staff"),
    path("staff/", include("codepop.reporting.staff.urls")),
    path("ops/health", health, name="health"),
    path("ops/metrics", metrics, name="metrics"),
    re_path(r"^(?!api/|device/|webhooks/|staff/|ops/|_allauth/|static/|_expo/|assets/).*$", web_app, name="web_app"),
]

handler400 = "codepop.api.pages.bad_request"
handler403 = "codepop.api.pages.forbidden"
handler404 = "codepop.api.pages.not_found"
handler500 = "codepop.api.pages.server_error"
