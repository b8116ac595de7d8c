"""The ways a command on the catalogue can refuse."""

from codepop.core.errors import AppError


class CatalogueInvalid(AppError):
    code = "catalogue_invalid"
    http_status = 422
    message = "The catalogue's data do not fit together; nothing was changed."


class IngredientUnknown(AppError):
    code = "ingredient_unknown"
    http_status = 404
    message = "There is no ingredient with this id."
