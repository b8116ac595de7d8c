"""The builder's rules, and that amounts add up for every drink one could build."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from codepop.catalog.menu import (
    GROUPS,
    DrinkLine,
    MenuIngredient,
    MenuSize,
    MenuSnapshot,
    Nutrition,
    Part,
    Recipe,
)
from codepop.catalog.recipe import (
    allergens,
    amounts,
    line_amounts,
    nutrition,
    soda_room_ml,
    split_by_share,
    unit_price_cents,
    validate,
)

ROOM = {"soda": 330, "syrup": 10, "juice": 30, "cream": 30, "add_in": 12, "ice_cream": 75, "ice": 1, "physical": 0}
UNIT = {"add_in": "piece", "physical": "piece", "ice": "g", "ice_cream": "g"}
PRICE = {"syrup": 40, "juice": 50, "cream": 75, "add_in": 40, "ice_cream": 120}


def ingredient(kind: str, name: str, **values: object) -> MenuIngredient:
    portion = {"ice_cream": 65, "add_in": 1, "ice": 1, "physical": 1}.get(kind, ROOM[kind])
    base = MenuIngredient(
        id=uuid4(),
        slug=name.lower().replace(" ", "-"),
        name=name,
        kind=kind,
        unit=UNIT.get(kind, "ml"),
        color="#ffffff",
        opacity_percent=100,
        flavour_family="",
        pairs_with=(),
        diet=False,
        allergens=(),
        may_contain=(),
        nutrition_per_100=Nutrition(),
        price_cents=PRICE.get(kind, 0),
        portion_name="portion",
        portion_amount=portion,
        portion_volume_ml=ROOM[kind],
        pack_amount=1,
        offered=True,
    )
    return replace(base, **values)  # type: ignore[arg-type]  # any field of the ingredient


COLA = ingredient("soda", "Cola", nutrition_per_100=Nutrition(42_000, 10_600, 9_600))
LEMON = ingredient("soda", "Lemon Soda", nutrition_per_100=Nutrition(40_000, 10_100, 0))
ROOT = ingredient("soda", "Root Beer")
GINGER = ingredient("soda", "Ginger Ale")
SYRUPS = [ingredient("syrup", f"Syrup {n}") for n in range(8)]
ALMOND = ingredient("syrup", "Toasted Almond", allergens=("tree_nuts",), may_contain=("peanut",))
LIME = ingredient("juice", "Lime Juice")
CREAM = ingredient("cream", "Vanilla Cream", allergens=("milk",))
ADD_INS = [ingredient("add_in", f"Add-in {n}") for n in range(5)]
VANILLA_ICE = ingredient("ice_cream", "Vanilla Ice Cream", allergens=("milk", "egg"), may_contain=("tree_nuts",))
GONE = ingredient("syrup", "Gone", offered=False)
ICE = ingredient("ice", "Ice")
CUP, LID, STRAW = (ingredient("physical", name) for name in ("Cup", "Lid", "Straw"))
ALL = [COLA, LEMON, ROOT, GINGER, *SYRUPS, ALMOND, LIME, CREAM, *ADD_INS, VANILLA_ICE, GONE, ICE, CUP, LID, STRAW]
SIZES = {
    code: MenuSize(
        id=uuid4(),
        code=code,
        name=f"{oz} oz",
        oz=oz,
        volume_ml=volume,
        price_cents=price,
        physical=(CUP.id, LID.id, STRAW.id),
    )
    for code, oz, volume, price in (("s16", 16, 473, 230), ("s24", 24, 710, 270), ("s32", 32, 946, 310))
}
CATALOGUE = MenuSnapshot(
    version=None,
    changed_at=None,
    ingredients={one.id: one for one in ALL},
    sizes=SIZES,
    categories=(),
    drinks={},
    ice=ICE,
)


def part(one: MenuIngredient, amount: int = 1) -> Part:
    return Part(one.id, amount)


def problems(recipe: Recipe, size: str = "s24") -> dict[str, str]:
    return dict(validate(recipe, size=SIZES[size], catalogue=CATALOGUE))


SUNSET = Recipe(sodas=(part(COLA),), syrups=(part(SYRUPS[0], 2),), creams=(part(CREAM),))


@pytest.mark.req("DOM-12")
def test_one_soda_is_enough_and_nothing_else_is_required() -> None:
    assert problems(Recipe(sodas=(part(COLA),))) == {}
    assert problems(Recipe()) == {"recipe.sodas": "Choose at least one soda; everything else is up to you."}


@pytest.mark.req("DOM-12")
@pytest.mark.parametrize(
    ("recipe", "path", "message"),
    [
        (
            Recipe(sodas=(part(COLA), part(LEMON), part(ROOT), part(GINGER))),
            "recipe.sodas",
            "At most 3 sodas in one drink: take out 1.",
        ),
        (Recipe(sodas=(part(COLA),), syrups=tuple(map(part, SYRUPS))), "recipe.syrups", "At most 6 syrups"),
        (Recipe(sodas=(part(COLA),), add_ins=tuple(map(part, ADD_INS))), "recipe.add_ins", "At most 4 add-ins"),
        (Recipe(sodas=(part(COLA),), syrups=(part(SYRUPS[0], 7),)), "recipe.syrups.0", "pumps must be from 1 to 6"),
        (Recipe(sodas=(part(COLA, 0),)), "recipe.sodas.0", "share must be from 1 to 10, not 0"),
        (Recipe(sodas=(part(COLA),), creams=(part(CREAM, -1),)), "recipe.creams.0", "portions must be from 1 to 3"),
        (Recipe(sodas=(part(CREAM),)), "recipe.sodas.0", "Vanilla Cream does not belong under sodas."),
        (Recipe(sodas=(part(COLA), part(COLA))), "recipe.sodas.1", "Cola is in the drink twice"),
        (Recipe(sodas=(Part(UUID(int=1), 1),)), "recipe.sodas.0", "not on the menu any more"),
        (Recipe(sodas=(part(COLA),), syrups=(part(GONE),)), "recipe.syrups.0", "not on the menu any more"),
        (Recipe(sodas=(part(CUP),)), "recipe.sodas.0", "Cup does not belong under sodas."),
        (Recipe(sodas=(part(COLA),), ice="crushed"), "recipe.ice", "Ice must be one of none, light, regular, extra."),
    ],
)
def test_each_rule_names_its_field_and_the_remedy(recipe: Recipe, path: str, message: str) -> None:
    found = problems(recipe)
    assert list(found) == [path]
    assert message in found[path]


@pytest.mark.req("DOM-12")
def test_what_does_not_fit_says_by_how_much() -> None:
    full = Recipe(
        sodas=(part(COLA),), ice="extra", ice_creams=(part(VANILLA_ICE, 1),), creams=(part(CREAM, 3),), juices=()
    )
    assert problems(full, "s32") == {}
    assert problems(full, "s16") == {
        "recipe": "This is 23 ml too much for 16 oz: take something out, less ice, or a larger cup."
    }


@pytest.mark.req("DOM-30")
def test_the_amounts_of_a_known_drink() -> None:
    # 710 ml cup, 30 % ice = 213 ml = 195 g, two pumps = 20 ml, one splash = 30 ml; cola fills the rest.
    assert amounts(SUNSET, size=SIZES["s24"], catalogue=CATALOGUE) == {
        COLA.id: 447,
        SYRUPS[0].id: 20,
        CREAM.id: 30,
        ICE.id: 195,
        CUP.id: 1,
        LID.id: 1,
        STRAW.id: 1,
    }


@pytest.mark.req("DOM-13")
def test_a_float_takes_scoops_from_the_freezer() -> None:
    root_float = Recipe(sodas=(part(ROOT),), ice_creams=(part(VANILLA_ICE, 2),), ice="none")
    taken = amounts(root_float, size=SIZES["s24"], catalogue=CATALOGUE)
    assert taken[VANILLA_ICE.id] == 130
    assert taken[ROOT.id] == 560
    assert ICE.id not in taken


@pytest.mark.req("D7")
def test_allergens_of_every_part_and_what_may_be_in_it_besides() -> None:
    recipe = Recipe(sodas=(part(COLA),), syrups=(part(ALMOND),), ice_creams=(part(VANILLA_ICE),))
    assert allergens(recipe, catalogue=CATALOGUE) == (("egg", "milk", "tree_nuts"), ("peanut",))
    assert allergens(Recipe(sodas=(part(COLA),)), catalogue=CATALOGUE) == ((), ())


def test_price_is_the_size_and_each_portion() -> None:
    assert unit_price_cents(SUNSET, size=SIZES["s24"], catalogue=CATALOGUE) == 270 + 2 * 40 + 75
    two_sodas = replace(SUNSET, sodas=(part(COLA), part(LEMON)))
    assert unit_price_cents(two_sodas, size=SIZES["s24"], catalogue=CATALOGUE) == 425


def test_nutrition_follows_the_amounts() -> None:
    found = nutrition(Recipe(sodas=(part(COLA),), ice="none"), size=SIZES["s24"], catalogue=CATALOGUE)
    assert (found.kcal, found.sugar_g, found.caffeine_mg) == (298, 75, 68)


def test_json_there_and_back() -> None:
    assert Recipe.from_json(SUNSET.as_json()) == SUNSET
    assert SUNSET.as_json()["syrups"] == [{"ingredient_id": str(SYRUPS[0].id), "pumps": 2}]
    for wrong in ({"sodas": [{"share": 1}]}, {"sodas": [{"ingredient_id": "x", "share": 1}]}):
        with pytest.raises((KeyError, ValueError)):
            Recipe.from_json(wrong)


@given(st.integers(0, 5000), st.lists(st.integers(1, 10), min_size=1, max_size=5))
def test_shares_add_up_to_the_whole(total: int, shares: list[int]) -> None:
    parts = split_by_share(total, tuple(shares))
    assert sum(parts) == total
    assert all(abs(one - total * share / sum(shares)) < 1 for one, share in zip(parts, shares, strict=True))


def _some(kind: str, most: int) -> st.SearchStrategy[tuple[Part, ...]]:
    choices = [one for one in ALL if one.kind == kind and one.offered]
    picked = st.lists(st.sampled_from(choices), max_size=most, unique_by=lambda one: one.id)
    return picked.flatmap(
        lambda ones: st.tuples(*(st.builds(Part, st.just(one.id), st.integers(1, 6)) for one in ones))
    )


recipes = st.builds(
    Recipe,
    sodas=_some("soda", 3),
    syrups=_some("syrup", 6),
    juices=_some("juice", 1),
    creams=_some("cream", 1),
    add_ins=_some("add_in", 4),
    ice_creams=_some("ice_cream", 1),
    ice=st.sampled_from(["none", "light", "regular", "extra"]),
)


@pytest.mark.req("DOM-30")
@given(recipes, st.sampled_from(sorted(SIZES)), st.integers(1, 12))
def test_every_valid_drink_fills_its_cup_exactly(recipe: Recipe, code: str, quantity: int) -> None:
    size = SIZES[code]
    assume(not validate(recipe, size=size, catalogue=CATALOGUE))
    one = amounts(recipe, size=size, catalogue=CATALOGUE)
    assert all(amount > 0 for amount in one.values())
    sodas = sum(one.get(item.ingredient_id, 0) for item in recipe.sodas)
    room = soda_room_ml(recipe, size=size, catalogue=CATALOGUE)
    taken = sum(
        CATALOGUE.ingredients[item.ingredient_id].portion_volume_ml * item.amount
        for group, _, item in recipe.parts()
        if group.kind != "soda"
    )
    ice_ml = size.volume_ml * (CATALOGUE.ice_percent(recipe.ice) or 0) // 100
    assert sodas == room
    assert sodas + taken + ice_ml == size.volume_ml
    assert sodas * 100 >= size.volume_ml * CATALOGUE.rules.min_soda_percent
    many = amounts(recipe, size=size, catalogue=CATALOGUE, quantity=quantity)
    assert many == {ingredient_id: amount * quantity for ingredient_id, amount in one.items()}
    line = DrinkLine(size=code, quantity=quantity, recipe=recipe)
    assert line_amounts(line, catalogue=CATALOGUE) == many


@given(recipes)
def test_a_larger_cup_never_takes_less(recipe: Recipe) -> None:
    assume(not validate(recipe, size=SIZES["s16"], catalogue=CATALOGUE))
    small = amounts(recipe, size=SIZES["s16"], catalogue=CATALOGUE)
    large = amounts(recipe, size=SIZES["s32"], catalogue=CATALOGUE)
    assert all(large[ingredient_id] >= amount for ingredient_id, amount in small.items())
    assert validate(recipe, size=SIZES["s32"], catalogue=CATALOGUE) == []


@pytest.mark.req("D7")
@given(recipes)
def test_no_allergen_is_ever_lost(recipe: Recipe) -> None:
    found = allergens(recipe, catalogue=CATALOGUE)
    for _, _, item in recipe.parts():
        one = CATALOGUE.ingredients[item.ingredient_id]
        assert set(one.allergens) <= set(found.contains)
        assert set(one.may_contain) <= set(found.contains) | set(found.may_contain)
    assert not set(found.contains) & set(found.may_contain)


def test_groups_cover_every_kind_that_goes_into_a_drink() -> None:
    assert {group.kind for group in GROUPS} == {"soda", "syrup", "juice", "cream", "add_in", "ice_cream"}
