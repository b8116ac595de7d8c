"""The device API over HTTP, and the customer's open-door."""

import uuid

import pytest
from django.test import Client

from codepop.fulfilment.models import DeviceEvent
from codepop.fulfilment.tests.factories import (
    claim,
    code_of,
    events_json,
    make_cooler,
    make_queued,
    make_ready,
)
from codepop.stores.models import Device

pytestmark = pytest.mark.django_db
JSON = "application/json"


def test_the_whole_way_of_an_order_over_http(client: Client) -> None:
    """Claim, report, open at the keypad, close."""
    cooler = make_cooler()
    made = make_queued(cooler)
    robot, doors = cooler.robots[0], cooler.controller
    answer = client.post("/device/v1/claim", {}, content_type=JSON, headers=robot.header)
    assert answer.status_code == 200, answer.content
    work = answer.json()
    assert (work["order_code"], work["door_number"], work["lease_seconds"]) == (made.order.code, 1, 30)
    ticket = uuid.UUID(work["ticket_id"])
    body = events_json(robot.next("started", ticket, drink_index=0), robot.next("loaded", ticket, door_number=1))
    told = client.post("/device/v1/events", body, content_type=JSON, headers=robot.header)
    assert told.json() == {"accepted_seq": 2, "lost_tickets": []}
    opened = client.post("/device/v1/open", {"code": code_of(made.order.id)}, content_type=JSON, headers=doors.header)
    assert opened.json() == {"door_number": 1, "ticket_id": work["ticket_id"]}
    body = events_json(
        doors.next("door_opened", ticket, door_number=1), doors.next("door_closed", ticket, door_number=1)
    )
    client.post("/device/v1/events", body, content_type=JSON, headers=doors.header)
    made.order.refresh_from_db()
    assert made.order.status == "picked_up"
    nothing = client.post("/device/v1/claim", {}, content_type=JSON, headers=robot.header)
    assert (nothing.status_code, nothing["X-Reason"], nothing.content) == (204, "queue_empty", b"")


def test_what_the_controller_fetches(client: Client) -> None:
    """Commands and the store's own key."""
    cooler = make_cooler(doors=1)
    made, work = make_ready(cooler)
    told = client.get("/device/v1/store", headers=cooler.controller.header).json()
    assert told["doors"][0]["order_id"] == str(made.order.id)
    assert len(told["pickup_key"]) == 44
    answer = client.post(
        f"/api/v1/orders/{made.order.id}/open-door",
        {"code": code_of(made.order.id)},
        content_type=JSON,
        headers={"X-Order-Token": made.token, "Idempotency-Key": str(uuid.uuid4())},
    )
    assert (answer.status_code, answer.json()["id"]) == (202, str(made.order.id))
    [command] = client.get("/device/v1/commands", headers=cooler.controller.header).json()["commands"]
    assert (command["type"], command["door_number"], command["ticket_id"]) == ("open_door", 1, str(work.ticket_id))


@pytest.mark.req("D10")
def test_a_forged_or_foreign_key_is_refused(client: Client) -> None:
    """One answer for every cause, and nothing changes."""
    cooler = make_cooler()
    make_queued(cooler)
    robot, doors = cooler.robots[0], cooler.controller
    Device.objects.filter(id=cooler.robots[1].view.id).update(active=False)
    forged = [
        "",
        "Device",
        f"Device {robot.view.id}",
        f"Device {robot.view.id}:",
        f"Device {robot.view.id}:{doors.key}",
        f"Device {uuid.uuid4()}:{robot.key}",
        f"Device not-an-id:{robot.key}",
        f"Bearer {robot.view.id}:{robot.key}",
        cooler.robots[1].header["Authorization"],
    ]
    for header in forged:
        answer = client.post("/device/v1/claim", {}, content_type=JSON, headers={"Authorization": header})
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "device_refused")
    assert claim(robot).door_number == 1


