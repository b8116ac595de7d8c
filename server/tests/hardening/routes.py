"""Every address of the URL table with sample values in it, and everything that may be asked of one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_SAMPLES: Final = {
    "uuidstr": "00000000-0000-7000-8000-000000000000",
    "uuid": "00000000-0000-7000-8000-000000000000",
    "int": "7",
    "slug": "no-such-place",
    "str": "no-such-thing",
    "path": "no/such/path",
    "key": "no-such-key",
}
_CONVERTER: Final = re.compile(r"<(?:(?P<kind>\w+):)?\w+>")
# What the two addresses without a fixed text stand for.
_BY_PATTERN: Final = {
    r"^.+$": "no/such/page",
    r"^_allauth/(?:app|browser)/v1/(?:account|auth)/phone\b": "_allauth/app/v1/account/phone",
}


@dataclass(frozen=True)
class Route:
    """An address that leads to a view, written out."""

    path: str
    pattern: URLPattern


def routes() -> list[Route]:
    """Return all of them; a new one is in the list without being added anywhere."""
    return sorted(set(_walk(get_resolver(), "/")), key=lambda route: route.path)


def _walk(resolver: URLResolver, prefix: str) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        path = prefix + _written_out(entry)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, path)
        else:
            yield Route(path, entry)


def _written_out(entry: URLPattern | URLResolver) -> str:
    text = str(entry.pattern)
    if isinstance(entry.pattern, RegexPattern):
        return _BY_PATTERN.get(text, "" if text.startswith("^(?!") else text.strip("^$"))
    return _CONVERTER.sub(lambda found: _SAMPLES[found["kind"] or "str"], text)


def ask(client: Client, method: str, path: str, **more: str) -> HttpResponse:
    """Ask one thing of one address, with an empty JSON object where a body may be."""
    body = "{}" if method in ("POST", "PUT", "PATCH") else ""
    return client.generic(method, path, body, "application/json" if body else "", **more)  # type: ignore[arg-type]
