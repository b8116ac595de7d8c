"""One small valid request for every operation of the policy table, and which kind of thing it is about."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4

from django.http import HttpResponse
from django.urls import reverse
from starlette.requests import Request

from codepop.api.live.access import _check_order, _check_store
from codepop.core.errors import AppError
from codepop.fulfilment.device_key import device_from_header
from tests.access.world import Asker, Thing, World

API: Final = "/api/v1"
UNKNOWN: Final = "00000000-0000-7000-8000-000000000000"


@dataclass(frozen=True)
class Ask:
    """How to call an operation: `path` is an address with the thing's ids in braces, or the URL name of a page.

    `about` is the kind of thing in World.things, "" for none. `body` gets the world and the thing.
    """

    method: str
    path: str
    about: str = ""
    body: Callable[[World, Thing | None], Mapping[str, Any]] = field(default=lambda world, thing: {})
    form: bool = False
    device: str = ""
    unsigned: bool = False

    @property
    def changes(self) -> bool:
        """Say whether its method is one that changes something."""
        return self.method not in ("GET", "HEAD", "OPTIONS")


def _fixed(**values: Any) -> Callable[[World, Thing | None], Mapping[str, Any]]:
    return lambda world, thing: values


def _lines(world: World, thing: Thing | None) -> Mapping[str, Any]:
    menu = world.here.shop.menu
    recipe = {"sodas": [{"ingredient_id": str(menu.cola.id), "share": 1}]}
    line = {"drink_id": str(menu.drink.id), "size": "s24", "quantity": 1, "recipe": recipe}
    return {"store_id": str(world.here.store_id), "lines": [line]}


def _drink(world: World, thing: Thing | None) -> Mapping[str, Any]:
    [line] = _lines(world, thing)["lines"]
    return {name: value for name, value in line.items() if name != "quantity"}


def _quoted(world: World, thing: Thing | None) -> Mapping[str, Any]:
    return {"quote_id": world.quote_id, "contact_email": "guest@example.org"}


def _span(world: World, thing: Thing | None) -> Mapping[str, Any]:
    return {
        "store": thing.ids["slug"] if thing else "",
        "since": "2026-01-01T00:00",
        "until": "2026-01-02T00:00",
        "cause": "faulty_drink",
        "form_key": str(uuid4()),
    }


def _amount(world: World, thing: Thing | None) -> Mapping[str, Any]:
    return {"form_key": str(uuid4()), "what": "amount", "amount": "0.01", "cause": "goodwill"}


def _drinks(world: World, thing: Thing | None) -> Mapping[str, Any]:
    return {"form_key": str(uuid4()), "what": "whole", "cause": "faulty_drink"}


def _place(world: World, thing: Thing | None) -> Mapping[str, Any]:
    assert thing
    words = {"email": f"{uuid4().hex}@example.org", "name": "Nia", "role": "manager", "reason": "starts"}
    return words | {"place": f"store:{thing.ids['store_id']}"}


def _known(world: World, thing: Thing | None) -> Mapping[str, Any]:
    assert thing
    return {"email": thing.ids["email"]}


def _page(name: str, about: str = "", method: str = "GET", **more: Any) -> Ask:
    return Ask(method, f"staff:{name}", about, form=True, **more)


def _order(method: str, tail: str = "", **more: Any) -> Ask:
    return Ask(method, f"{API}/orders/{{order_id}}{tail}", "order", **more)


ASKS: Final[Mapping[str, Ask]] = {
    "get_me": Ask("GET", f"{API}/me"),
    "change_me": Ask("PATCH", f"{API}/me", body=_fixed(name="Ada")),
    "list_sessions": Ask("GET", f"{API}/me/sessions"),
    "end_session": Ask("DELETE", f"{API}/me/sessions/{UNKNOWN}"),
    "end_other_sessions": Ask("DELETE", f"{API}/me/sessions"),
    "claim_orders": Ask("POST", f"{API}/me/orders", body=_fixed(orders=[])),
    "get_preferences": Ask("GET", f"{API}/me/preferences"),
    "set_preferences": Ask("PUT", f"{API}/me/preferences", body=_fixed(ice="none")),
    "finish_tutorial": Ask("POST", f"{API}/me/tutorial"),
    "get_health_notes": Ask("GET", f"{API}/me/health"),
    "set_health_notes": Ask("PUT", f"{API}/me/health", body=_fixed(agreed=True, allergies=["milk"])),
    "forget_health_notes": Ask("DELETE", f"{API}/me/health"),
    "list_favourites": Ask("GET", f"{API}/me/favourites"),
    "keep_favourite": Ask("POST", f"{API}/me/favourites", body=_drink),
    "rename_favourite": Ask("PATCH", f"{API}/me/favourites/{UNKNOWN}", body=_fixed(name="Friday")),
    "remove_favourite": Ask("DELETE", f"{API}/me/favourites/{UNKNOWN}"),
    "get_config": Ask("GET", f"{API}/config"),
    "resend_verification": Ask("POST", f"{API}/account/verification", body=_fixed(email="nobody@example.org")),
    "get_mail_settings": Ask("GET", f"{API}/me/mail"),
    "set_mail_settings": Ask("PUT", f"{API}/me/mail", body=_fixed(choices=[])),
    "ask_erasure": Ask("POST", f"{API}/me/privacy/erasure", body=_fixed(confirm="erase")),
    "ask_export": Ask("POST", f"{API}/me/privacy/exports"),
    "get_export_file": Ask("GET", f"{API}/me/privacy/exports/{{export_id}}/file", "export"),
    "get_my_privacy": Ask("GET", f"{API}/me/privacy"),
    "get_privacy_notice": Ask("GET", f"{API}/privacy"),
    "set_consents": Ask("PUT", f"{API}/me/privacy/consents", body=_fixed(decisions=[])),
    "withdraw_erasure": Ask("DELETE", f"{API}/me/privacy/erasure"),
    "list_notices": _order("GET", "/notices"),
    "see_notice": _order("POST", "/notices/{notice_id}/seen"),
    "get_menu": Ask("GET", f"{API}/stores/{{slug}}/menu", "store"),
    "get_store": Ask("GET", f"{API}/stores/{{slug}}", "store"),
    "list_stores": Ask("GET", f"{API}/stores"),
    "cancel_order": _order("POST", "/cancel"),
    "choose_pickup": _order("PUT", "/pickup", body=_fixed(mode="now")),
    "create_quote": Ask("POST", f"{API}/quotes", body=_lines),
    "get_order": _order("GET"),
    "list_orders": Ask("GET", f"{API}/orders"),
    "place_order": Ask("POST", f"{API}/orders", body=_quoted),
    "reorder": _order("POST", "/reorder"),
    "create_payment": _order("POST", "/payment"),
    "refresh_payment": _order("POST", "/payment/refresh"),
    "use_my_cards": _order("PUT", "/payment/cards", body=_fixed(save=False)),
    "wait_for_payment": _order("POST", "/payment/wait"),
    "list_payment_methods": Ask("GET", f"{API}/me/payment-methods"),
    "open_payment_sheet": Ask("POST", f"{API}/me/payment-methods/sheet"),
    "remove_payment_method": Ask("DELETE", f"{API}/me/payment-methods/pm_unknown"),
    "save_payment_method": Ask("POST", f"{API}/me/payment-methods/setup"),
    "set_default_payment_method": Ask("PUT", f"{API}/me/payment-methods/default", body=_fixed(id="pm_unknown")),
    "open_door": _order("POST", "/open-door", body=_fixed(code="WRONG1")),
    "device:claim": Ask("POST", "/device/v1/claim", device="robot"),
    "device:commands": Ask("GET", "/device/v1/commands", device="door_controller"),
    "device:events": Ask("POST", "/device/v1/events", body=_fixed(events=[]), device="any"),
    "device:open": Ask("POST", "/device/v1/open", body=_fixed(code="WRONG1"), device="door_controller"),
    "device:store": Ask("GET", "/device/v1/store", device="door_controller"),
    "live:devices": Ask("LIVE", "devices", device="any"),
    "live:order": Ask("LIVE", "order", "order"),
    "live:store": Ask("LIVE", "store", "store"),
    "get_health": Ask("GET", "/ops/health"),
    "get_metrics": Ask("GET", "/ops/metrics"),
    "staff:access": _page("access"),
    "staff:access_file": _page("access_file"),
    "staff:audit": _page("audit"),
    "staff:audit_file": _page("audit_file"),
    "staff:find_person": _page("find_person", "account", "POST", body=_known),
    "staff:people": _page("people", "store", "POST", body=_place),
    "staff:person": _page("person", "person"),
    "staff:person_change": _page("person_change", "person", "POST", body=_fixed(act="lock", reason="left")),
    "staff:view": _page("view", "store", "POST", body=_place),
    "staff:view_end": _page("view_end", "", "POST"),
    "staff:answer": _page("answer", "dispute", "POST"),
    "staff:attention": _page("attention"),
    "staff:batch": _page("batch", "batch"),
    "staff:batch_start": _page("batch_start", "batch", "POST"),
    "staff:batch_stop": _page("batch_stop", "batch", "POST"),
    "staff:batches": _page("batches", "store", "POST", body=_span),
    "staff:charge": _page("charge", "payment"),
    "staff:decide": _page("decide", "amends", "POST", body=_fixed(answer="no")),
    "staff:difference": _page("difference", "break", "POST", body=_fixed(note="looked at it")),
    "staff:dispute": _page("dispute", "dispute"),
    "staff:disputes": _page("disputes"),
    "staff:home": _page("home"),
    "staff:machines": _page("machines", "store"),
    "staff:message": _page("message", "message", "POST", body=_fixed(answer="release", note="looked at it")),
    "staff:missing": Ask("GET", "/staff/no/such/page", "nothing", form=True),
    "staff:money": _page("money", "store"),
    "staff:order": Ask("GET", "/staff/stores/{slug}/orders/{order_id}", "order of a store", form=True),
    "staff:orders": _page("orders", "store"),
    "staff:panels": _page("panels", "store"),
    "staff:payment": _page("payment", "payment"),
    "staff:payment_state": _page("payment_state", "payment"),
    "staff:payments": _page("payments"),
    "staff:pause": _page("pause", "store", "POST", body=_fixed(reason="Closed for cleaning")),
    "staff:refund": _page("refund", "payment", "POST", body=_amount),
    "staff:remake": _page("remake", "payment", "POST", body=_drinks),
    "staff:revenue": _page("revenue"),
    "staff:revenue_file": _page("revenue_file"),
    "staff:resume": _page("resume", "store", "POST"),
    "staff:seen": _page("seen", "alert", "POST"),
    "staff:second_factor": _page("second_factor"),
    "staff:enrol": _page("enrol"),
    "staff:sign_in": _page("sign_in"),
    "staff:sign_out": _page("sign_out", "", "POST"),
    "staff:stock": _page("stock", "store"),
    "staff:store": _page("store", "store"),
    "webhook_mail": Ask("POST", "/webhooks/mail", unsigned=True),
    "webhook_stripe": Ask("POST", "/webhooks/stripe", unsigned=True),
}


def send(ask: Ask, asker: Asker, world: World, thing: Thing | None) -> HttpResponse:
    """Send the operation's request as this asker."""
    if ask.method == "LIVE":
        return _follow(ask.path, asker, thing)
    body = ask.body(world, thing)
    headers = {"Idempotency-Key": uuid4().hex, **asker.headers}
    if ask.form:
        data: Any = dict(body)
        kind = "application/x-www-form-urlencoded"
        if ask.method == "GET":
            return asker.client.get(_address(ask, thing), data, headers=headers)
        return asker.client.generic(ask.method, _address(ask, thing), _encoded(data), kind, headers=headers)
    payload = json.dumps(body) if ask.changes and body else ""
    return asker.client.generic(
        ask.method, _address(ask, thing), payload, "application/json" if payload else "", headers=headers
    )


