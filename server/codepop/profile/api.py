"""A person's own profile over HTTP."""

from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field, StringConstraints

from codepop.accounts.access import admit
from codepop.catalog.menu import DrinkLine
from codepop.core.errors import NotSignedIn
from codepop.core.schemas import ErrorOut, Input
from codepop.ordering.lines import request_document
from codepop.ordering.requests import recipe_of
from codepop.ordering.schemas import RecipeIn, RequestOut
from codepop.profile import selectors, services
from codepop.profile.documents import Adventure, Diet, Health, Preferences, Sweetness

router = Router(tags=["profile"])
ERRORS = {401: ErrorOut, 422: ErrorOut}
MOST_INGREDIENTS = 50
Code = Annotated[str, StringConstraints(max_length=12)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=30, pattern=r"^[^\x00-\x1f\x7f]*$")]


class PreferencesIn(Input):
    liked: list[UUID] = Field(default=[], max_length=MOST_INGREDIENTS)
    disliked: list[UUID] = Field(default=[], max_length=MOST_INGREDIENTS)
    sweetness: Sweetness | None = None
    ice: Code | None = None
    adventure: Adventure | None = None


class PreferencesOut(Schema):
    liked: list[UUID]
    disliked: list[UUID]
    sweetness: Sweetness | None
    ice: str | None
    adventure: Adventure | None
    tutorial_done: bool


class HealthIn(Input):
    """`agreed` is the person's explicit yes to keeping these: without it nothing is kept."""

    agreed: Literal[True]
    allergies: list[Code] = Field(default=[], max_length=20)
    diets: list[Diet] = Field(default=[], max_length=10)


class HealthOut(Schema):
    kept: bool
    allergies: list[str]
    diets: list[Diet]


class FavouriteIn(Input):
    """A drink as in a quote's line, without a quantity."""

    name: Name | None = None
    drink_id: UUID | None = None
    size: Code
    recipe: RecipeIn


class RenameIn(Input):
    name: Name


class FavouriteOut(Schema):
    """`line` goes into a quote as it is. `unavailable` says why that would be refused, `warnings` whom it may harm."""

    id: UUID
    name: str
    line: RequestOut
    unavailable: str | None
    warnings: list[str] = Field(description="Allergens of this drink that the person named as theirs.")


class FavouritesOut(Schema):
    favourites: list[FavouriteOut]


class KeptOut(Schema):
    id: UUID


def _me(request: HttpRequest, operation: str) -> UUID:
    who = admit(request, operation)
    if who.user_id is None:
        raise NotSignedIn
    return who.user_id


@router.get(
    "/preferences", operation_id="get_preferences", response={200: PreferencesOut, 401: ErrorOut}, summary="What I like"
)
def get_preferences(request: HttpRequest) -> dict[str, Any]:
    """Return what the person likes, and whether they have seen the tutorial."""
    return _preferences(_me(request, "get_preferences"))


@router.put(
    "/preferences", operation_id="set_preferences", response={200: PreferencesOut, **ERRORS}, summary="Say what I like"
)
def set_preferences(request: HttpRequest, body: PreferencesIn) -> dict[str, Any]:
    """Keep these in place of what was kept; what is not named is not said any more."""
    user_id = _me(request, "set_preferences")
    liked, disliked = tuple(dict.fromkeys(body.liked)), tuple(dict.fromkeys(body.disliked))
    given = Preferences(liked, disliked, body.sweetness, body.ice, body.adventure)
    services.set_preferences(user_id=user_id, preferences=given)
    return _preferences(user_id)


def _preferences(user_id: UUID) -> dict[str, Any]:
    return {**vars(selectors.preferences_of(user_id)), "tutorial_done": selectors.tutorial_is_done(user_id)}


@router.post(
    "/tutorial", operation_id="finish_tutorial", response={204: None, 401: ErrorOut}, summary="I know how it works"
)
def finish_tutorial(request: HttpRequest) -> Status[None]:
    """Note that the tutorial was seen or skipped, so that no device shows it again. May be called twice."""
    services.finish_tutorial(user_id=_me(request, "finish_tutorial"))
    return Status(204, None)


