"""The ways in which commands on notifications refuse."""

from codepop.core.errors import AppError


class NotAChoice(AppError):
    code = "not_a_choice"
    http_status = 422
    message = "Messages about your account and your purchases can't be declined."
