"""The one root of expected errors, and the one shape in which they are told.

A feature sub-classes `AppError` for each way it can refuse. The API answers
`{"error": {"code", "message", "fields"}}`; `fields` maps the path of an input field to what is wrong with
it and how to mend it.
"""

from collections.abc import Mapping
from typing import Any


class AppError(Exception):
    """Something went wrong that we expected and can explain."""

    code = "error"
    http_status = 400
    message = "The request was refused."

    def __init__(
        self,
        message: str | None = None,
        *,
        fields: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.message = message or self.message
        self.fields = dict(fields or {})
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})
        super().__init__(self.message)

    def body(self) -> dict[str, Any]:
        """Return the answer's JSON; `extra` stands beside `error`, never inside it."""
        return {"error": {"code": self.code, "message": self.message, "fields": self.fields}, **self.extra}


class InvalidInput(AppError):
    code = "invalid_input"
    http_status = 422
    message = "Some fields are not right."


class NotSignedIn(AppError):
    code = "not_signed_in"
    http_status = 401
    message = "Sign in first, or open the order by its own link."


class Forbidden(AppError):
    code = "forbidden"
    http_status = 403
    message = "Your role does not allow this."


class NotFound(AppError):
    code = "not_found"
    http_status = 404
    message = "There is nothing here under this address."


class Conflict(AppError):
    code = "conflict"
    http_status = 409
    message = "This clashes with what happened meanwhile. Look at the present state and try again."


class Busy(AppError):
    code = "busy"
    http_status = 503
    message = "Somebody else is changing the same thing. Try again in a moment."


class TooManyRequests(AppError):
    code = "too_many_requests"
    http_status = 429
    message = "Too many tries. Wait a moment."


class BodyTooLarge(AppError):
    code = "body_too_large"
    http_status = 413
    message = "That is too much at once: a request may have at most 1 MB."


class TlsNeeded(AppError):
    code = "tls_needed"
    http_status = 403
    message = "Use https:// for this address. What was just sent went unencrypted: change its token or password."
