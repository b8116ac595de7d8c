"""Faults that a person or a test switches on for robots: jams, silence, slowness."""

import random
from dataclasses import dataclass
from typing import Literal, get_args

FaultKind = Literal["jam", "silent", "slow"]
KINDS: tuple[FaultKind, ...] = get_args(FaultKind)


@dataclass
class Fault:
    """`left` more orders go wrong this way, at the robot or, with `robot` None, at any robot of the store."""

    store: str
    robot: str | None
    kind: FaultKind
    left: int


class Faults:
    """The switches. `take` is asked by a robot when it begins an order."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, *, store: str, robot: str | None, kind: str, count: int) -> Fault:
        """Switch a fault on. Raises ValueError with a message for people."""
        if kind not in KINDS:
            raise ValueError(f"kind: use one of {', '.join(KINDS)}.")
        if not 1 <= count <= 10_000:
            raise ValueError("count: use a number from 1 to 10000.")
        fault = Fault(store=store, robot=robot, kind=kind, left=count)
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Switch all faults off."""
        self._faults.clear()

    def active(self) -> list[Fault]:
        """Return the faults that still have orders to spoil."""
        return list(self._faults)

    def take(self, *, store: str, robot: str) -> FaultKind | None:
        """Return what goes wrong with the order that this robot begins, using the fault up."""
        for fault in self._faults:
            if fault.store in (store, "*") and fault.robot in (None, robot):
                fault.left -= 1
                if not fault.left:
                    self._faults.remove(fault)
                return fault.kind
        return None


def robot_random(seed: int, device_id: str) -> random.Random:
    """Return a robot's own source of chance: the same seed gives the same robot the same luck."""
    return random.Random(f"{seed}:{device_id}")
