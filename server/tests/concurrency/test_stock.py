"""The last portion, fought over by real connections."""

import random
from collections import Counter
from collections.abc import Callable
from functools import partial
from uuid import UUID, uuid4

import pytest

from codepop.catalog.models import Ingredient
from codepop.catalog.tests.factories import make_ingredient
from codepop.core.db import transaction
from codepop.inventory import services
from codepop.inventory.errors import ReservationClosed, StockShort
from codepop.inventory.models import StockLevel
from codepop.inventory.selectors import active_references, discrepancies, free_amounts
from codepop.inventory.tests.factories import stock_store
from codepop.stores.models import Store
from codepop.stores.tests.factories import make_store
from tests.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 50


def try_to_reserve(store: Store, amounts: dict[UUID, int], reference: UUID | None = None) -> str:
    try:
        with transaction():
            services.reserve(store_id=store.id, reference=reference or uuid4(), amounts=amounts)
    except StockShort:
        return "short"
    return "reserved"


@pytest.mark.req("D12", "DOM-30")
def test_fifty_orders_for_the_last_portion() -> None:
    store, syrup = make_store(), make_ingredient(kind="syrup")
    stock_store(store=store, ingredients=[syrup], on_hand=15)
    answers = at_once([lambda: try_to_reserve(store, {syrup.id: 10})] * THREADS)
    assert Counter(answers) == {"reserved": 1, "short": THREADS - 1}
    assert free_amounts(store.id) == {syrup.id: 5}
    assert len(active_references()) == 1
    assert discrepancies() == []


@pytest.mark.req("D12", "DOM-30")
def test_exactly_as_many_win_as_there_are_portions() -> None:
    store = make_store()
    shared, plenty = make_ingredient(kind="syrup"), make_ingredient()
    stock_store(store=store, ingredients=[shared], on_hand=137)
    stock_store(store=store, ingredients=[plenty], on_hand=1_000_000)
    answers = at_once([lambda: try_to_reserve(store, {plenty.id: 300, shared.id: 10})] * THREADS)
    assert Counter(answers) == {"reserved": 13, "short": THREADS - 13}
    assert free_amounts(store.id) == {shared.id: 7, plenty.id: 1_000_000 - 13 * 300}
    assert discrepancies() == []


def _shuffled_order(store: Store, ingredients: list[Ingredient], seed: int) -> str:
    """One customer: reserves ingredients in an order of her own, then has it made, cancels, or waits."""
    dice = random.Random(seed)
    chosen = dice.sample(ingredients, 4)
    reference = uuid4()
    answer = try_to_reserve(store, {one.id: dice.randint(1, 30) for one in chosen}, reference)
    if answer == "reserved":
        fate = dice.choice(["consume", "release", "keep", "receive"])
        with transaction():
            if fate == "consume":
                services.consume(reference=reference)
            elif fate == "release":
                services.release(reference=reference)
            elif fate == "receive":
                services.receive(store_id=store.id, amounts={one.id: 5 for one in reversed(chosen)})
        return fate
    return answer


@pytest.mark.req("D12", "DOM-30")
def test_no_deadlock_and_no_lost_unit_with_carts_in_any_order() -> None:
    store = make_store()
    ingredients = [make_ingredient(kind="syrup") for _ in range(8)]
    stock_store(store=store, ingredients=ingredients, on_hand=400)
    answers = at_once([partial(_shuffled_order, store, ingredients, seed) for seed in range(THREADS)])
    assert len(answers) == THREADS
    assert discrepancies() == []
    for level in StockLevel.objects.all():
        assert 0 <= level.reserved <= level.on_hand
    assert len(active_references()) == Counter(answers)["keep"] + Counter(answers)["receive"]


@pytest.mark.req("DOM-30")
def test_one_reservation_is_used_or_given_back_but_never_both() -> None:
    store, syrup = make_store(), make_ingredient(kind="syrup")
    stock_store(store=store, ingredients=[syrup], on_hand=100)
    reference = uuid4()
    assert try_to_reserve(store, {syrup.id: 40}, reference) == "reserved"

    def close(command: Callable[..., bool]) -> str:
        try:
            with transaction():
                return f"{command.__name__} {command(reference=reference)}"
        except ReservationClosed:
            return "refused"

    answers = Counter(at_once([lambda: close(services.consume), lambda: close(services.release)] * 10))
    consumed = answers["consume True"] == 1
    assert answers["consume True"] + answers["release True"] == 1
    level = StockLevel.objects.get(ingredient=syrup)
    assert (level.on_hand, level.reserved) == ((60, 0) if consumed else (100, 0))
    assert discrepancies() == []