def _encoded(data: Mapping[str, Any]) -> str:
    return urlencode(data)


def _address(ask: Ask, thing: Thing | None) -> str:
    ids = dict(thing.ids) if thing else {}
    if not ask.path.startswith("staff:"):
        return ask.path.format(**ids)
    names = {
        "slug",
        "order_id",
        "payment_id",
        "dispute_id",
        "alert_id",
        "break_id",
        "message_id",
        "batch_id",
        "person_id",
    }
    if ask.path in ("staff:batches", "staff:people", "staff:view") or not ask.about:
        return reverse(ask.path)
    return reverse(ask.path, kwargs={name: value for name, value in ids.items() if name in names | {"amends_id"}})


def _follow(stream: str, asker: Asker, thing: Thing | None) -> HttpResponse:
    """Ask the live process's own rules; its answer would be the error's status, or a stream."""
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in asker.client.cookies.items())
    shown = {"cookie": cookies, **{name.lower(): value for name, value in asker.headers.items()}}
    raw = [(name.encode(), value.encode()) for name, value in shown.items()]
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": raw}
    request = Request(scope)
    try:
        if stream == "devices":
            device_from_header(asker.headers.get("Authorization", ""))
        elif stream == "order":
            assert thing
            _check_order(request, thing.ids["order_id"])
        else:
            assert thing
            _check_store(request, thing.ids["store_id"])
    except AppError as error:
        return HttpResponse(json.dumps(error.body()), status=error.http_status, content_type="application/json")
    return HttpResponse("", status=200)
