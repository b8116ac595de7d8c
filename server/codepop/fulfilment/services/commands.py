"""What a door controller fetches: the commands that wait, and all it needs to go on while the platform is away."""

from codepop.core.db import transaction
from codepop.fulfilment.errors import WrongDevice
from codepop.fulfilment.selectors import ControllerStore, WaitingCommand, controller_store, waiting_commands
from codepop.fulfilment.services.contact import locked_cursor, note_contact
from codepop.stores.selectors import DeviceView


def fetch_commands(*, device: DeviceView) -> list[WaitingCommand]:
    """Return the store's commands that are neither done nor out of date, oldest first."""
    _hear(device)
    return waiting_commands(device.store_id)


def fetch_store(*, device: DeviceView) -> ControllerStore:
    """Return the store's pickup key and the present state of its doors."""
    _hear(device)
    return controller_store(device.store_id)


def _hear(device: DeviceView) -> None:
    if device.robot_id is not None:
        raise WrongDevice("Only a door controller may see this. Send it with the door controller's key.")
    with transaction():
        note_contact(locked_cursor(device.id))
