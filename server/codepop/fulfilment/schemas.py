"""What devices and customers send and get; the device API's own words."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, StringConstraints

from codepop.kit.card_numbers import REMOVED, holds_one, without

MAX_EVENTS = 500
MAX_SEQ = 2**53


class OpenDoorIn(Schema):
    """The code as it is typed or scanned; spaces, dashes and small letters don't matter."""

    model_config = ConfigDict(extra="forbid")
    code: str = Field(min_length=1, max_length=200)


class WorkStepOut(Schema):
    kind: Literal["rinse", "cup", "ice", "pour", "pump", "add", "blend", "lid", "label"]
    ingredient: str | None
    amount: int
    unit: str
    seconds: float


class WorkDrinkOut(Schema):
    index: int
    name: str
    size: str
    volume_ml: int
    steps: list[WorkStepOut]


class WorkOut(Schema):
    """An order to be made, behind which door it goes, and for how long silence is taken for work."""

    ticket_id: UUID
    order_code: str
    door_number: int
    lease_seconds: int
    drinks: list[WorkDrinkOut]
    allergens: list[str]
    rinse_before: bool


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,39}$")]
# A refused report would be sent for ever, so what looks like a card number is taken out of it instead.
Text = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$"), AfterValidator(without)]
Number = Annotated[
    Annotated[int, Field(ge=-MAX_SEQ, le=MAX_SEQ)] | Annotated[float, Field(allow_inf_nan=False)],
    AfterValidator(lambda value: REMOVED if holds_one(f"{value:.0f}") else value),
]


class EventIn(Schema):
    """One numbered report of a device. A type that the platform doesn't know is noted and has no effect."""

    model_config = ConfigDict(extra="forbid")
    seq: int = Field(ge=1, le=MAX_SEQ)
    type: Name
    at: AwareDatetime
    ticket_id: UUID | None = None
    data: dict[Name, bool | Number | Text | None] = Field(default_factory=dict, max_length=20)


class EventsIn(Schema):
    model_config = ConfigDict(extra="forbid")
    events: list[EventIn] = Field(max_length=MAX_EVENTS)


class EventsOut(Schema):
    """Up to which number everything is taken in; `lost_tickets` are no longer this robot's: stop working on them."""

    accepted_seq: int
    lost_tickets: list[UUID]


class CommandOut(Schema):
    id: UUID
    type: Literal["open_door", "discard"]
    door_number: int
    ticket_id: UUID
    expires_at: datetime | None


class CommandsOut(Schema):
    commands: list[CommandOut]


class OpenedOut(Schema):
    door_number: int
    ticket_id: UUID


class DoorOut(Schema):
    """A door as it stands; `nonce` with the order's id and the key gives the code that opens it."""

    number: int
    working: bool
    state: Literal["free", "held", "loaded", "opened", "emptying"]
    order_id: UUID | None
    ticket_id: UUID | None
    nonce: int | None
    expires_at: datetime | None


class DeviceStoreOut(Schema):
    store_id: UUID
    name: str
    timezone: str
    pickup_key: str
    doors: list[DoorOut]
