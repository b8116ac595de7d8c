"""Stores over HTTP."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from codepop.kit.clock import frozen
from codepop.stores.tests.factories import make_hub, make_store

pytestmark = pytest.mark.django_db

THURSDAY_NOON = datetime(2026, 1, 15, 19, 0, tzinfo=UTC)
TOWN = [(day, 420, 1320) for day in range(7)]


@pytest.mark.req("DOM-07", "CORE-02")
def test_an_open_store(client: Client) -> None:
    make_store(slug="main", hours=TOWN, robots=2)
    with frozen(THURSDAY_NOON):
        store = client.get("/api/v1/stores/main").json()
    assert store["open"] is True
    assert store["opens_at"] is None
    assert store["closes_at"] == "2026-01-16T05:00:00Z"
    assert store["open_today"] == {"opens": "07:00", "closes": "22:00"}
    assert (store["accepting_orders"], store["reason"], store["ready_in_seconds"]) == (True, None, 65)
    assert store["hours"][0] == {"weekday": 0, "opens": "07:00", "closes": "22:00"}
    assert (store["name"], store["city"], store["region"], store["distance_m"]) == (
        "Logan, Main Street",
        "Logan",
        "UT",
        None,
    )


@pytest.mark.parametrize(
    ("hour", "reason"),
    [(13, "Closed now, opens at 7:00."), (5 + 24, "Closed now, opens tomorrow at 7:00.")],
)
def test_a_closed_store_says_when_it_opens(client: Client, hour: int, reason: str) -> None:
    make_store(slug="main", hours=TOWN, robots=1)
    with frozen(THURSDAY_NOON.replace(day=15 + hour // 24, hour=hour % 24)):
        store = client.get("/api/v1/stores/main").json()
    assert (store["open"], store["accepting_orders"], store["reason"]) == (False, True, reason)


def test_a_store_that_opens_on_another_weekday(client: Client) -> None:
    make_store(slug="main", hours=[(0, 450, 1320)], robots=1)
    with frozen(THURSDAY_NOON):
        store = client.get("/api/v1/stores/main").json()
    assert store["reason"] == "Closed now, opens Monday at 7:30."
    assert store["open_today"] is None


def test_why_no_drink_can_be_had(client: Client) -> None:
    make_store(slug="paused", accepting_orders=False, pause_reason="Back at noon.", robots=1)
    make_store(slug="broken")
    paused, broken = (client.get(f"/api/v1/stores/{slug}").json() for slug in ("paused", "broken"))
    assert (paused["accepting_orders"], paused["reason"]) == (False, "Back at noon.")
    assert (broken["accepting_orders"], broken["reason"]) == (False, "All robots of this store are being repaired.")
    assert broken["ready_in_seconds"] is None


def test_the_list_is_one_query_and_pages(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    hub = make_hub()
    for number in range(5):
        make_store(slug=f"s{number}", hub=hub, lat=41.7 + number / 100, robots=1)
    client.get("/api/v1/stores")
    with django_assert_num_queries(1):
        first = client.get("/api/v1/stores?lat=41.7&lon=-111.8349&limit=2").json()
    assert [one["slug"] for one in first["items"]] == ["s0", "s1"]
    assert [one["distance_m"] for one in first["items"]] == [0, 1112]
    second = client.get(f"/api/v1/stores?lat=41.7&lon=-111.8349&limit=2&cursor={first['next']}").json()
    third = client.get(f"/api/v1/stores?lat=41.7&lon=-111.8349&limit=2&cursor={second['next']}").json()
    assert [one["slug"] for one in second["items"] + third["items"]] == ["s2", "s3", "s4"]
    assert third["next"] is None


def test_search_by_text(client: Client) -> None:
    make_store(slug="campus", name="Logan, Campus")
    make_store(slug="main", name="Logan, Main Street")
    assert [one["slug"] for one in client.get("/api/v1/stores?q=campus").json()["items"]] == ["campus"]
    assert client.get("/api/v1/stores?q=atlantis").json() == {"items": [], "next": None}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("lat=41", "lon"),
        ("lon=-111", "lat"),
        ("lat=91&lon=0", "lat"),
        ("lat=nan&lon=0", "lat"),
        ("limit=0", "limit"),
        ("limit=1000", "limit"),
        ("cursor=-1", "cursor"),
        ("q=" + "x" * 101, "q"),
    ],
)
def test_bad_queries_name_the_field(client: Client, query: str, field: str) -> None:
    answer = client.get(f"/api/v1/stores?{query}")
    assert answer.status_code == 422
    assert any(field in name for name in answer.json()["error"]["fields"])


def test_nul_characters_reach_no_query(client: Client) -> None:
    assert client.get("/api/v1/stores?q=%00").status_code == 422
    assert client.get("/api/v1/stores/%00").status_code == 404


def test_an_unknown_store(client: Client) -> None:
    answer = client.get("/api/v1/stores/nowhere")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "store_unknown"