def test_the_wrong_kind_of_device(client: Client) -> None:
    """A robot has no doors, a controller makes no drinks."""
    cooler = make_cooler()
    for device, method, path in [
        (cooler.controller, "post", "claim"),
        (cooler.robots[0], "get", "commands"),
        (cooler.robots[0], "get", "store"),
    ]:
        answer = getattr(client, method)(f"/device/v1/{path}", headers=device.header)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "wrong_device")


@pytest.mark.parametrize(
    "body",
    [
        "[",
        "[]",
        '{"events": [{"seq": 0, "type": "heartbeat", "at": "2026-11-23T08:00:00Z"}]}',
        '{"events": [{"seq": 1e40, "type": "heartbeat", "at": "2026-11-23T08:00:00Z"}]}',
        '{"events": [{"seq": 1, "type": "heartbeat", "at": "yesterday"}]}',
        '{"events": [{"seq": 1, "type": "heartbeat", "at": "2026-11-23T08:00:00"}]}',
        '{"events": [{"seq": 1, "type": "", "at": "2026-11-23T08:00:00Z"}]}',
        '{"events": [{"seq": 1, "type": "x", "at": "2026-11-23T08:00:00Z", "ticket_id": "7"}]}',
        '{"events": [{"seq": 1, "type": "x", "at": "2026-11-23T08:00:00Z", "extra": 1}]}',
        '{"events": [{"seq": 1, "type": "x", "at": "2026-11-23T08:00:00Z", "data": {"x": "\\u0000"}}]}',
        '{"events": [{"seq": 1, "type": "x", "at": "2026-11-23T08:00:00Z", "data": {"x": "\\ud800"}}]}',
        '{"events": [{"seq": 1, "type": "x", "at": "2026-11-23T08:00:00Z", "data": {"x": 1e999}}]}',
        '{"events": [{"seq": 1, "type": "x", "at": "2026-11-23T08:00:00Z", "data": {"x": [1]}}]}',
    ],
)
def test_malformed_reports_are_refused_whole(client: Client, body: str) -> None:
    """What has no proper form is not taken in at all."""
    cooler = make_cooler()
    answer = client.post("/device/v1/events", body, content_type=JSON, headers=cooler.robots[0].header)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_input")


def test_strange_data_in_reports_does_no_harm(client: Client) -> None:
    """Data of another type than expected is kept, and does nothing."""
    cooler = make_cooler()
    data = {"door_number": "seven", "command_id": 5, "x": -1.5, "how": None, "drink_index": True}
    report = {"seq": 1, "type": "door_opened", "at": "2026-11-23T08:00:00+01:00", "data": data}
    answer = client.post("/device/v1/events", {"events": [report]}, content_type=JSON, headers=cooler.controller.header)
    assert answer.json() == {"accepted_seq": 1, "lost_tickets": []}
    assert DeviceEvent.objects.get().data == data


def test_open_door_over_http_refuses_clearly(client: Client) -> None:
    """Without a key, without the secret, with a wrong code, and when locked out."""
    cooler = make_cooler()
    made, _ = make_ready(cooler)
    path = f"/api/v1/orders/{made.order.id}/open-door"
    mine = {"X-Order-Token": made.token}

    def ask(code: str, headers: dict[str, str]) -> tuple[int, str]:
        answer = client.post(path, {"code": code}, content_type=JSON, headers=headers)
        return answer.status_code, answer.json()["error"]["code"]

    def key() -> dict[str, str]:
        return {**mine, "Idempotency-Key": str(uuid.uuid4())}

    code = code_of(made.order.id)
    assert ask(code, mine) == (400, "idempotency_key_missing")
    assert ask(code, {"X-Order-Token": "no", "Idempotency-Key": str(uuid.uuid4())}) == (404, "not_found")
    assert [ask("222222" if code != "222222" else "333333", key())[1] for _ in range(5)] == ["wrong_code"] * 5
    locked = client.post(path, {"code": code}, content_type=JSON, headers=key())
    assert (locked.status_code, locked.json()["error"]["code"]) == (423, "code_locked")
    assert 890 < int(locked["Retry-After"]) <= 901
