"""What a person in front of a simulated store sees and can do: doors, robots, the keypad. And fault switches."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from simulator.faults import Fault, Faults
from simulator.store import Store

WEB = Path(__file__).parent / "web"
PING_SECONDS = 15.0
AT_MOST_EVERY = 0.25
MAX_BODY = 10_000


class Mall:
    """All stores of this process, with the switch that ends them."""

    def __init__(self, faults: Faults, stop: asyncio.Event) -> None:
        self.faults = faults
        self.stop = stop
        self.stores: dict[str, Store] = {}
        self.ready = False

    def end(self) -> None:
        """End all pages' streams."""
        self.stop.set()
        for store in self.stores.values():
            store.changed()

    def find(self, name: str) -> Store | None:
        """Return a store by slug or id."""
        by_id = (store for store in self.stores.values() if store.roster.id == name)
        return self.stores.get(name) or next(by_id, None)


def store_state(store: Store) -> dict[str, Any]:
    """Return what can be seen of a store."""
    now = time.time()
    return {
        "slug": store.roster.slug,
        "name": store.roster.name,
        "connected": store.connected and store.doors.online,
        "doors": [
            {
                "number": door.number,
                "state": door.state,
                "drinks": list(door.drinks),
                "seconds_left": max(0, round(door.expires_at - now)) if door.expires_at else None,
            }
            for door in sorted(store.doors.doors.values(), key=lambda one: one.number)
        ],
        "robots": [
            {
                "name": machine.name,
                "state": machine.state,
                "order_code": machine.order_code,
                "doing": machine.doing,
                "share": round(machine.share, 3),
                "made": machine.made,
            }
            for machine in store.machines
        ],
    }


def make_app(mall: Mall) -> Starlette:
    """Build the pages' and switches' application."""
    pages = _Pages(mall)
    return Starlette(
        routes=[
            Route("/", pages.index),
            Route("/healthz", pages.health),
            Route("/stores", pages.list_stores),
            Route("/stores/{store}", pages.store_page),
            Route("/stores/{store}/state", pages.state),
            Route("/stores/{store}/events", pages.events),
            Route("/stores/{store}/keypad", pages.keypad, methods=["POST"]),
            Route("/faults", pages.faults, methods=["GET", "POST", "DELETE"]),
            Mount("/static", StaticFiles(directory=WEB)),
        ]
    )


def _refuse(status: int, code: str, message: str) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message, "fields": {}}}, status_code=status)


async def _json_object(request: Request) -> dict[str, Any] | None:
    try:
        body = await request.body()
        read = json.loads(body) if len(body) <= MAX_BODY else None
    except ValueError:
        return None
    return read if isinstance(read, dict) else None


class _Pages:
    def __init__(self, mall: Mall) -> None:
        self._mall = mall

    async def index(self, request: Request) -> Response:
        return FileResponse(WEB / "index.html")

    async def store_page(self, request: Request) -> Response:
        if self._store(request) is None:
            return FileResponse(WEB / "missing.html", status_code=404)
        return FileResponse(WEB / "store.html")

    async def health(self, request: Request) -> Response:
        stores = self._mall.stores.values()
        body = {"stores": len(stores), "connected": sum(store.connected for store in stores)}
        if not self._mall.ready:
            return JSONResponse({"status": "starting", **body}, status_code=503)
        return JSONResponse({"status": "ok", **body})

    async def list_stores(self, request: Request) -> Response:
        return JSONResponse({"stores": [_summary(store) for store in self._mall.stores.values()]})

    async def state(self, request: Request) -> Response:
        store = self._store(request)
        return JSONResponse(store_state(store)) if store else _missing()

    async def events(self, request: Request) -> Response:
        store = self._store(request)
        if store is None:
            return _missing()
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._follow(store), media_type="text/event-stream", headers=headers)

    async def _follow(self, store: Store) -> AsyncIterator[str]:
        """Send the whole state at each change, at most a few times a second, until the page or the process ends."""
        changed, unwatch = store.watch()
        try:
            while not self._mall.stop.is_set():
                changed.clear()
                yield f"data: {json.dumps(store_state(store))}\n\n"
                await asyncio.sleep(AT_MOST_EVERY)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), PING_SECONDS)
        finally:
            unwatch()

    async def keypad(self, request: Request) -> Response:
        store, body = self._store(request), await _json_object(request)
        if store is None:
            return _missing()
        code = body.get("code") if body else None
        if not isinstance(code, str) or not 1 <= len(code.strip()) <= 200:
            return _refuse(422, "invalid_input", "code: type the six characters, or the text of the QR picture.")
        answer = await store.doors.keypad(code.strip())
        return JSONResponse(asdict(answer), status_code=200 if answer.door else 409)

    async def faults(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._mall.faults.clear()
        elif request.method == "POST":
            return self._add_fault(await _json_object(request) or {})
        return JSONResponse({"faults": [asdict(fault) for fault in self._mall.faults.active()]})

    def _add_fault(self, body: dict[str, Any]) -> Response:
        name, robot = body.get("store"), body.get("robot")
        store = self._mall.find(name) if isinstance(name, str) else None
        if store is None and name != "*":
            return _refuse(422, "invalid_input", 'store: use a store\'s slug or id, or "*" for all.')
        names = {machine.name for machine in store.machines} if store else set()
        if robot is not None and robot not in names:
            return _refuse(422, "invalid_input", f"robot: leave it out, or use one of {', '.join(sorted(names))}.")
        try:
            fault = self._switch_on(store, robot, body)
        except (ValueError, TypeError) as problem:
            return _refuse(422, "invalid_input", str(problem))
        return JSONResponse(asdict(fault), status_code=201)

    def _switch_on(self, store: Store | None, robot: str | None, body: dict[str, Any]) -> Fault:
        return self._mall.faults.add(
            store=store.roster.slug if store else "*",
            robot=robot,
            kind=str(body.get("kind", "")),
            count=int(body.get("count", 1)),
        )

    def _store(self, request: Request) -> Store | None:
        return self._mall.find(request.path_params["store"])


def _missing() -> JSONResponse:
    return _refuse(404, "not_found", "There is no such store. The list of stores is at /.")


def _summary(store: Store) -> dict[str, Any]:
    doors = store.doors.doors.values()
    return {
        "slug": store.roster.slug,
        "name": store.roster.name,
        "connected": store.connected and store.doors.online,
        "waiting": sum(door.state == "loaded" for door in doors),
        "making": sum(machine.state in ("making", "rinsing") for machine in store.machines),
        "doors": len(doors),
    }
