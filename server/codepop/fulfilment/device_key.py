"""How a device shows who it is, on every call and on its live stream."""

from codepop.stores import selectors as stores
from codepop.stores.errors import DeviceRefused
from codepop.stores.selectors import DeviceView

SCHEME = "Device"


def device_from_header(header: str) -> DeviceView:
    """Return the device whose key the Authorization header carries; raises DeviceRefused."""
    scheme, _, credentials = header.partition(" ")
    device_id, _, key = credentials.strip().partition(":")
    if scheme != SCHEME or not key:
        raise DeviceRefused("Send the header Authorization: Device <device id>:<key>.")
    return stores.authenticate_device(device_id, key)
