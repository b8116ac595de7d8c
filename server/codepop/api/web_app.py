"""The customer app's page for every address that is a screen of the app; its files are served by WhiteNoise."""

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

NOT_BUILT = "The customer app is not built yet. Run ./run up, or npm run export:web in app/."


@require_safe
@ensure_csrf_cookie
def web_app(request: HttpRequest) -> HttpResponseBase:
    """Serve index.html, never cached, with the CSRF cookie that the app sends back when signed in."""
    page = settings.CODEPOP.app_dist / "index.html"
    if not page.is_file():
        return HttpResponse(NOT_BUILT, status=503, content_type="text/plain; charset=utf-8")
    response = FileResponse(page.open("rb"), content_type="text/html; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    response["Content-Security-Policy"] = settings.PAYMENT_PAGE_POLICY
    return response
