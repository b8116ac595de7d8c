"""What requests about orders need: who may, who acts, a recipe as it was sent, the order's document as the answer."""

from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, JsonResponse

from codepop.accounts.access import Principal, require
from codepop.catalog.menu import Part, Recipe
from codepop.ordering import selectors
from codepop.ordering.documents import OrderDocument
from codepop.ordering.schemas import RecipeIn


# The documents are JSON already: they are sent as they are, and a test holds them against these schemas.
def json_answer(status: int, body: Any) -> HttpResponse:
    return JsonResponse(body, status=status, encoder=DjangoJSONEncoder)


def own_order(request: HttpRequest, operation: str, order_id: UUID) -> Principal:
    """Refuse everybody who may not do this with the order; somebody else's order looks like none."""
    return require_order(request, operation, selectors.order_access(order_id))


def require_order(request: HttpRequest, operation: str, whose: selectors.OrderAccess) -> Principal:
    return require(
        request,
        operation,
        owner_id=whose.customer_id,
        token_hash=whose.token_hash,
        store_id=whose.store_id,
        region_id=whose.region_id,
    )


def actor_of(who: Principal) -> str:
    return f"user:{who.user_id}" if who.user_id else "guest"


def order_answer(order_id: UUID) -> HttpResponse:
    document: OrderDocument = selectors.get_order(order_id)
    return json_answer(200, document)


def recipe_of(given: RecipeIn) -> Recipe:
    """Return what was sent as the catalogue knows it; nothing is checked yet."""
    return Recipe(
        sodas=tuple(Part(one.ingredient_id, one.share) for one in given.sodas),
        syrups=tuple(Part(one.ingredient_id, one.pumps) for one in given.syrups),
        juices=tuple(Part(one.ingredient_id, one.portions) for one in given.juices),
        creams=tuple(Part(one.ingredient_id, one.portions) for one in given.creams),
        add_ins=tuple(Part(one.ingredient_id, one.portions) for one in given.add_ins),
        ice_creams=tuple(Part(one.ingredient_id, one.portions) for one in given.ice_creams),
        ice=given.ice,
    )
