"""Stripe's error envelope: one exception class, and a function for each way a request is refused."""

from typing import Any

from sandbox.store import Json

DOC_URL = "https://stripe.com/docs/error-codes/"


class StripeError(Exception):
    """A refusal as Stripe words it. `stored` says whether an idempotency key keeps it: only what began to execute is
    kept.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        stored: bool = True,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.stored = stored
        self.error: Json = {"message": message, "type": kind}
        if code is not None:
            self.error["code"] = code
            self.error["doc_url"] = DOC_URL + code.replace("_", "-")
        if param is not None:
            self.error["param"] = param
        self.error.update({name: value for name, value in more.items() if value is not None})

    def body(self) -> Json:
        return {"error": self.error}


def invalid(
    message: str, *, code: str | None = None, param: str | None = None, stored: bool = False, **more: Any
) -> StripeError:
    """A request that is wrong in itself."""
    return StripeError(400, "invalid_request_error", message, code=code, param=param, stored=stored, **more)


def unknown_parameters(names: list[str]) -> StripeError:
    plural = "s" if len(names) > 1 else ""
    return invalid(f"Received unknown parameter{plural}: {', '.join(names)}", code="parameter_unknown", param=names[0])


def missing_parameter(name: str) -> StripeError:
    return invalid(f"Missing required param: {name}.", code="parameter_missing", param=name)


def not_built(name: str) -> StripeError:
    """For parameters that exist at Stripe and not here: refusing is honest, ignoring would not be."""
    return invalid(
        f"The sandbox doesn't know the parameter '{name}' yet, though Stripe does. Leave it out, or add it to the"
        f" sandbox.",
        param=name,
    )


def missing_object(noun: str, key: str, param: str) -> StripeError:
    return StripeError(404, "invalid_request_error", f"No such {noun}: '{key}'", code="resource_missing", param=param)


def no_such_address(method: str, path: str) -> StripeError:
    message = (
        f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at"
        f" https://support.stripe.com/."
    )
    return StripeError(404, "invalid_request_error", message, stored=False)


def no_key() -> StripeError:
    message = (
        "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer"
        " auth"
        " (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
    )
    return StripeError(401, "invalid_request_error", message, stored=False)


def wrong_key(key: str) -> StripeError:
    shown = f"{key[:8]}{'*' * max(0, min(len(key) - 12, 20))}{key[-4:]}" if len(key) > 12 else "*" * len(key)
    return StripeError(401, "invalid_request_error", f"Invalid API Key provided: {shown}", stored=False)


def secret_key_required() -> StripeError:
    message = "This API call cannot be made with a publishable API key. Please use a secret API key."
    return StripeError(401, "invalid_request_error", message, code="secret_key_required", stored=False)


def key_in_use(key: str) -> StripeError:
    message = (
        "There is currently another in-progress request using this Idempotent Key (that probably means you submitted"
        " twice, and the other"
        f" request is still going through): {key}. Please try again later."
    )
    return StripeError(409, "idempotency_error", message, code="idempotency_key_in_use", stored=False)


def key_reused(key: str) -> StripeError:
    message = (
        "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using"
        " a key other than"
        f" '{key}' if you meant to execute a different request."
    )
    return StripeError(400, "idempotency_error", message, stored=False)


def rate_limited() -> StripeError:
    message = "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits."
    return StripeError(429, "invalid_request_error", message, code="rate_limit", stored=False)


def server_error(status: int = 500, *, stored: bool = False) -> StripeError:
    message = "An unknown error occurred (a fault switched on in the sandbox)."
    return StripeError(status, "api_error", message, stored=stored)


def sandbox_defect() -> StripeError:
    message = "The sandbox itself failed at this request; its log has the traceback. This is a defect of the sandbox."
    return StripeError(500, "api_error", message, stored=False)


def unexpected_state(intent: Json, message: str, noun: str = "payment_intent") -> StripeError:
    """The intent is in a state that doesn't allow this."""
    refusal = StripeError(400, "invalid_request_error", message, code=f"{noun}_unexpected_state")
    refusal.error[noun] = intent
    return refusal


def card_error(
    message: str, code: str, *, decline_code: str | None = None, param: str | None = None, **more: Any
) -> StripeError:
    return StripeError(402, "card_error", message, code=code, param=param, decline_code=decline_code, **more)
