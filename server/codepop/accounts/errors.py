"""The ways in which commands on people refuse."""

from codepop.core.errors import Conflict, Forbidden, InvalidInput, NotFound, NotSignedIn


class SessionUnknown(NotFound):
    code = "session_unknown"
    message = "This device is not signed in, or it is not yours."


class ConfirmationNeeded(NotSignedIn):
    """Told as allauth tells it for its own operations, so that a client knows one way of confirming."""

    code = "confirmation_needed"
    message = (
        "Confirm that it is you, with your password, a code or a passkey, and send this again within five minutes."
    )


class EmailTaken(Conflict):
    code = "email_taken"
    message = "There is an account with this e-mail address already."


class HigherRole(Forbidden):
    code = "higher_role"
    message = "This is above your role, or lies in a place that is not yours. Ask whoever gave you your role."


class OwnAccount(Conflict):
    code = "own_account"
    message = "Nobody changes their own role or account. Ask somebody else who may."


class LastSuperAdmin(Conflict):
    code = "last_super_admin"
    message = "Nobody would be left who can manage everybody. Make somebody else a super admin first."


class ReasonWanted(InvalidInput):
    code = "reason_wanted"
    message = "Say why: the audit trail keeps it."


class ViewOnly(Forbidden):
    code = "view_only"
    message = "You look as another role, and can change nothing. Look as yourself again first."
