"""The three ways in which a call to any provider can fail (house style, section 6).

`Unavailable` and `Refused` say that nothing happened at the provider. `Unknown` says that we can't tell: the
caller must look the thing up before it does anything else.
"""


class GatewayError(Exception):
    """A provider's answer that is not the one we wanted; the SDK's own error is its `__cause__`."""

    def __init__(
        self,
        provider: str,
        message: str,
        *,
        code: str = "",
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.provider = provider
        self.retry_after = retry_after
        """Seconds after which it makes sense to ask again, when that is known."""
        self.code = code
        self.request_id = request_id
        super().__init__(f"{provider}: {message} (code {code or '-'}, request {request_id or '-'})")


class Unavailable(GatewayError):
    """The provider did not take the request: it may be sent again, with the same key."""


class HeldBack(Unavailable):
    """Our own guard did not let the call out: the breaker is open, or the budget is used up, for `retry_after`."""


class Refused(GatewayError):
    """The provider took the request and said no: sending it again gives the same answer."""


class Unknown(GatewayError):
    """The request was sent and no answer tells what became of it: look it up by its metadata first."""
