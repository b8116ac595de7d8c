"""Every way from one table to another has an index, and a longer list costs no more statements (DB-03)."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from codepop.accounts.tests.factories import make_user
from codepop.ordering.machine import Status
from codepop.ordering.tests.factories import make_order, make_shop

pytestmark = pytest.mark.django_db

_WITHOUT_INDEX = """
    SELECT key.conrelid::regclass::text, owning.attname
    FROM pg_constraint AS key
    JOIN pg_attribute AS owning ON owning.attrelid = key.conrelid AND owning.attnum = key.conkey[1]
    WHERE key.contype = 'f' AND NOT EXISTS (
        SELECT FROM pg_index AS index WHERE index.indrelid = key.conrelid AND index.indkey[0] = key.conkey[1]
    )
"""


@pytest.mark.req("DB-03")
def test_every_foreign_key_begins_an_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_constraint WHERE contype = 'f'")
        assert cursor.fetchone()[0] > 50
        cursor.execute(_WITHOUT_INDEX)
        assert cursor.fetchall() == []


@pytest.mark.req("DB-03", "CORE-04")
def test_a_longer_list_of_ones_own_orders_costs_no_more_statements(client: Client) -> None:
    shop, user = make_shop(), make_user()
    client.force_login(user)
    asked = []
    for _ in range(2):
        make_order(status=Status.PICKED_UP, shop=shop, customer_id=user.id)
        client.get("/api/v1/orders")  # what is read once and kept is no part of it
        with CaptureQueriesContext(connection) as captured:
            answer = client.get("/api/v1/orders")
        asked.append((len(answer.json()["items"]), len(captured)))
    assert [many for many, _ in asked] == [1, 2]
    assert asked[0][1] == asked[1][1]
