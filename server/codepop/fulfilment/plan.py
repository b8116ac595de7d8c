"""Who will make what next: queued orders laid onto the robots' free time. Pure.

Robots claim for themselves, so this is a forecast for people's eyes, never control: each queued order goes to the
robot that is free first, in the queue's own order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID


@dataclass(frozen=True)
class Block:
    """One order on one robot's lane."""

    order_id: UUID
    code: str
    title: str
    kind: Literal["making", "planned"]
    note: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Waiting:
    """An order in the queue, in the queue's order."""

    order_id: UUID
    code: str
    title: str
    release_at: datetime
    make_seconds: int


@dataclass(frozen=True)
class RobotNow:
    """A robot as it stands; `making` is what it works on."""

    robot_id: UUID
    name: str
    status: str
    working: bool
    making: Block | None


@dataclass(frozen=True)
class Lane:
    """A robot with its blocks, earliest first."""

    robot: RobotNow
    blocks: tuple[Block, ...]


def plan_lanes(robots: Sequence[RobotNow], queue: Iterable[Waiting], *, at: datetime, horizon_s: int) -> list[Lane]:
    """Return one lane per robot, with blocks that begin within the horizon; robots that don't work get none planned."""
    blocks: dict[UUID, list[Block]] = {robot.robot_id: [robot.making] if robot.making else [] for robot in robots}
    free_at = {r.robot_id: max(at, r.making.ends_at) if r.making else at for r in robots if r.working}
    end = at + timedelta(seconds=horizon_s)
    for waiting in queue:
        if not free_at:
            break
        robot_id = min(free_at, key=lambda one: free_at[one])
        starts = max(free_at[robot_id], waiting.release_at)
        ends = starts + timedelta(seconds=waiting.make_seconds)
        free_at[robot_id] = ends
        if starts < end:
            blocks[robot_id].append(
                Block(waiting.order_id, waiting.code, waiting.title, "planned", f"{waiting.code}", starts, ends)
            )
    return [Lane(robot=robot, blocks=tuple(blocks[robot.robot_id])) for robot in robots]
