"""Stock is never negative, never sold twice, and every unit is accounted for."""

from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError
from django.db import transaction as django_transaction
from pytest_django import DjangoAssertNumQueries

from codepop.catalog.models import Ingredient
from codepop.catalog.tests.factories import make_ingredient
from codepop.core.db import TransactionMissing
from codepop.inventory import selectors, services
from codepop.inventory.errors import (
    AmountInvalid,
    CountBelowReserved,
    ReasonMissing,
    ReservationClosed,
    ReservationUnknown,
    StockShort,
)
from codepop.inventory.models import MovementKind, Reservation, StockLevel, StockMovement
from codepop.inventory.tests.factories import stock_store
from codepop.stores.models import Store
from codepop.stores.tests.factories import make_store
from tests.database_role import as_owner

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def syrup(store: Store) -> Ingredient:
    ingredient = make_ingredient(kind="syrup")
    stock_store(store=store, ingredients=[ingredient], on_hand=100)
    return ingredient


def level_of(store: Store, ingredient: Ingredient) -> tuple[int, int]:
    return StockLevel.objects.values_list("on_hand", "reserved").get(store=store, ingredient=ingredient)


def reserve(store: Store, amounts: dict[UUID, int]) -> UUID:
    reference = uuid4()
    services.reserve(store_id=store.id, reference=reference, amounts=amounts)
    return reference


@pytest.mark.req("DOM-30")
def test_reserving_holds_back_and_moves_nothing(store: Store, syrup: Ingredient) -> None:
    reference = reserve(store, {syrup.id: 30})
    assert level_of(store, syrup) == (100, 30)
    assert selectors.free_amounts(store.id) == {syrup.id: 70}
    found = selectors.reservation(reference)
    assert found is not None
    assert (found.status, found.amounts) == ("active", {syrup.id: 30})
    assert StockMovement.objects.filter(kind=MovementKind.USED).count() == 0


@pytest.mark.req("DOM-30", "D12")
def test_too_much_of_one_ingredient_reserves_nothing_at_all(store: Store, syrup: Ingredient) -> None:
    other = make_ingredient(kind="soda")
    stock_store(store=store, ingredients=[other], on_hand=500)
    with pytest.raises(StockShort) as refusal:
        reserve(store, {syrup.id: 130, other.id: 10})
    assert refusal.value.missing == {syrup.id: 30}
    assert level_of(store, syrup) == (100, 0)
    assert level_of(store, other) == (500, 0)
    assert Reservation.objects.count() == 0


def test_an_ingredient_the_store_never_had_is_short_by_all(store: Store, syrup: Ingredient) -> None:
    unknown = make_ingredient()
    with pytest.raises(StockShort) as refusal:
        reserve(store, {syrup.id: 10, unknown.id: 5})
    assert refusal.value.missing == {unknown.id: 5}


def test_exactly_all_can_be_reserved_and_then_nothing(store: Store, syrup: Ingredient) -> None:
    reserve(store, {syrup.id: 100})
    with pytest.raises(StockShort) as refusal:
        reserve(store, {syrup.id: 1})
    assert refusal.value.missing == {syrup.id: 1}


@pytest.mark.req("DOM-30", "CORE-06")
def test_consuming_takes_it_out_once_and_writes_the_book(store: Store, syrup: Ingredient) -> None:
    reference = reserve(store, {syrup.id: 30})
    assert services.consume(reference=reference) is True
    assert services.consume(reference=reference) is False
    assert level_of(store, syrup) == (70, 0)
    used = StockMovement.objects.get(kind=MovementKind.USED)
    assert (used.amount, used.reference, used.ingredient_id) == (-30, reference, syrup.id)
    assert selectors.discrepancies() == []


def test_releasing_gives_back_once(store: Store, syrup: Ingredient) -> None:
    reference = reserve(store, {syrup.id: 30})
    assert services.release(reference=reference) is True
    assert services.release(reference=reference) is False
    assert level_of(store, syrup) == (100, 0)
    assert selectors.active_references() == []


def test_what_was_released_cannot_be_consumed_nor_the_other_way_round(store: Store, syrup: Ingredient) -> None:
    released, consumed = reserve(store, {syrup.id: 10}), reserve(store, {syrup.id: 10})
    services.release(reference=released)
    services.consume(reference=consumed)
    with pytest.raises(ReservationClosed):
        services.consume(reference=released)
    with pytest.raises(ReservationClosed):
        services.release(reference=consumed)
    assert level_of(store, syrup) == (90, 0)


