"""Commands on places and machines: running them (operate) and setting them up (setup)."""

from codepop.stores.services.operate import (
    DeviceSpec,
    IssuedKey,
    issue_device_key,
    issue_device_keys,
    pause_orders,
    replace_hours,
    resume_orders,
    retire_device,
    set_door_status,
    set_robot_status,
)
from codepop.stores.services.setup import HubSpec, RegionSpec, StoreSpec, put_regions, put_stores

__all__ = [
    "DeviceSpec",
    "HubSpec",
    "IssuedKey",
    "RegionSpec",
    "StoreSpec",
    "issue_device_key",
    "issue_device_keys",
    "pause_orders",
    "put_regions",
    "put_stores",
    "replace_hours",
    "resume_orders",
    "retire_device",
    "set_door_status",
    "set_robot_status",
]
