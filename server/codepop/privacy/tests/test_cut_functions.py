"""The functions that cut old books know every table that hangs on an order or a payment.

A foreign key that none of them knows would stop the cut, seven years after it was added.
"""

import re
from collections.abc import Sequence

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db
Link = tuple[str, str, str]
FUNCTIONS = {"privacy_cut_orders": "ordering_order", "privacy_cut_ledger": "payments_payment"}
SAME_ORDER = {("aftersales_amendsdrink", "line_id")}
"""Links that need no look of their own: the row goes by another link, and this one leads into the same order."""


def _statements(function: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = %s", [function])
        [(source,)] = cursor.fetchall()
    return [" ".join(one.split()) for one in str(source).split(";")]


def _links() -> list[Link]:
    """Return each foreign key: its table, its column, and the table it leads to."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, attname, confrelid::regclass::text FROM pg_constraint"
            " JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey) WHERE contype = 'f'"
        )
        return [(str(table), str(column), str(target)) for table, column, target in cursor.fetchall()]


def _unknown(function: str, links: Sequence[Link]) -> list[str]:
    """Return the foreign keys to what a function deletes that it neither follows nor empties."""
    statements = _statements(function)
    changes = {}
    for one in statements:
        if found := re.match(r"(?:DELETE FROM|UPDATE) (\w+) ", one):
            changes[found[1]] = one
    deleted = {table for table, one in changes.items() if one.startswith("DELETE")}
    assert FUNCTIONS[function] in deleted
    followed = {
        (table, column)
        for table, column, target in links
        if re.search(rf"\b{column}\b", " ".join(statements) if table == target else changes.get(table, ""))
    }
    return sorted(
        f"{table}.{column}"
        for table, column, target in links
        if target in deleted and (table, column) not in followed | SAME_ORDER
    )


@pytest.mark.req("D16", "DB-15")
@pytest.mark.parametrize("function", FUNCTIONS)
def test_each_table_that_hangs_on_the_books_is_cut_with_them(function: str) -> None:
    assert _unknown(function, _links()) == [], (
        "Write the function anew, in a migration of `privacy`, so that it follows these."
    )


@pytest.mark.parametrize(("function", "books"), FUNCTIONS.items())
def test_a_new_table_would_be_noticed(function: str, books: str) -> None:
    forgotten = ("forgotten", "books_id", books)
    assert _unknown(function, [*_links(), forgotten]) == ["forgotten.books_id"]
