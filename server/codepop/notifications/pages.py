"""The page on which people choose what we write about. Its address comes with a mail and needs no log-in.

A GET changes nothing, since mail scanners follow links. A POST from a mail program (RFC 8058) unsubscribes at once.
The token in the address is the proof of who asks, so no cookie is read and none is needed.
"""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from codepop.accounts.selectors import find_email
from codepop.notifications import services
from codepop.notifications.addresses import read_choices_token
from codepop.notifications.kinds import CHANNELS, OPTIONAL, Category, Channel
from codepop.notifications.selectors import choices_of

_TITLES: Final = {
    Category.ORDER_EVENTS: ("What happens to your orders", "That a drink is ready, for example."),
    Category.NEWS: ("News", "New drinks and what the season brings."),
}
_CHANNEL_TITLES: Final = {Channel.MAIL: "by e-mail", Channel.IN_APP: "in the app"}


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mail_choices(request: HttpRequest, token: str) -> HttpResponse:
    """Show the choices, take them from the page's form, or unsubscribe by one click."""
    user_id = read_choices_token(token)
    gone = user_id is not None and find_email(user_id) is None
    if user_id is not None and request.method == "POST" and request.POST.get("List-Unsubscribe") == "One-Click":
        if not gone:
            choice = (_category(request), Channel.MAIL)
            services.choose(user_id=user_id, choices={choice: False}, source="one_click")
        return HttpResponse("You are unsubscribed.", content_type="text/plain; charset=utf-8")
    if user_id is None or gone:
        return render(request, "mail/choices.html", {"unknown": True}, status=404)
    if request.method == "POST":
        wanted = {(c, by): f"{c.value}.{by.value}" in request.POST for c in OPTIONAL for by in CHANNELS}
        services.choose(user_id=user_id, choices=wanted, source="page")
    groups = [_group(category, choices_of(user_id)) for category in OPTIONAL]
    return render(request, "mail/choices.html", {"groups": groups, "saved": request.method == "POST"})


def _category(request: HttpRequest) -> Category:
    given = request.GET.get("category", "")
    return Category(given) if given in [one.value for one in OPTIONAL] else Category.NEWS


def _group(category: Category, present: dict[tuple[Category, Channel], bool]) -> dict[str, object]:
    title, says = _TITLES[category]
    boxes = [
        {"name": f"{category.value}.{by.value}", "title": _CHANNEL_TITLES[by], "on": present[category, by]}
        for by in CHANNELS
    ]
    return {"title": title, "says": says, "boxes": boxes}
