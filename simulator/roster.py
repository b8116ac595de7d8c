"""Which stores and devices there are, from devices.json, which loading the demo chain writes."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class DeviceKey:
    """A device and its secret key."""

    id: str
    name: str
    key: str

    @property
    def header(self) -> dict[str, str]:
        """Return the header that signs each of the device's calls."""
        return {"Authorization": f"Device {self.id}:{self.key}"}


@dataclass(frozen=True)
class StoreRoster:
    """One store with its robots, its door controller, and how many doors it has."""

    id: str
    slug: str
    name: str
    robots: tuple[DeviceKey, ...]
    controller: DeviceKey
    doors: int


def read_roster(path: Path) -> list[StoreRoster]:
    """Return the stores that have a door controller, in the file's order. Raises OSError or ValueError."""
    stores = [_store(row) for row in json.loads(path.read_text())["stores"]]
    return [store for store in stores if store is not None]


def _store(row: dict[str, Any]) -> StoreRoster | None:
    devices = row["devices"]
    controllers = [_device(one) for one in devices if one["kind"] == "door_controller"]
    if not controllers:
        return None
    return StoreRoster(
        id=row["id"],
        slug=row["slug"],
        name=row["name"],
        robots=tuple(_device(one) for one in devices if one["kind"] == "robot"),
        controller=controllers[0],
        doors=int(row["doors"]),
    )


def _device(row: dict[str, Any]) -> DeviceKey:
    return DeviceKey(id=row["id"], name=row["name"], key=row["key"])
