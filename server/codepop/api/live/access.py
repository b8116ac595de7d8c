"""Who may follow which stream: the API's own rules, asked on a few threads, with no connection kept afterwards."""

import asyncio
import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.asgi import ASGIRequest
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections
from django.http import HttpResponse
from starlette.requests import Request

from codepop.accounts.access import admit, require
from codepop.api.live.hub import Snapshot
from codepop.core.errors import NotFound
from codepop.fulfilment.device_key import device_from_header
from codepop.ordering import selectors as orders
from codepop.stores import selectors as stores
from codepop.stores.errors import StoreUnknown

T = TypeVar("T")
THREADS = 4


class Database:
    """Django's side of the live process. Each question borrows a thread and a pooled connection, and returns both."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="live-db")

    async def ask(self, question: Callable[[], T]) -> T:
        """Run a short synchronous query and return its answer."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, _with_connection, question)

    def close(self) -> None:
        """Let go of the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def may_follow_order(self, request: Request, order_id: UUID) -> None:
        """Raise what the API would answer to whoever may not see the order."""
        await self.ask(lambda: _check_order(request, order_id))

    async def may_follow_store(self, request: Request, store_id: UUID) -> None:
        """Raise what the API would answer to whoever may not see the store's screens."""
        await self.ask(lambda: _check_store(request, store_id))

    async def store_of_device(self, request: Request) -> UUID:
        """Return the store of the device whose key the request carries; raises DeviceRefused."""
        header = request.headers.get("Authorization", "")
        device = await self.ask(lambda: device_from_header(header))
        return device.store_id

    async def load_order(self, order_id: UUID) -> Snapshot:
        """Return the order as the API shows it."""
        return await self.ask(lambda: _load(order_id))


def _with_connection(question: Callable[[], T]) -> T:
    try:
        return question()
    finally:
        connections.close_all()


def _load(order_id: UUID) -> Snapshot:
    document = orders.get_order(order_id)
    text = json.dumps(document, cls=DjangoJSONEncoder, separators=(",", ":"))
    return Snapshot(version=document["version"], text=text)


def _never(_request: Any) -> HttpResponse:
    raise AssertionError("the middlewares are asked for the person only")


def _django_request(request: Request) -> ASGIRequest:
    """Return the request as Django knows it, with session and person."""
    known = ASGIRequest(dict(request.scope), io.BytesIO())
    SessionMiddleware(_never).process_request(known)
    AuthenticationMiddleware(_never).process_request(known)
    return known


def _check_order(request: Request, order_id: UUID) -> None:
    asked = _django_request(request)
    admit(asked, "live:order")
    whose = orders.order_access(order_id)
    require(
        asked,
        "live:order",
        owner_id=whose.customer_id,
        token_hash=whose.token_hash,
        store_id=whose.store_id,
        region_id=whose.region_id,
    )


def _check_store(request: Request, store_id: UUID) -> None:
    asked = _django_request(request)
    admit(asked, "live:store")
    try:
        store = stores.get_store(store_id)
    except StoreUnknown:
        raise NotFound from None  # as a store looks that is somebody else's
    require(asked, "live:store", store_id=store.id, region_id=store.region_id)
