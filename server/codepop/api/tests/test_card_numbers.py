"""Card numbers typed where they don't belong: in every text of every operation, refused or taken out, never kept.

The operations and their fields come from the OpenAPI document, so a new field is tried as soon as it is there.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import get_resolver

from codepop.accounts.roles import Role, ScopeKind
from codepop.accounts.tests.factories import confirm_identity, make_staff, make_user
from codepop.aftersales.models import Amends
from codepop.core.card_guard import COMPARED_ONLY
from codepop.fulfilment.models import DeviceEvent
from codepop.fulfilment.tests.factories import events_json, make_cooler
from codepop.kit.card_numbers import REMOVED
from codepop.ordering.machine import Status
from codepop.ordering.tests.factories import MadeOrder, make_order, make_shop
from codepop.payments.models import Payment
from tests.database_role import as_owner
from tools.card_scan import card_numbers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox_url")]

CONTRACT = json.loads((Path(__file__).parents[4] / "contract" / "openapi.json").read_text())
DIGITS = "5105105105105100"
FORMS = {
    "plain": DIGITS,
    "spaced": "5105 1051 0510 5100",
    "dashed": "5105-1051-0510-5100",
    "full-width": "".join(chr(0xFEE0 + ord(one)) for one in DIGITS),
    "within words": f"my card {DIGITS}, thanks",
}
Place = tuple[str | int, ...]


def _texts(schema: dict[str, Any], place: Place = ()) -> Iterator[Place]:
    """Yield the way to each text that a schema takes."""
    if name := schema.get("$ref"):
        schema = CONTRACT["components"]["schemas"][name.rpartition("/")[2]]
    for way in ("anyOf", "oneOf", "allOf"):
        for option in schema.get(way, ()):
            yield from _texts(option, place)
    if schema.get("type") == "string":
        yield place
    if schema.get("type") == "array":
        yield from _texts(schema["items"], (*place, 0))
    for name, inner in schema.get("properties", {}).items():
        yield from _texts(inner, (*place, name))


@dataclass(frozen=True)
class Case:
    """One text that one operation takes."""

    method: str
    path: str
    operation: str
    place: Place
    in_query: bool = False

    @property
    def field(self) -> str:
        """Return the field's name as a refusal gives it."""
        return ".".join(map(str, self.place))


def _cases() -> Iterator[Case]:
    for path, methods in CONTRACT["paths"].items():
        for method, operation in methods.items():
            name = operation["operationId"]
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            for place in _texts(body) if body else ():
                yield Case(method.upper(), path, name, place)
            for one in operation.get("parameters", ()):
                if one["in"] == "query" and list(_texts(one["schema"])):
                    yield Case(method.upper(), path, name, (one["name"],), in_query=True)


def _with(place: Place, value: str) -> Any:
    if not place:
        return value
    first, *rest = place
    inner = _with(tuple(rest), value)
    return [inner] if isinstance(first, int) else {first: inner}


