"""The ways in which commands on people's data refuse."""

from codepop.core.errors import Conflict, InvalidInput


class NotOptional(InvalidInput):
    code = "not_optional"
    message = "This is not something one agrees to: an account or an order does not work without it."


class OldVersion(Conflict):
    code = "notice_changed"
    message = "What you would agree to has changed. Read it again, then decide."


class NothingToWithdraw(Conflict):
    code = "nothing_to_withdraw"
    message = "There is no erasure that could still be withdrawn."
