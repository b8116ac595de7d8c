"""The database ends in the middle of orders, and more customers come at once than it has connections for."""

import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from server.tests.patience import eventually
from server.tests.system.guest import Guest
from tools.system import System

GUESTS, ROUNDS = 4, 3
AGAIN_SECONDS = 0.3
PATIENCE_SECONDS = 60


class Patient(httpx.BaseTransport):
    """Sends a request again, as it is, while it is told to try again in a moment; keeps what it was told."""

    def __init__(self) -> None:
        self._inner = httpx.HTTPTransport()
        self.told: set[tuple[int, str]] = set()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the first answer that is none of these."""
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            answer = self._inner.handle_request(request)
            if answer.status_code < 500:
                return answer
            self.told.add((answer.status_code, str(json.loads(answer.read())["error"]["code"])))
            assert time.monotonic() < end, self.told
            time.sleep(AGAIN_SECONDS)

    def close(self) -> None:
        """Hang up."""
        self._inner.close()


def _end_database(system: System) -> None:
    """End it without a word to anybody, and wait until it is there again."""
    ended = system.facts()["processes"]["postgres"]
    os.kill(ended, signal.SIGQUIT)
    assert eventually(lambda: system.facts()["processes"]["postgres"] != ended, PATIENCE_SECONDS)


@pytest.mark.req("DB-21", "DB-02")
def test_orders_go_on_by_themselves_when_the_database_comes_back(system: System) -> None:
    """Nothing but "try again in a moment" is heard meanwhile, and every order is made, charged once and fetched."""
    before = {name: pid for name, pid in system.facts()["processes"].items() if name != "postgres"}
    told: set[tuple[int, str]] = set()

    def order(number: int) -> list[str]:
        made = []
        for _ in range(ROUNDS):
            guest = Guest(system)
            patient = Patient()
            guest.web = httpx.Client(base_url=guest.web.base_url, timeout=60, transport=patient)
            guest.order(email=f"away.canary.{number}@example.org")
            guest.pay()
            guest.fetch()
            guest.close()
            told.update(patient.told)
            made.append(guest.order_id)
        return made

    with ThreadPoolExecutor(GUESTS) as pool:
        orders = [pool.submit(order, number) for number in range(GUESTS)]
        for _ in range(2):
            time.sleep(3)
            _end_database(system)
        made = {order_id for done in orders for order_id in done.result()}
    assert told <= {(503, "busy")}
    books = httpx.get(f"{system.addresses['sandbox']}/_sandbox/stripe/books", timeout=30).json()["intents"]
    charges = [one["charges_succeeded"] for one in books if one["metadata"].get("order") in made]
    assert charges == [1] * GUESTS * ROUNDS
    assert before == {name: pid for name, pid in system.facts()["processes"].items() if name != "postgres"}


@pytest.mark.req("DB-04")
def test_a_hundred_customers_at_once_are_all_served(system: System) -> None:
    """Far more than there are threads and connections: who comes later waits, and nobody is turned away."""
    with httpx.Client(base_url=f"{system.addresses['web']}/api/v1", timeout=60) as web:
        store = web.get("/stores", params={"q": "campus", "limit": 1}).json()["items"][0]["slug"]
    limits = httpx.Limits(max_connections=100)
    with (
        httpx.Client(base_url=f"{system.addresses['web']}/api/v1", timeout=120, limits=limits) as web,
        ThreadPoolExecutor(100) as pool,
    ):
        paths = ["/stores?q=campus", f"/stores/{store}/menu", f"/stores/{store}"] * 100
        assert {answer.status_code for answer in pool.map(web.get, paths)} == {200}
