"""The staff at the counter of a history: cancels for the store, gives money back with the forms that staff use."""

from collections.abc import Callable
from uuid import NAMESPACE_OID, uuid5

from chaos.people import Shopper, order_uuid
from chaos.world import World
from codepop.aftersales import services as aftersales
from codepop.aftersales.services import Ask
from codepop.ordering import services as ordering

PART_CENTS = 37
_FIRST_LINE = "SELECT id FROM ordering_orderline WHERE order_id = %s ORDER BY position LIMIT 1"


def cancels(shopper: Shopper, actor: str) -> Callable[[], None]:
    """Return what cancels a shopper's order for the store."""

    def act() -> None:
        if shopper.order_id:
            ordering.cancel_order(order_id=order_uuid(shopper), actor=actor, reason="By the store.")

    return act


def gives_back(world: World, shopper: Shopper, how: str) -> Callable[[], None]:
    """Return what sends a form: `whole` for all that is left, else a part. The same again is the same form, as a
    second click is.
    """
    form = Ask(
        form_key=uuid5(NAMESPACE_OID, f"{shopper.order_id} {how}"),
        order_id=order_uuid(shopper),
        store_id=world.cooler.store_id,
        cause="goodwill",
        whole=how == "whole",
        amount_cents=None if how == "whole" else PART_CENTS,
    )

    def act() -> None:
        aftersales.ask_refund(ask=form, by=world.giver)

    return act


def makes_again(world: World, shopper: Shopper, how: str) -> Callable[[], None]:
    """Return what sends a form for one drink to be made again: `now`, or when its person says so."""
    row = world.admin.execute(_FIRST_LINE, [shopper.order_id]).fetchone()
    form = Ask(
        form_key=uuid5(NAMESPACE_OID, f"{shopper.order_id} again {how}"),
        order_id=order_uuid(shopper),
        store_id=world.cooler.store_id,
        cause="faulty_drink",
        drinks={row[0]: 1} if row else {},
        start_now=how == "now",
    )

    def act() -> None:
        aftersales.ask_remake(ask=form, by=world.giver)

    return act
