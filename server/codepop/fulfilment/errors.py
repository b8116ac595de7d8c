"""The ways fulfilment can refuse."""

from codepop.core.errors import AppError, Conflict


class WrongCode(AppError):
    """The code opens no door here."""

    code = "wrong_code"
    http_status = 409
    message = "This code opens no door here. Check the six characters on your order's screen."


class CodeLocked(AppError):
    """Too many wrong codes."""

    code = "code_locked"
    http_status = 423
    message = "Too many wrong codes. Try again in 15 minutes, or ask for help from your order's screen."


class NotReadyYet(Conflict):
    """The code is right, but the drink is still in the making."""

    code = "not_ready"
    message = "Still being made. The code opens the door as soon as the drink is behind it."


class DoorNotWaiting(Conflict):
    """There is nothing behind a door for this order (any more)."""

    code = "no_door"
    message = "No drink of this order waits behind a door."


class WrongDevice(AppError):
    """A device asked for what only another kind of device may do."""

    code = "wrong_device"
    http_status = 403
    message = "This kind of device may not do that."
