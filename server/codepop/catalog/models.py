"""Tables of what can be sold: ingredients, sizes, categories and drinks. Prices are integer cents."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from codepop.catalog.allergens import ALLERGENS
from codepop.core.models import Row

BUMP_VERSION = """
    INSERT INTO catalog_catalogversion (id, version, changed_at)
    VALUES (1, gen_random_uuid(), statement_timestamp())
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, changed_at = excluded.changed_at;
    RETURN NULL;
"""
MONTH_DAY = RegexValidator(r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$", "Use MM-DD, for example 09-15.")


def bumps_catalog_version() -> list[pgtrigger.Trigger]:
    """Every statement that changes a catalogue table gives the catalogue a new version, whoever sent it."""
    return [
        pgtrigger.Trigger(
            name="bump_catalog_version",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
            func=BUMP_VERSION,
        )
    ]


class CatalogVersion(models.Model):
    """The one row that names the present state of the catalogue.

    The version is random, not counted, so that a rolled back change can never share its name with a later one.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    version = models.UUIDField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="catalog_version_single_row", condition=Q(id=1))]


class IngredientKind(models.TextChoices):
    SODA = "soda", "soda"
    SYRUP = "syrup", "syrup"
    JUICE = "juice", "juice"
    CREAM = "cream", "cream"
    ADD_IN = "add_in", "add-in"
    ICE_CREAM = "ice_cream", "ice cream"
    ICE = "ice", "ice"
    PHYSICAL = "physical", "cups, lids and straws"


class Unit(models.TextChoices):
    MILLILITRE = "ml", "millilitres"
    GRAM = "g", "grams"
    PIECE = "piece", "pieces"


class Ingredient(Row):
    """Something a robot puts into, onto or around a drink, counted in whole `unit`s.

    Nutrition is per 100 units (100 ml, 100 g or 100 pieces). `portion_volume_ml` is the room that one portion takes
    in the cup.
    """

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=12, choices=IngredientKind.choices)
    unit = models.CharField(max_length=6, choices=Unit.choices)
    color = models.CharField(max_length=7, default="#ffffff", validators=[RegexValidator(r"^#[0-9a-f]{6}$")])
    opacity_percent = models.PositiveSmallIntegerField(default=100)
    flavour_family = models.CharField(max_length=20, blank=True, default="")
    pairs_with = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    """Flavour families this goes well with; hints for builder and surprise drinks."""
    diet = models.BooleanField(default=False)
    allergens = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    may_contain = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    kcal_per_100 = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    sugar_g_per_100 = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    caffeine_mg_per_100 = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    price_cents = models.PositiveIntegerField(default=0)
    portion_name = models.CharField(max_length=20)
    portion_amount = models.PositiveIntegerField()
    portion_volume_ml = models.PositiveIntegerField(default=0)
    pack_amount = models.PositiveIntegerField()
    """Deliveries and counts come in steps of this amount: a bottle, a tub, a sleeve of cups."""
    offered = models.BooleanField(default=True)
    position = models.PositiveIntegerField(default=1000)

    class Meta:
        ordering = ["kind", "position", "name"]
        triggers = bumps_catalog_version()
        constraints = [
            models.CheckConstraint(name="ingredient_kind_known", condition=Q(kind__in=IngredientKind.values)),
            models.CheckConstraint(name="ingredient_unit_known", condition=Q(unit__in=Unit.values)),
            models.CheckConstraint(name="ingredient_opacity_percent", condition=Q(opacity_percent__lte=100)),
            models.CheckConstraint(name="ingredient_portion_positive", condition=Q(portion_amount__gt=0)),
            models.CheckConstraint(name="ingredient_pack_positive", condition=Q(pack_amount__gt=0)),
            models.CheckConstraint(
                name="ingredient_allergens_known",
                condition=Q(allergens__contained_by=list(ALLERGENS), may_contain__contained_by=list(ALLERGENS)),
            ),
            models.CheckConstraint(
                name="ingredient_nutrition_positive",
                condition=Q(kcal_per_100__gte=0, sugar_g_per_100__gte=0, caffeine_mg_per_100__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Size(Row):
    """A cup size with its price and the physical things one drink of it takes."""

    code = models.SlugField(max_length=8, unique=True)
    name = models.CharField(max_length=20)
    oz = models.PositiveSmallIntegerField()
    volume_ml = models.PositiveIntegerField()
    price_cents = models.PositiveIntegerField()
    cup = models.ForeignKey(Ingredient, on_delete=models.PROTECT, related_name="+")
    lid = models.ForeignKey(Ingredient, on_delete=models.PROTECT, related_name="+")
    straw = models.ForeignKey(Ingredient, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["volume_ml"]
        triggers = bumps_catalog_version()
        constraints = [models.CheckConstraint(name="size_volume_positive", condition=Q(volume_ml__gt=0))]

    def __str__(self) -> str:
        return self.name


class Category(Row):
    """A heading of the menu; drinks name it by its code."""

    code = models.SlugField(max_length=20, unique=True)
    name = models.CharField(max_length=30)
    position = models.PositiveIntegerField(default=1000)

    class Meta:
        ordering = ["position", "name"]
        triggers = bumps_catalog_version()
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name


class Tile(models.TextChoices):
    PEACH = "peach", "peach"
    MINT = "mint", "mint"
    VIOLET = "violet", "violet"
    BUTTER = "butter", "butter"


class IceLevel(models.TextChoices):
    NONE = "none", "No ice"
    LIGHT = "light", "Light"
    REGULAR = "regular", "Regular"
    EXTRA = "extra", "Extra"


class Drink(Row):
    """A preset of the menu. A season from `season_from` to `season_to` (MM-DD, both inclusive) may pass New Year."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=40)
    description = models.CharField(max_length=160)
    categories = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    tile = models.CharField(max_length=10, choices=Tile.choices, default=Tile.PEACH)
    season_from = models.CharField(max_length=5, blank=True, default="", validators=[MONTH_DAY])
    season_to = models.CharField(max_length=5, blank=True, default="", validators=[MONTH_DAY])
    popularity = models.PositiveIntegerField(default=0)
    default_size = models.ForeignKey(Size, on_delete=models.PROTECT, related_name="+")
    ice = models.CharField(max_length=8, choices=IceLevel.choices, default=IceLevel.REGULAR)
    offered = models.BooleanField(default=True)

    class Meta:
        ordering = ["-popularity", "name"]
        triggers = bumps_catalog_version()
        constraints = [
            models.CheckConstraint(name="drink_ice_known", condition=Q(ice__in=IceLevel.values)),
            models.CheckConstraint(name="drink_tile_known", condition=Q(tile__in=Tile.values)),
            models.CheckConstraint(
                name="drink_season_whole",
                condition=Q(season_from="", season_to="") | (~Q(season_from="") & ~Q(season_to="")),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DrinkPart(Row):
    """One line of a drink's recipe: shares for sodas, pumps for syrups, portions for everything else."""

    drink = models.ForeignKey(Drink, on_delete=models.CASCADE, related_name="parts")
    ingredient = models.ForeignKey(Ingredient, on_delete=models.PROTECT, related_name="+")
    amount = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["drink", "position"]
        triggers = bumps_catalog_version()
        constraints = [
            models.UniqueConstraint(fields=["drink", "ingredient"], name="one_part_per_ingredient"),
            models.CheckConstraint(name="drink_part_positive", condition=Q(amount__gt=0)),
        ]