def _rows() -> str:
    """Return all that the database holds, the queue included, as text."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(f"SELECT coalesce(string_agg(t::text, E'\\n'), '') FROM {table} t")
            found.append(cursor.fetchone()[0])
    return "\n".join(found)


def _assert_nowhere(capsys: pytest.CaptureFixture[str]) -> None:
    said = capsys.readouterr()
    for text in (_rows(), said.out, said.err):
        assert card_numbers(text) == []
        assert not any(form in text for form in FORMS.values())


@pytest.fixture(scope="module", autouse=True)
def _addresses_loaded() -> None:
    """Have the first request's imports done before a test's transaction begins: a database lets none idle for long."""
    assert get_resolver().url_patterns


def test_the_document_has_fields_to_try() -> None:
    tried = {(case.operation, case.field) for case in _cases()}
    assert {
        ("place_order", "contact_email"),
        ("cancel_order", "reason"),
        ("create_quote", "lines.0.name"),
        ("list_stores", "q"),
    } <= tried


@pytest.mark.req("PAY-02", "PAY-29")
def test_no_field_of_the_api_takes_a_card_number(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    user = make_user()
    made = make_order(customer_id=user.id)
    client.force_login(user)
    confirm_identity(client)
    taken = []
    for case in _cases():
        for form in FORMS.values():
            answer = _try(client, case, form, made)
            if not 400 <= answer.status_code < 500 or DIGITS in answer.content.decode():
                taken.append((case, form, answer.status_code))
            elif case.operation not in COMPARED_ONLY:
                error = answer.json()["error"]
                if (error["code"], list(error["fields"])) != ("card_number", [case.field]):
                    taken.append((case, form, error))
    assert taken == []
    _assert_nowhere(capsys)


def _try(client: Client, case: Case, form: str, made: MadeOrder) -> Any:
    address = case.path.replace("{order_id}", str(made.order.id)).replace("{slug}", "nowhere")
    headers = {"Idempotency-Key": uuid4().hex, "X-Order-Token": made.token}
    if case.in_query:
        return client.get(address, {case.field: form}, headers=headers)
    body = json.dumps(_with(case.place, form))
    return client.generic(case.method, address, body, content_type="application/json", headers=headers)


@pytest.mark.req("PAY-02")
def test_it_is_no_idempotency_key_no_field_name_and_no_request_id(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    made = make_order()
    url = f"/api/v1/orders/{made.order.id}/cancel"
    token = {"X-Order-Token": made.token}

    def post(body: str, **headers: str) -> Any:
        return client.post(url, body, content_type="application/json", headers={**token, **headers})

    assert list(post("{}", **{"Idempotency-Key": DIGITS}).json()["error"]["fields"]) == ["Idempotency-Key"]
    named = post(json.dumps({DIGITS: 1})).json()["error"]
    assert (named["code"], list(named["fields"])) == ("card_number", ["body"])
    escaped = '{"reason": "' + "".join(f"\\u{ord(one):04x}" for one in DIGITS) + '"}'
    assert post(escaped).json()["error"]["code"] == "card_number"
    assert post("{}", **{"X-Request-Id": DIGITS})["X-Request-Id"] != DIGITS
    _assert_nowhere(capsys)


@pytest.mark.req("PAY-02")
@pytest.mark.parametrize("key", ["5105105105105100" + "a" * 16, "again-01a215f5-3e3e-7286-4242-424242424242"])
def test_keys_and_bodies_without_one_pass(client: Client, key: str) -> None:
    made = make_order()
    answer = client.post(
        f"/api/v1/orders/{made.order.id}/cancel",
        {"reason": f"order {made.order.id}, call +1 435 555 0100"},
        content_type="application/json",
        headers={"X-Order-Token": made.token, "Idempotency-Key": key},
    )
    assert answer.status_code == 200


@pytest.mark.req("PAY-02")
def test_nobody_signs_up_with_one(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    body = {"email": f"{DIGITS}@example.org", "password": "long-and-unlikely-9"}
    answer = client.post("/_allauth/app/v1/auth/signup", body, content_type="application/json")
    assert (answer.status_code, answer.json()["errors"][0]["param"]) == (400, "email")
    _assert_nowhere(capsys)


@pytest.mark.req("PAY-02", "PAY-31")
def test_staff_notes_and_reasons_lose_it_and_keep_the_rest(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    shop = make_shop()
    client.force_login(make_staff(role=Role.ADMIN, scope_kind=ScopeKind.REGION, scope_id=shop.store.region_id))
    for form in FORMS.values():
        made = make_order(shop=shop, status=Status.READY)
        payment = Payment.objects.get(reference=made.order.id)
        asked = {
            "form_key": str(uuid4()),
            "what": "amount",
            "amount": "0.10",
            "cause": "goodwill",
            "note": f"oh {form}",
        }
        given = client.post(f"/staff/payments/{payment.id}/refund", asked)
        assert given.status_code == 302, given.content.decode()
        client.post(f"/staff/stores/{shop.store.slug}/pause", {"reason": f"closed {form}"})
        shop.store.refresh_from_db()
        assert REMOVED in shop.store.pause_reason
        assert form not in client.get("/staff/payments", {"text": form}).content.decode()
    notes = list(Amends.objects.values_list("note", flat=True))
    assert len(notes) == len(FORMS)
    assert all(REMOVED in note for note in notes)
    _assert_nowhere(capsys)


@pytest.mark.req("PAY-02")
def test_what_a_device_reports_loses_it_and_the_report_counts(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    robot = make_cooler().robots[0]
    body = events_json(robot.next("odd_thing", words=f"card {DIGITS}", number=int(DIGITS), door=3))
    answer = client.post("/device/v1/events", body, content_type="application/json", headers=robot.header)
    assert (answer.status_code, answer.json()["accepted_seq"]) == (200, 1)
    assert DeviceEvent.objects.get().data == {"words": f"card {REMOVED}", "number": REMOVED, "door": 3}
    _assert_nowhere(capsys)
