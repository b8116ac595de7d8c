"""A paid order that can be made good, and people who may do it."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from codepop.accounts.roles import Role
from codepop.accounts.tests.factories import make_staff
from codepop.aftersales.limits import Staff
from codepop.aftersales.models import Cause
from codepop.aftersales.services import Ask
from codepop.kit.ids import uuid7

if TYPE_CHECKING:
    from codepop.ordering.models import Order


def make_giver(*, role: Role = Role.MANAGER, scope_id: UUID | None = None) -> Staff:
    """Somebody of the staff."""
    return Staff(make_staff(role=role, scope_id=scope_id).id, role)


def make_ask(order: "Order", **given: Any) -> Ask:
    """A filled-in form for the whole order, unless drinks or an amount are given."""
    chosen = {"whole": not {"drinks", "amount_cents"} & set(given)}
    return Ask(
        **{
            "form_key": uuid7(),
            "order_id": order.id,
            "store_id": order.store_id,
            "cause": Cause.FAULTY.value,
            **chosen,
            **given,
        }
    )
