"""The ways a command on stores can refuse."""

from codepop.core.errors import AppError


class StoreUnknown(AppError):
    code = "store_unknown"
    http_status = 404
    message = "There is no store with this name. The list of stores is at /api/v1/stores."


class RobotUnknown(AppError):
    code = "robot_unknown"
    http_status = 404
    message = "There is no robot with this id."


class DoorUnknown(AppError):
    code = "door_unknown"
    http_status = 404
    message = "There is no cooler door with this id."


class HubUnknown(AppError):
    code = "hub_unknown"
    http_status = 404
    message = "There is no hub with this id."


class StatusUnknown(AppError):
    code = "status_unknown"
    http_status = 422
    message = "This status is not one of those a machine can have."


class PauseNeedsReason(AppError):
    code = "pause_needs_reason"
    http_status = 422
    message = "Say why orders are paused; customers read it."


class HoursInvalid(AppError):
    code = "hours_invalid"
    http_status = 422
    message = "Opening hours need an opening before a closing, at most a day apart."


class DeviceRefused(AppError):
    """One text for an unknown device, a wrong key and a switched-off device, so that nothing can be guessed."""

    code = "device_refused"
    http_status = 401
    message = "This device is not known here, or its key is wrong."


class StoreDataInvalid(AppError):
    code = "store_data_invalid"
    http_status = 422
    message = "The stores' data do not fit together."
