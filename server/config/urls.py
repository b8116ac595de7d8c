"""All addresses of the site."""

from django.urls import include, path, re_path
from django.views.generic import RedirectView

from codepop.api.pages import mail_needed
from codepop.api.root import make_api, make_device_api
from codepop.api.web_app import web_app
from codepop.ops.health import health
from codepop.payments.api import stripe_webhook

api = make_api()
device_api = make_device_api()

urlpatterns = [
    path("api/v1/", api.urls),
    path("device/v1/", device_api.urls),
    path("webhooks/stripe", stripe_webhook, name="webhook_stripe"),
    re_path(
        r"^_allauth/(?:app|browser)/v1/(?:auth/(?:signup|password/(?:request|reset)|email/.+|code/.+)|account/email)$",
        mail_needed,
        name="mail_needed",
    ),
    path("_allauth/", include("allauth.headless.urls")),
    path("staff", RedirectView.as_view(url="/staff/"), name="staff"),
    path("staff/", include("codepop.reporting.staff.urls")),
    path("ops/health", health, name="health"),
    re_path(r"^(?!api/|device/|webhooks/|staff/|ops/|_allauth/|static/|_expo/|assets/).*$", web_app, name="web_app"),
]

handler400 = "codepop.api.pages.bad_request"
handler403 = "codepop.api.pages.forbidden"
handler404 = "codepop.api.pages.not_found"
handler500 = "codepop.api.pages.server_error"
