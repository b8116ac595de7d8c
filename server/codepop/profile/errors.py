"""The ways in which commands on profiles refuse."""

from codepop.core.errors import Conflict, NotFound


class FavouriteUnknown(NotFound):
    code = "favourite_unknown"
    message = "This favourite is not there any more."


class TooManyFavourites(Conflict):
    code = "too_many_favourites"
    message = "You have 50 favourites, which is all we keep. Remove one first."
