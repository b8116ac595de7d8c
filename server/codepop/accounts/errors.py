"""The ways in which commands on people refuse."""

from codepop.core.errors import Conflict


class EmailTaken(Conflict):
    code = "email_taken"
    message = "There is an account with this e-mail address already."
