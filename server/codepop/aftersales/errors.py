"""The ways in which making good can refuse."""

from codepop.core.errors import AppError, Conflict, Forbidden


class AskInvalid(AppError):
    """What was filled in can't be made good; `fields` says which part and what helps."""

    code = "amends_invalid"
    http_status = 422
    message = "Look at the form again."


class AlreadyMadeGood(Conflict):
    """Somebody made these drinks good already, or is about to."""

    code = "already_made_good"
    message = "Somebody made this good already, or it waits for a second person. Look at the present state."


class FormUsed(Conflict):
    """The key of this form came before, with something else: two clicks ask for the same."""

    code = "form_used"
    message = "This form was sent before, with something else in it. Load the page again, and look at what was done."


class AlreadyDecided(Conflict):
    code = "already_decided"
    message = "Somebody else decided this already."


class NeedsAnother(Forbidden):
    """A second person must decide, whose own limit reaches that far."""

    code = "needs_another_person"
    message = "This needs somebody else's yes: not the person who asked, and with a limit that reaches this amount."
