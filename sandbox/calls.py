"""How a control call is read and answered: JSON in, JSON out, and wrong calls told what is wrong with them.

Changing calls take JSON with that content type, which no page of another origin can send unasked.
"""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.store import Store

Handler = Callable[[Request], Awaitable[Any]]


class ControlError(ValueError):
    """A control call is wrong; the message names the field and the remedy."""


async def read_json(request: Request, *known: str) -> dict[str, Any]:
    """The object in the body. Raises ControlError for anything else, and for fields beyond `known` when some are."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise ControlError("send JSON with the content type application/json")
    body = await request.body()
    try:
        wish = json.loads(body or b"{}")
    except ValueError:
        raise ControlError("the body isn't JSON") from None
    if not isinstance(wish, dict):
        raise ControlError("the body must be a JSON object")
    unknown = set(wish) - set(known)
    if known and unknown:
        raise ControlError(f"{', '.join(sorted(unknown))}: unknown; this call takes {', '.join(known)}")
    return wish


def number(wish: dict[str, Any], name: str, default: float) -> float:
    """A number of the body. Raises ControlError when it is something else."""
    value = wish.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ControlError(f"{name} must be a number")
    return value


def routes_of(table: Sequence[tuple[str, str, Handler]]) -> list[Route]:
    return [Route(path, _guarded(handler), methods=[method]) for method, path, handler in table]


def _guarded(handler: Handler) -> Callable[[Request], Awaitable[JSONResponse]]:
    """Wrong calls become 400 with the reason. State is written before the answer leaves."""

    async def answer(request: Request) -> JSONResponse:
        try:
            result = await handler(request)
        except ValueError as problem:
            return JSONResponse({"error": {"message": str(problem)}}, status_code=400)
        store: Store = request.app.state.store
        store.flush()
        return JSONResponse(result)

    return answer
