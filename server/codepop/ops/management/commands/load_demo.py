"""Load the demo chain: regions, stores, menu, stock, people, and the keys of the simulated machines."""

import json
import os
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError

from codepop.accounts.roles import Role, ScopeKind
from codepop.accounts.selectors import user_by_email
from codepop.accounts.services import create_user, give_totp, grant_role
from codepop.catalog.services import put_catalogue
from codepop.core.db import transaction
from codepop.core.errors import AppError
from codepop.inventory.services import OpeningLevel, open_levels
from codepop.ops.demo import DEMO_FOLDER, DemoChain, PeopleSpec, PersonSpec, demo_totp_secret, read_demo
from codepop.stores.selectors import accepted_devices, list_stores, robots_of
from codepop.stores.services import DeviceSpec, issue_device_keys, put_regions, put_stores

DEVICES_FILE = "devices.json"
DOOR_CONTROLLER = "Doors"


class Command(BaseCommand):
    help = "Load the demo chain from its data files; may be run again, and keeps what staff have changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take another folder of data, for trying a store before it opens."""
        parser.add_argument("--data", type=Path, default=DEMO_FOLDER, help="folder with the data files")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load everything in one transaction, then write the devices' keys."""
        if settings.CODEPOP.production:
            raise CommandError("The demo chain has a known password: it is never loaded with CODEPOP_ENV=production.")
        begun = time.monotonic()
        chain = read_demo(options["data"])
        path = settings.CODEPOP.data / DEVICES_FILE
        try:
            with transaction():
                regions, stores = put_regions(chain.regions), put_stores(chain.stores)
                ingredients = put_catalogue(chain.catalogue)
                new_levels = open_levels(levels=_levels(chain, stores, ingredients), reason="Opening stock")
                new_people = _put_people(chain.people, regions, stores)
                devices = _devices([stores[one.slug] for one in chain.stores], _known_keys(path), chain)
        except AppError as error:
            told = "".join(f"\n- {field}: {text}" for field, text in error.fields.items())
            raise CommandError(f"{error.message}{told}") from error
        _write_private(path, json.dumps(devices, indent=1))
        if options["verbosity"]:
            self.stdout.write(
                f"Demo chain: {len(chain.stores)} stores, {len(chain.catalogue.ingredients)} ingredients, "
                f"{len(chain.catalogue.drinks)} drinks; new: {new_levels} stock levels, {new_people} accounts "
                f"({time.monotonic() - begun:.1f} s)"
            )


def _levels(chain: DemoChain, stores: dict[str, UUID], ingredients: dict[str, UUID]) -> list[OpeningLevel]:
    return [
        OpeningLevel(
            store_id=stores[store.slug],
            ingredient_id=ingredients[one.slug],
            amount=chain.stock.amount(store.slug, one.kind, one.slug),
            low_threshold=chain.stock.threshold(one.kind),
        )
        for store in chain.stores
        for one in chain.catalogue.ingredients
    ]


def _put_people(spec: PeopleSpec, regions: dict[str, UUID], stores: dict[str, UUID]) -> int:
    """Make the accounts that are missing; an Argon2 hash takes half a second, so all share one."""
    password_hash, made = "", 0
    for person in spec.people:
        user = user_by_email(person.email)
        if user is None:
            password_hash = password_hash or make_password(spec.password)
            user = create_user(email=person.email, name=person.name, password_hash=password_hash)
            made += 1
        _grant(user.id, person, regions, stores)
        if person.role:
            give_totp(user_id=user.id, secret=demo_totp_secret(person.email))
    return made


def _grant(user_id: UUID, person: PersonSpec, regions: dict[str, UUID], stores: dict[str, UUID]) -> None:
    for scope in person.scopes:
        kind, _, name = scope.partition(":")
        scope_id = None if kind == "chain" else (regions if kind == "region" else stores)[name]
        grant_role(user_id=user_id, role=Role(person.role), scope_kind=ScopeKind(kind), scope_id=scope_id)


def _known_keys(path: Path) -> dict[str, str]:
    """The keys of an earlier load by device id; they stay in use as long as the database still accepts them."""
    if not path.exists():
        return {}
    return {
        device["id"]: device["key"] for store in json.loads(path.read_text())["stores"] for device in store["devices"]
    }


def _devices(store_ids: list[UUID], known: dict[str, str], chain: DemoChain) -> dict[str, Any]:
    """What devices.json says; a device without a key that still works gets a new one."""
    keyed = {(view.store_id, view.robot_id): (view.id, known[str(view.id)]) for view in accepted_devices(known)}
    wanted = [
        DeviceSpec(store_id, robot.id, robot.name)
        for store_id, of_store in robots_of(store_ids).items()
        for robot in of_store
    ]
    wanted += [DeviceSpec(store_id, None, DOOR_CONTROLLER) for store_id in store_ids]
    missing = [one for one in wanted if (one.store_id, one.robot_id) not in keyed]
    for one, issued in zip(missing, issue_device_keys(wanted=missing), strict=True):
        keyed[one.store_id, one.robot_id] = (issued.device_id, issued.key)
    entries: dict[UUID, list[dict[str, str]]] = {}
    for one in wanted:
        device_id, key = keyed[one.store_id, one.robot_id]
        kind = "robot" if one.robot_id else "door_controller"
        entries.setdefault(one.store_id, []).append({"id": str(device_id), "kind": kind, "name": one.name, "key": key})
    doors = {store.slug: store.doors for store in chain.stores}
    return {
        "stores": [
            {
                "id": str(store.id),
                "slug": store.slug,
                "name": store.name,
                "devices": entries[store.id],
                "doors": doors[store.slug],
            }
            for store in list_stores(store_ids)
        ]
    }


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.replace(path)