def test_unknown_references(store: Store) -> None:
    assert services.release(reference=uuid4()) is False
    with pytest.raises(ReservationUnknown):
        services.consume(reference=uuid4())


def test_one_reference_reserves_once(store: Store, syrup: Ingredient) -> None:
    reference = reserve(store, {syrup.id: 10})
    with pytest.raises(DatabaseError, match="inventory_reservation"):
        services.reserve(store_id=store.id, reference=reference, amounts={syrup.id: 10})


def test_amounts_must_be_positive(store: Store, syrup: Ingredient) -> None:
    for amount in (0, -5):
        with pytest.raises(AmountInvalid):
            reserve(store, {syrup.id: amount})


@pytest.mark.req("DOM-29")
def test_a_delivery_adds_and_makes_missing_levels(store: Store, syrup: Ingredient) -> None:
    fresh = make_ingredient()
    services.receive(store_id=store.id, amounts={syrup.id: 750, fresh.id: 20})
    assert level_of(store, syrup) == (850, 0)
    assert level_of(store, fresh) == (20, 0)
    assert selectors.discrepancies() == []


def test_waste_needs_a_reason_and_spares_what_is_reserved(store: Store, syrup: Ingredient) -> None:
    reserve(store, {syrup.id: 90})
    with pytest.raises(ReasonMissing):
        services.waste(store_id=store.id, amounts={syrup.id: 5}, reason=" ")
    with pytest.raises(StockShort) as refusal:
        services.waste(store_id=store.id, amounts={syrup.id: 15}, reason="Bottle broke.")
    assert refusal.value.missing == {syrup.id: 5}
    services.waste(store_id=store.id, amounts={syrup.id: 10}, reason="Bottle broke.")
    assert level_of(store, syrup) == (90, 90)
    assert selectors.discrepancies() == []


def test_packs_go_back_to_the_hub(store: Store, syrup: Ingredient) -> None:
    services.return_to_hub(store_id=store.id, amounts={syrup.id: 40}, reason="Too many")
    assert level_of(store, syrup) == (60, 0)
    assert StockMovement.objects.get(kind=MovementKind.RETURNED).amount == -40


@pytest.mark.req("DOM-29")
def test_a_count_corrects_the_level_and_says_why(store: Store, syrup: Ingredient) -> None:
    reserve(store, {syrup.id: 30})
    with pytest.raises(CountBelowReserved):
        services.correct(store_id=store.id, ingredient_id=syrup.id, counted=29, reason="Counted")
    assert services.correct(store_id=store.id, ingredient_id=syrup.id, counted=80, reason="Counted") == -20
    assert services.correct(store_id=store.id, ingredient_id=syrup.id, counted=80, reason="Counted") == 0
    assert level_of(store, syrup) == (80, 30)
    assert selectors.discrepancies() == []


def test_movements_cannot_be_rewritten(store: Store, syrup: Ingredient) -> None:
    movement = StockMovement.objects.get(ingredient=syrup)
    movement.amount = 1
    with as_owner(), pytest.raises(DatabaseError, match="movements_are_final"), django_transaction.atomic():
        movement.save()
    with as_owner(), pytest.raises(DatabaseError, match="movements_are_final"), django_transaction.atomic():
        movement.delete()


@pytest.mark.req("CORE-06")
def test_a_cooked_book_is_found(store: Store, syrup: Ingredient) -> None:
    StockLevel.objects.filter(ingredient=syrup).update(on_hand=101)
    found = selectors.discrepancies()
    assert [(one.ingredient_id, one.on_hand, one.moved) for one in found] == [(syrup.id, 101, 100)]


@pytest.mark.django_db(transaction=True)
def test_commands_refuse_to_run_outside_a_transaction() -> None:
    with pytest.raises(TransactionMissing):
        services.reserve(store_id=uuid4(), reference=uuid4(), amounts={})
    with pytest.raises(TransactionMissing):
        services.consume(reference=uuid4())


def test_each_command_is_one_statement(
    store: Store, syrup: Ingredient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        reference = reserve(store, {syrup.id: 10})
    with django_assert_num_queries(1):
        services.consume(reference=reference)
