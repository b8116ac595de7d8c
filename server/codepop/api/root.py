"""The public API under /api/v1: features' routers, one gate for all operations, one shape for all errors."""

from dataclasses import dataclass
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.views.decorators.http import require_safe
from ninja import NinjaAPI, Router
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from codepop.accounts.access import Principal, admit
from codepop.api.document import describe_gate
from codepop.core.card_guard import refuse_card_numbers
from codepop.core.errors import AppError, Busy, InvalidInput, NotFound
from codepop.core.log import get_logger

log = get_logger(__name__)
DATABASE_AWAY = "Our database does not answer. Nothing was lost; try again in a moment."
SERVER_ERROR = "That is our fault, not yours, and it is logged. Look at the present state before you try again."


@dataclass(frozen=True)
class Gate:
    """Stands before one operation: asks whether this caller may call it at all, and lets no card number pass."""

    operation: str

    def __call__(self, request: HttpRequest) -> Principal:
        """Return the principal (truthy), or raise what the policy table says, or CardNumberSent."""
        who = admit(request, self.operation)
        refuse_card_numbers(request, self.operation)
        return who


def guard(router: Router) -> Router:
    """Put a gate before every operation of a router; called before it is mounted.

    Done here and not in the features, so that no operation can be added without one.
    """
    for view in router.path_operations.values():
        for operation in view.operations:
            gate = Gate(str(operation.operation_id))
            operation.auth_param = gate
            operation.auth_callbacks = [gate]
    return router


def answer(api: NinjaAPI, request: HttpRequest, error: AppError) -> HttpResponse:
    """Turn an expected error into its answer."""
    response = api.create_response(request, error.body(), status=error.http_status)
    for name, value in error.headers.items():
        response[name] = value
    return response


def _field_path(location: tuple[Any, ...]) -> str:
    """`("body", "body", "lines", 0, "size")` -> `lines.0.size`; Ninja puts the argument's name second."""
    kind, *rest = location
    if kind in ("body", "form") and len(rest) > 1:
        rest = rest[1:]
    return ".".join(str(part) for part in rest) or str(kind)


class PublicApi(NinjaAPI):
    """Adds to the OpenAPI document what the gate may answer, and by which credentials it opens."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Return the document; see `codepop.api.document` for what is added."""
        document = super().get_openapi_schema(**options)
        describe_gate(document)
        return document


def make_api() -> NinjaAPI:
    """Build the API with all routers and error answers."""
    api = PublicApi(
        title="CodePop",
        version="1.0.0",
        description="Order a drink, pay, have it made as you arrive, open the door. See docs/api.md.",
        docs_url=None,
        docs_decorator=require_safe,
        openapi_url="/openapi.json",
        urls_namespace="api",
    )
    _add_errors(api)
    for prefix, router in ROUTERS:
        api.add_router(prefix, guard(import_string(router)))
    return api


def make_device_api() -> NinjaAPI:
    """Build the device API; its router brings its own gate, the devices' keys."""
    api = NinjaAPI(
        title="CodePop devices",
        version="1.0.0",
        description="What robots and door controllers speak. Authorization: Device <device id>:<key>.",
        docs_url=None,
        docs_decorator=require_safe,
        openapi_url="/openapi.json",
        urls_namespace="device",
    )
    _add_errors(api)
    api.add_router("", DEVICE_ROUTER)
    return api


def _add_errors(api: NinjaAPI) -> None:
    @api.exception_handler(AppError)
    def expected(request: HttpRequest, error: AppError) -> HttpResponse:
        return answer(api, request, error)

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        fields = {_field_path(tuple(e["loc"])): str(e["msg"]) for e in error.errors}
        return answer(api, request, InvalidInput(fields=fields))

    @api.exception_handler(HttpError)
    def http(request: HttpRequest, error: HttpError) -> HttpResponse:
        return answer(
            api, request, InvalidInput("The body is not valid JSON.", fields={"body": "Send one JSON object."})
        )

    @api.exception_handler(Http404)
    def missing(request: HttpRequest, error: Http404) -> HttpResponse:
        return answer(api, request, NotFound())

    @api.exception_handler(OperationalError)
    @api.exception_handler(InterfaceError)
    def no_database(request: HttpRequest, error: Exception) -> HttpResponse:
        log.error("database_unavailable", reason=type(error).__name__)
        return answer(api, request, Busy(DATABASE_AWAY))

    @api.exception_handler(Exception)
    def unexpected(request: HttpRequest, error: Exception) -> HttpResponse:
        log.exception("unexpected_error", operation=request.path)
        body = {"error": {"code": "server_error", "message": SERVER_ERROR, "fields": {}}}
        return api.create_response(request, body, status=500)


DEVICE_ROUTER = "codepop.fulfilment.device_api.router"
ROUTERS: list[tuple[str, str]] = [
    ("", "codepop.api.config.router"),
    ("", "codepop.accounts.api.router"),
    ("", "codepop.privacy.api.router"),
    ("", "codepop.stores.api.router"),
    ("", "codepop.inventory.api.router"),
    ("", "codepop.payments.api.router"),
    ("", "codepop.ordering.api.router"),
    ("", "codepop.ordering.payment_api.router"),
    ("", "codepop.ordering.claim_api.router"),
    ("/me", "codepop.profile.api.router"),
    ("/orders", "codepop.fulfilment.api.router"),
    ("", "codepop.notifications.api.router"),
]
