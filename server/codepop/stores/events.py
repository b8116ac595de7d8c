"""What happened to a store; the screens of its staff and the menus of its customers follow."""

from dataclasses import dataclass
from uuid import UUID

from codepop.core.events import Event


@dataclass(frozen=True, kw_only=True)
class StoreChanged(Event):
    """Orders were paused or resumed, hours changed, or a door or robot changed its status."""

    store_id: UUID


@dataclass(frozen=True, kw_only=True)
class RobotStatusChanged(Event):
    """A machine reported another status than before."""

    robot_id: UUID
    store_id: UUID
    status: str
    previous: str
