"""The connections to Stripe: kept while they are good, and what is said of a request that found none, or no answer."""

import base64
import gc
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from urllib.parse import quote

import pytest
import stripe

from codepop.gateways.guard import Guard
from codepop.gateways.limits import STRIPE
from codepop.gateways.payments.stripe.transport import Transport, never_sent, operation

pytestmark = pytest.mark.django_db(transaction=True)

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nRequest-Id: req_1\r\nContent-Length: 2\r\n\r\n{}"
LAST_ANSWER = ANSWER.replace(b"\r\nContent-Length", b"\r\nConnection: close\r\nContent-Length")
_numbers = count()

Serve = Callable[[socket.socket, int], None]
"""Serves one connection; the number says the how many-th it is, from 0."""


@contextmanager
def _listening(serve: Serve) -> Iterator[str]:
    """Listen on a free port and serve connections one after the other; return the address."""
    listening = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        for number in count():
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                serve(connection, number)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(10)


def _request(connection: socket.socket) -> bytes:
    """Read the head of a request; empty when the other side has closed."""
    head = b""
    while b"\r\n\r\n" not in head:
        more = connection.recv(4096)
        if not more:
            return b""
        head += more
    return head


def _transport(base_url: str | None) -> Transport:
    limits = replace(STRIPE, provider=f"transport-{next(_numbers)}", connect_seconds=5.0)
    return Transport(guard=Guard(limits), limits=limits, base_url=base_url, ca_file=None)


def _get(transport: Transport, base_url: str) -> tuple[bytes, int]:
    with operation("fetch_intent"):
        content, status, headers = transport.request("get", f"{base_url}/v1/payment_intents/pi_1?expand=a", {"A": "b"})
    assert headers["request-id"] == "req_1"
    return content, status


def _failure(transport: Transport, base_url: str) -> stripe.APIConnectionError:
    with pytest.raises(stripe.APIConnectionError) as caught:
        _get(transport, base_url)
    return caught.value


def test_one_connection_serves_many_requests() -> None:
    heads: list[tuple[int, bytes]] = []

    def serve(connection: socket.socket, number: int) -> None:
        while head := _request(connection):
            heads.append((number, head))
            connection.sendall(ANSWER)

    with _listening(serve) as address:
        transport = _transport(address)
        assert [_get(transport, address) for _ in range(3)] == [(b"{}", 200)] * 3
        transport.close()
    assert [number for number, _ in heads] == [0, 0, 0]
    assert heads[0][1].startswith(b"GET /v1/payment_intents/pi_1?expand=a HTTP/1.1\r\n")
    assert b"\r\nA: b\r\n" in heads[0][1]


def test_a_connection_that_was_closed_meanwhile_is_replaced_before_anything_is_sent() -> None:
    closed, numbers = threading.Event(), []

    def serve(connection: socket.socket, number: int) -> None:
        _request(connection)
        numbers.append(number)
        connection.sendall(ANSWER)
        connection.shutdown(socket.SHUT_RDWR)
        closed.set()

    with _listening(serve) as address:
        transport = _transport(address)
        assert _get(transport, address) == (b"{}", 200)
        assert closed.wait(10)
        assert _get(transport, address) == (b"{}", 200)
        transport.close()
    assert numbers == [0, 1]


def test_a_connection_that_the_answer_says_is_the_last_is_not_used_again() -> None:
    numbers = []

    def serve(connection: socket.socket, number: int) -> None:
        _request(connection)
        numbers.append(number)
        connection.sendall(LAST_ANSWER)

    with _listening(serve) as address:
        transport = _transport(address)
        assert [_get(transport, address) for _ in range(2)] == [(b"{}", 200)] * 2
    assert numbers == [0, 1]


@pytest.mark.req("FAIL-08")
def test_a_refused_connection_was_never_sent() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
        assert never_sent(_failure(_transport(address), address))


@pytest.mark.req("FAIL-08")
def test_a_connection_that_breaks_after_the_request_may_have_had_an_effect() -> None:
    def serve(connection: socket.socket, number: int) -> None:
        _request(connection)

    with _listening(serve) as address:
        assert not never_sent(_failure(_transport(address), address))


@pytest.mark.req("FAIL-08")
def test_an_answer_that_breaks_off_may_have_had_an_effect_and_its_connection_is_not_used_again() -> None:
    numbers = []

    def serve(connection: socket.socket, number: int) -> None:
        _request(connection)
        numbers.append(number)
        connection.sendall(ANSWER if number else ANSWER[:-1])

    with _listening(serve) as address:
        transport = _transport(address)
        assert not never_sent(_failure(transport, address))
        assert _get(transport, address) == (b"{}", 200)
        transport.close()
    assert numbers == [0, 1]


@pytest.mark.req("SEC-06")
def test_who_shows_no_certificate_is_sent_nothing() -> None:
    heads = []

    def serve(connection: socket.socket, number: int) -> None:
        heads.append(connection.recv(4096))
        connection.sendall(ANSWER)

    with _listening(serve) as address:
        secure = address.replace("http:", "https:")
        assert never_sent(_failure(_transport(secure), secure))
    assert b"payment_intents" not in heads[0]


def test_a_proxy_is_asked_for_the_way_with_its_credentials_and_its_refusal_was_never_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heads = []

    def serve(connection: socket.socket, number: int) -> None:
        heads.append(_request(connection))
        connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    name, word = "ada", "p@ss"
    with _listening(serve) as address:
        monkeypatch.setenv("https_proxy", address.replace("http://", f"http://{name}:{quote(word)}@"))
        assert never_sent(_failure(_transport(None), "https://api.stripe.com"))
    assert heads[0].startswith(b"CONNECT api.stripe.com:443 HTTP/1.")
    assert b"Proxy-Authorization: Basic " + base64.b64encode(f"{name}:{word}".encode()) in heads[0]


def test_a_transport_that_nobody_holds_any_more_leaves_no_connection_open() -> None:
    ended = threading.Event()

    def serve(connection: socket.socket, number: int) -> None:
        while _request(connection):
            connection.sendall(ANSWER)
        ended.set()

    with _listening(serve) as address:
        transport = _transport(address)
        assert _get(transport, address) == (b"{}", 200)
        del transport
        gc.collect()
        assert ended.wait(10)
