"""The place where histories happen: a database of its own with one store, a sandbox, one clock.

Between two histories everything that a history can change is put back, so each begins in the same world.
"""

import json
import logging
import os
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.db.backends.signals import connection_created
from django.test import Client

from chaos.boundaries import points_installed
from chaos.clock import START, Clock, install_database_clock
from chaos.provider import Provider
from chaos.rows import SNAPSHOT, Rows, read_rows
from chaos.stage import OWNER_URL
from codepop.accounts.roles import Role
from codepop.aftersales.limits import Staff
from codepop.aftersales.tests.factories import make_giver
from codepop.fulfilment.tests.factories import Cooler, make_cooler
from codepop.gateways.payments.stripe import gateway

ROBOTS, DOORS, ON_HAND = 2, 3, 20_000

# Tables that a history may change although they are not empty when it begins.
_FURNITURE = (
    "stores_store",
    "stores_robot",
    "stores_coolerdoor",
    "stores_openinghours",
    "catalog_ingredient",
    "catalog_size",
    "catalog_drink",
    "catalog_catalogversion",
    "inventory_stocklevel",
    "inventory_stockmovement",
)
_TABLES = """
    SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""


@dataclass
class World:
    """One worker's world; make it with `opened`."""

    admin: psycopg.Connection[Any]
    """Signed in as the owner: for what the driver does. CodePop's own connection has the application's rights."""
    provider: Provider
    clock: Clock
    cooler: Cooler
    logs: StringIO
    giver: Staff
    """Who gives money back at the counter, without a limit: limits are a matter of the feature's own tests."""
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False, SERVER_NAME="127.0.0.1"))
    _undo: str = ""

    def remember(self) -> None:
        """Keep the furnished world, and how to come back to it."""
        names = [name for (name,) in self.admin.execute(_TABLES).fetchall()]
        undo = ["SET session_replication_role = replica"]
        for name in sorted(names):
            row = self.admin.execute(f'SELECT EXISTS (SELECT FROM "{name}")').fetchone()
            if name in _FURNITURE:
                self.admin.execute(f'CREATE TABLE chaos."{name}" AS TABLE "{name}"')
                undo += [f'DELETE FROM "{name}"', f'INSERT INTO "{name}" SELECT * FROM chaos."{name}"']
            elif row and not row[0]:
                undo.append(f'DELETE FROM "{name}"')
        undo += ["SELECT setval('ordering_order_number', 1, false)", "SET session_replication_role = origin"]
        self._undo = ";".join(undo)

    def restart(self, seed: str) -> None:
        """Put everything back and begin anew; whatever the product draws by chance follows from the seed."""
        random.seed(seed)
        connection.close()
        self.admin.execute(self._undo)
        self.provider.restart(seed=random.getrandbits(32), at=START.timestamp())
        self.clock.restart()
        gateway.cache_clear()  # what it remembers of the provider belongs to the history before
        self.logs.seek(0)
        self.logs.truncate()
        self.client = Client(raise_request_exception=False, SERVER_NAME="127.0.0.1")
        for device in (*self.cooler.robots, self.cooler.controller):
            device.seq = 0

    def rows(self) -> Rows:
        """Read all that the invariants look at, as of one moment."""
        row = self.admin.execute(SNAPSHOT).fetchone()
        assert row is not None
        return read_rows(row[0] if isinstance(row[0], dict) else json.loads(row[0]))


def _catch_logs(logs: StringIO) -> None:
    """Keep the product's log lines, as they would be printed, instead of printing them."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(logs)


def _without_chance(connection: Any, **_signal: Any) -> None:
    """Let PostgreSQL draw the same numbers in every replay: some lists come in no order on purpose."""
    connection.connection.execute("SELECT setseed(0.5)")


@contextmanager
def opened() -> Iterator[World]:
    """Furnish the world that the environment names (Django is set up, its database migrated)."""
    logs = StringIO()
    _catch_logs(logs)
    provider = Provider(settings.CODEPOP.sandbox_url)
    with ExitStack() as stack:
        admin = stack.enter_context(psycopg.connect(os.environ[OWNER_URL], autocommit=True))
        install_database_clock(admin, app=connection.settings_dict["USER"])
        clock = Clock(admin, provider.advance)
        stack.enter_context(clock.running())
        stack.enter_context(points_installed())
        connection_created.connect(_without_chance)
        cooler = make_cooler(robots=ROBOTS, doors=DOORS, on_hand=ON_HAND)
        world = World(admin, provider, clock, cooler, logs, make_giver(role=Role.SUPER_ADMIN))
        world.remember()
        # Everything is imported once here, not anew in each child that is to die.
        world.client.get("/ops/health")
        yield world
        connection.close()
