"""The privacy notice for people to read, each version under an address of its own."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from codepop.privacy.notices import CURRENT, NOTICES, find_notice
from codepop.privacy.purposes import PURPOSES


@require_safe
def privacy_notice(request: HttpRequest, version: int = CURRENT.version) -> HttpResponse:
    """Show a version of the notice, the present one without a number."""
    notice = find_notice(version)
    if notice is None:
        return render(request, "privacy/notice.html", {"unknown": True, "versions": NOTICES}, status=404)
    page = {
        "notice": notice,
        "text": f"privacy/notice_{notice.version}.html",
        "current": CURRENT,
        "versions": NOTICES,
        "purposes": PURPOSES.values(),
    }
    return render(request, "privacy/notice.html", page)
