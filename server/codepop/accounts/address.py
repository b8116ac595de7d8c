"""Where a request comes from."""

from allauth.account.adapter import get_adapter
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the network address of a request, by the same rule as sign-in limits. Personal: never store or log it."""
    return str(get_adapter(request).get_client_ip(request))
