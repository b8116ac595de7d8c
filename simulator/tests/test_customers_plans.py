"""The customers of a seed: always the same ones, and of every kind."""

from collections import Counter

from simulator.customers.cart import lines_for
from simulator.customers.plans import Drink, Ending, Paying, Pickup, make_plans
from simulator.customers.shop import home_of

MENU = {
    "sizes": [{"code": "s16"}, {"code": "s24"}],
    "rules": {"max_syrups": 2, "max_creams": 1, "max_addins": 1},
    "drinks": [
        {"id": "haze", "available": True, "recipe": {"sodas": [{"ingredient_id": "cola", "share": 1}], "syrups": []}},
        {"id": "gone", "available": False, "recipe": {}},
        {"id": "plain", "available": True, "recipe": {"sodas": [{"ingredient_id": "cola", "share": 1}]}},
    ],
    "ingredients": [
        {"id": "peach", "kind": "syrup", "available": True},
        {"id": "rose", "kind": "syrup", "available": False},
        {"id": "cola", "kind": "soda", "available": True},
    ],
}


def test_the_same_seed_gives_the_same_customers_and_more_only_add() -> None:
    few, many = (make_plans(customers=number, seed=7, accounts=6) for number in (50, 80))
    assert few == many[:50]
    assert make_plans(customers=50, seed=8, accounts=6) != few


def test_no_account_meets_so_many_declined_cards_that_it_is_stopped() -> None:
    for declines_each in (4, 0):
        plans = make_plans(customers=3000, seed=7, accounts=6, declines_each=declines_each)
        met = Counter(plan.account for plan in plans if "decline" in plan.paying or "fails" in plan.paying)
        assert met.pop(None) > 400
        assert set(met.values()) == ({declines_each} if declines_each else set())
        assert {plan.account for plan in plans} == {None, *range(6)}


def test_each_customer_has_an_address_of_their_own() -> None:
    homes = {home_of(number, seed=seed) for number in range(5000) for seed in (1, 2)}
    assert len(homes) == 10_000 or homes == {None}


def test_every_kind_of_customer_comes() -> None:
    plans = make_plans(customers=500, seed=7, accounts=6)
    assert {plan.paying for plan in plans} == set(Paying)
    assert {plan.ending for plan in plans} == set(Ending)
    assert {plan.pickup for plan in plans} == set(Pickup)
    guests = Counter(plan.account is None for plan in plans)[True]
    assert 300 < guests < 450
    assert any(plan.double_tap for plan in plans)
    assert any(len(plan.drinks) == 3 for plan in plans)


def test_without_accounts_all_are_guests() -> None:
    assert all(plan.account is None for plan in make_plans(customers=40, seed=1, accounts=0))


def _drink(choice: float, *, custom: bool = False, change: int = 0) -> Drink:
    return Drink(choice=choice, size=0.9, quantity=2, custom=custom, change=change)


def test_lines_hold_only_what_is_on_offer() -> None:
    lines = lines_for((_drink(0.0), _drink(0.99)), MENU)
    assert [(line["drink_id"], line["size"], line["quantity"], line["name"]) for line in lines] == [
        ("haze", "s24", 2, None),
        ("plain", "s24", 2, None),
    ]
    assert [line["drink_id"] for line in lines_for((_drink(0.0),), MENU, skip=1)] == ["plain"]


def test_a_drink_of_ones_own_has_one_thing_more_and_leaves_the_menu_as_it_was() -> None:
    (line,) = lines_for((_drink(0.0, custom=True),), MENU)
    assert line["recipe"]["syrups"] == [{"ingredient_id": "peach", "pumps": 1}]
    assert line["name"] == "My own"
    assert MENU["drinks"][0]["recipe"]["syrups"] == []  # type: ignore[index]  # the literal above


def test_nothing_on_offer_means_no_lines() -> None:
    assert lines_for((_drink(0.5),), {**MENU, "drinks": []}) == []
