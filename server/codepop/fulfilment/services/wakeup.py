"""Telling robots, door controllers and screens that something waits, with the commit that makes it true."""

import json
from uuid import UUID

from django.db import connection

from codepop.core.db import transaction_required

ROBOTS = "robots"
DOORS = "doors"


@transaction_required
def wake_robots(store_id: UUID) -> None:
    """Make the store's idle robots ask for work once this transaction commits."""
    _notify("codepop_work", f"{store_id} {ROBOTS}")


@transaction_required
def wake_doors(store_id: UUID) -> None:
    """Make the store's door controller ask for commands once this transaction commits."""
    _notify("codepop_work", f"{store_id} {DOORS}")


@transaction_required
def refresh_store(store_id: UUID) -> None:
    """Make the store's screens read again; changes of an order do this by themselves."""
    _notify("codepop_live", json.dumps({"store": str(store_id)}))


def _notify(channel: str, payload: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", (channel, payload))
