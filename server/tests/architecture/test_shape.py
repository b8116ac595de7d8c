"""The shape of the code that must stay: few hops from the request to the order's row."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from codepop.kit.ids import uuid7
from codepop.ordering.tests.factories import make_quote, make_shop

MOST_HOPS = 3
OURS = "/server/codepop/"


@contextmanager
def hops_to(table: str) -> Iterator[list[str]]:
    """Collect the names of our functions on the stack at the first INSERT into `table`."""
    seen: list[str] = []

    def spy(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not seen and sql.startswith(f'INSERT INTO "{table}"'):
            here = __file__.rpartition("/")[2]
            seen.extend(
                frame.name
                for frame in traceback.extract_stack()
                if OURS in frame.filename and "/core/middleware" not in frame.filename and here not in frame.filename
            )
        return execute(sql, params, many, context)

    with connection.execute_wrapper(spy):
        yield seen


@pytest.mark.django_db(transaction=True)
def test_a_request_reaches_the_orders_row_in_three_functions_of_ours() -> None:
    quote = make_quote(shop=make_shop())
    with hops_to("ordering_order") as chain:
        answer = Client().post(
            "/api/v1/orders",
            {"quote_id": quote["id"], "contact_email": "guest@example.org"},
            content_type="application/json",
            headers={"Idempotency-Key": str(uuid7())},
        )
    assert answer.status_code == 201, answer.content
    assert 0 < len(chain) <= MOST_HOPS, chain
    assert chain[-1] == "place_order"
