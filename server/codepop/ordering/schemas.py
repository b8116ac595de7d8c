"""What ordering takes and gives over HTTP."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field, StrictInt, StringConstraints

from codepop.core.schemas import ErrorOut, Input
from codepop.ordering.machine import Status
from codepop.ordering.waiting import DEFAULT_MINUTES, LONGEST_MINUTES

EMAIL_MAX_LENGTH = 254
MOST_LINES = 50
MOST_PARTS = 20

Amount = Annotated[StrictInt, Field(ge=1, le=100)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class SodaIn(Input):
    ingredient_id: UUID
    share: Amount


class SyrupIn(Input):
    ingredient_id: UUID
    pumps: Amount


class PortionIn(Input):
    ingredient_id: UUID
    portions: Amount


class RecipeIn(Input):
    sodas: list[SodaIn] = Field(default=[], max_length=MOST_PARTS)
    syrups: list[SyrupIn] = Field(default=[], max_length=MOST_PARTS)
    juices: list[PortionIn] = Field(default=[], max_length=MOST_PARTS)
    creams: list[PortionIn] = Field(default=[], max_length=MOST_PARTS)
    add_ins: list[PortionIn] = Field(default=[], max_length=MOST_PARTS)
    ice_creams: list[PortionIn] = Field(default=[], max_length=MOST_PARTS)
    ice: Annotated[str, StringConstraints(max_length=12)] = "regular"


class LineIn(Input):
    drink_id: UUID | None = None
    name: Text | None = None
    size: Annotated[str, StringConstraints(max_length=12)]
    quantity: Amount
    recipe: RecipeIn


class PickupIn(Input):
    mode: Literal["now", "at"]
    at: AwareDatetime | None = None


class QuoteIn(Input):
    store_id: UUID
    lines: list[LineIn] = Field(max_length=MOST_LINES)
    pickup: PickupIn | None = None
    contact_email: str | None = Field(default=None, max_length=EMAIL_MAX_LENGTH)


class OrderIn(Input):
    quote_id: UUID
    contact_email: str | None = Field(default=None, max_length=EMAIL_MAX_LENGTH)
    pickup: PickupIn | None = None


class OwnCardsIn(Input):
    save: bool = False


class WaitIn(Input):
    minutes: Annotated[StrictInt, Field(ge=5, le=LONGEST_MINUTES)] = DEFAULT_MINUTES
    charge_saved_card: bool = False


class CancelIn(Input):
    reason: Text | None = None


class QuoteStoreOut(Schema):
    id: UUID
    slug: str
    name: str
    timezone: str


class OrderStoreOut(QuoteStoreOut):
    address: str
    lat: float
    lon: float


class LineNutritionOut(Schema):
    kcal: int
    sugar_g: int
    caffeine_mg: int


class SodaOut(Schema):
    ingredient_id: UUID
    share: int


class SyrupOut(Schema):
    ingredient_id: UUID
    pumps: int


class PortionOut(Schema):
    ingredient_id: UUID
    portions: int


class LineRecipeOut(Schema):
    sodas: list[SodaOut]
    syrups: list[SyrupOut]
    juices: list[PortionOut]
    creams: list[PortionOut]
    add_ins: list[PortionOut]
    ice_creams: list[PortionOut]
    ice: str


class LineOut(Schema):
    drink_id: UUID | None
    name: str
    size: str
    quantity: int
    unit_price_cents: int
    total_cents: int
    allergens: list[str]
    may_contain: list[str]
    nutrition: LineNutritionOut
    recipe: LineRecipeOut


class RequestOut(Schema):
    drink_id: UUID | None
    name: str | None
    size: str
    quantity: int
    recipe: LineRecipeOut


class PickupOut(Schema):
    mode: Literal["now", "at"] | None
    at: datetime | None


class QuoteOut(Schema):
    id: UUID
    store: QuoteStoreOut
    expires_at: datetime
    currency: str
    lines: list[LineOut]
    subtotal_cents: int
    tax_cents: int
    total_cents: int
    ready_in_seconds: int
    ready_at: datetime
    pickup: PickupOut


class PaymentStateOut(Schema):
    status: Literal["none", "requires_method", "requires_action", "processing", "failed", "succeeded"]
    message: str | None
    attempts: int


class PaymentWaitOut(Schema):
    """An order whose payment provider was found away. Nothing is charged by itself after `until`.

    `waiting`: we try by ourselves; `ready`: it is back, pay now; `asking`: `until` is over, agree to wait again or
    the order expires at `expires_at`.
    """

    state: Literal["waiting", "ready", "asking"]
    until: datetime
    charges_saved_card: bool
    longest_until: datetime


class RefundOut(Schema):
    status: Literal["pending", "succeeded", "failed"]
    amount_cents: int
    reason: str


class HeldDoorOut(Schema):
    number: int


class PickupCodeOut(Schema):
    text: str
    qr_text: str
    qr_svg_url: str | None


class ProgressOut(Schema):
    drink_index: int
    drinks: int
    step_text: str
    share: float


class TimelineStepOut(Schema):
    status: Status
    at: datetime
    text: str


class OrderOut(Schema):
    id: UUID
    code: str
    store: OrderStoreOut
    status: Status
    status_text: str
    placed_at: datetime
    currency: str
    subtotal_cents: int
    tax_cents: int
    total_cents: int
    lines: list[LineOut]
    pickup: PickupOut
    ready_at: datetime | None
    expires_at: datetime | None
    can_cancel: bool
    can_choose_pickup: bool
    can_pay: bool
    payment: PaymentStateOut | None
    payment_wait: PaymentWaitOut | None
    refund: RefundOut | None = Field(description="The latest of `refunds`.")
    refunds: list[RefundOut] = Field(description="All that went or goes back, oldest first.")
    refunded_cents: int = Field(description="What has arrived of it.")
    remake_of: UUID | None = Field(description="The order whose drinks this one makes again, free of charge.")
    remakes: list[UUID] = Field(description="Orders that make drinks of this one again; opened by the same secret.")
    door: HeldDoorOut | None
    pickup_code: PickupCodeOut | None
    progress: ProgressOut | None
    timeline: list[TimelineStepOut]
    version: int


class PlacedOut(Schema):
    order: OrderOut
    order_token: str


class OrdersOut(Schema):
    items: list[OrderOut]
    next: str | None


class PaymentOut(Schema):
    """What the payment form needs. The secret is for the person who pays: keep it out of logs and addresses."""

    payment_id: UUID
    client_secret: str
    status: Literal["none", "requires_method", "requires_action", "processing", "failed", "succeeded"]
    amount_cents: int
    currency: str


class AgainOut(Schema):
    lines: list[RequestOut]
    unavailable: list[str]


class QuoteChangedOut(ErrorOut):
    """Why the order was not placed; with code `quote_changed` also the new price."""

    quote: QuoteOut | None = None
