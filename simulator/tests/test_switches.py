"""Settings, roster and fault switches."""

import json
from pathlib import Path

import pytest

from simulator.config import BadConfig, read_config
from simulator.faults import Faults, robot_random
from simulator.roster import read_roster


def test_defaults_and_own_values() -> None:
    """Without anything set the addresses are those of `./run up`."""
    config = read_config({"CODEPOP_DATA": "/data"})
    assert (config.public_url, config.live_url, config.port) == ("http://127.0.0.1:8000", "http://127.0.0.1:8001", 8003)
    assert config.devices == Path("/data/devices.json")
    own = read_config({"SIMULATOR_SPEED": "10", "CODEPOP_DEVICES": "/x.json", "CODEPOP_PUBLIC_URL": "http://a/"})
    assert (own.speed, own.devices, own.public_url) == (10.0, Path("/x.json"), "http://a")


@pytest.mark.parametrize(
    ("name", "value"), [("SIMULATOR_SPEED", "0"), ("SIMULATOR_PORT", "x"), ("SIMULATOR_SEED", "-1")]
)
def test_a_bad_setting_is_named(name: str, value: str) -> None:
    """The message says which variable it is."""
    with pytest.raises(BadConfig, match=name):
        read_config({name: value})


def test_roster_leaves_out_stores_without_doors(tmp_path: Path) -> None:
    """A store needs a door controller to be simulated."""
    robot = {"id": "r", "kind": "robot", "name": "Robot 1", "key": "k1"}
    doors = {"id": "d", "kind": "door_controller", "name": "Doors", "key": "k2"}
    rows = [
        {"id": "1", "slug": "a", "name": "A", "devices": [robot, doors], "doors": 12},
        {"id": "2", "slug": "b", "name": "B", "devices": [robot], "doors": 12},
    ]
    path = tmp_path / "devices.json"
    path.write_text(json.dumps({"stores": rows}))
    [store] = read_roster(path)
    assert (store.slug, store.doors, [one.name for one in store.robots]) == ("a", 12, ["Robot 1"])
    assert store.controller.header == {"Authorization": "Device d:k2"}


def test_a_fault_is_used_up() -> None:
    """It hits as many orders as was said, at the robot it was meant for."""
    faults = Faults()
    faults.add(store="a", robot="Robot 2", kind="jam", count=2)
    hits = [faults.take(store="a", robot=name) for name in ("Robot 1", "Robot 2", "Robot 2", "Robot 2")]
    assert hits == [None, "jam", "jam", None]
    assert faults.active() == []


def test_any_robot_any_store() -> None:
    """Without a robot it is the next one; with * it is any store."""
    faults = Faults()
    faults.add(store="*", robot=None, kind="silent", count=1)
    assert faults.take(store="b", robot="Robot 3") == "silent"
    faults.add(store="a", robot=None, kind="slow", count=1)
    faults.clear()
    assert faults.take(store="a", robot="Robot 1") is None


@pytest.mark.parametrize(("kind", "count"), [("flood", 1), ("jam", 0), ("jam", 100_000)])
def test_a_fault_that_does_not_exist(kind: str, count: int) -> None:
    """Refused with what would be right."""
    with pytest.raises(ValueError, match="use"):
        Faults().add(store="a", robot=None, kind=kind, count=count)


def test_the_same_seed_gives_the_same_luck() -> None:
    """For each robot by itself."""
    assert robot_random(7, "r1").random() == robot_random(7, "r1").random()
    assert robot_random(7, "r1").random() != robot_random(7, "r2").random()