@router.get(
    "/health",
    operation_id="get_health_notes",
    response={200: HealthOut, 401: ErrorOut},
    summary="My allergies and diet",
)
def get_health_notes(request: HttpRequest) -> dict[str, Any]:
    """Return what the person told us; `kept` is false when nothing is kept."""
    return _health(_me(request, "get_health_notes"))


@router.put(
    "/health",
    operation_id="set_health_notes",
    response={200: HealthOut, **ERRORS},
    summary="Keep my allergies and diet",
)
def set_health_notes(request: HttpRequest, body: HealthIn) -> dict[str, Any]:
    """Keep these, encrypted, to warn of drinks; only with `agreed`, which is the consent to `allergies`."""
    user_id = _me(request, "set_health_notes")
    health = Health(tuple(dict.fromkeys(body.allergies)), tuple(dict.fromkeys(body.diets)))
    services.set_health(user_id=user_id, health=health)
    return _health(user_id)


@router.delete(
    "/health", operation_id="forget_health_notes", response={204: None, 401: ErrorOut}, summary="Forget them"
)
def forget_health_notes(request: HttpRequest) -> Status[None]:
    """Withdraw the yes: allergies and diet are deleted at once. May be called twice."""
    services.forget_health(user_id=_me(request, "forget_health_notes"))
    return Status(204, None)


def _health(user_id: UUID) -> dict[str, Any]:
    found = selectors.health_of(user_id)
    return {"kept": found is not None, **vars(found or Health())}


@router.get(
    "/favourites",
    operation_id="list_favourites",
    response={200: FavouritesOut, 404: ErrorOut, **ERRORS},
    summary="My favourites",
)
def list_favourites(request: HttpRequest, store_id: UUID | None = None) -> dict[str, Any]:
    """Return the favourites, the newest first; with `store_id` each says whether that store can make it now."""
    found = selectors.favourites_of(_me(request, "list_favourites"), store_id=store_id)
    return {"favourites": [{**vars(one), "line": request_document(one.line)} for one in found]}


@router.post(
    "/favourites",
    operation_id="keep_favourite",
    response={200: KeptOut, 201: KeptOut, 409: ErrorOut, **ERRORS},
    summary="Keep a drink",
)
def keep_favourite(request: HttpRequest, body: FavouriteIn) -> Status[dict[str, Any]]:
    """Keep a drink: 201 when it is new, 200 when it was kept already and only its name changed."""
    user_id = _me(request, "keep_favourite")
    line = DrinkLine(
        drink_id=body.drink_id, name=body.name or None, size=body.size, quantity=1, recipe=recipe_of(body.recipe)
    )
    favourite_id, made = services.keep_favourite(user_id=user_id, line=line)
    return Status(201 if made else 200, {"id": favourite_id})


@router.patch(
    "/favourites/{favourite_id}",
    operation_id="rename_favourite",
    response={204: None, 404: ErrorOut, **ERRORS},
    summary="Call it so",
)
def rename_favourite(request: HttpRequest, favourite_id: UUID, body: RenameIn) -> Status[None]:
    """Give a favourite a name; the empty one goes back to the drink's own."""
    user_id = _me(request, "rename_favourite")
    services.rename_favourite(user_id=user_id, favourite_id=favourite_id, name=body.name)
    return Status(204, None)


@router.delete(
    "/favourites/{favourite_id}",
    operation_id="remove_favourite",
    response={204: None, 401: ErrorOut},
    summary="Forget it",
)
def remove_favourite(request: HttpRequest, favourite_id: UUID) -> Status[None]:
    """Forget a favourite. May be called twice."""
    user_id = _me(request, "remove_favourite")
    services.remove_favourite(user_id=user_id, favourite_id=favourite_id)
    return Status(204, None)
