"""The allergens CodePop knows: the nine that US law names, and coconut, sulphites and gluten, which people ask for."""

ALLERGENS: tuple[str, ...] = (
    "milk",
    "egg",
    "soy",
    "wheat",
    "gluten",
    "peanut",
    "tree_nuts",
    "coconut",
    "sesame",
    "fish",
    "shellfish",
    "sulphites",
)
