"""The device API under /device/v1: what robots and door controllers of a store speak with the platform.

A device signs each call with `Authorization: Device <device id>:<key>`. Every call may be repeated: a lost answer
costs nothing.
"""

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from codepop.core.schemas import ErrorOut
from codepop.fulfilment import services
from codepop.fulfilment.device_key import device_from_header
from codepop.fulfilment.reports import Report
from codepop.fulfilment.schemas import (
    CommandsOut,
    DeviceStoreOut,
    EventsIn,
    EventsOut,
    OpenDoorIn,
    OpenedOut,
    WorkOut,
)
from codepop.fulfilment.selectors import NoWork
from codepop.stores.selectors import DeviceView


class DeviceKey:
    """Ninja's gate of the device API."""

    def __call__(self, request: HttpRequest) -> DeviceView:
        """Return the calling device, as `request.auth`."""
        return device_from_header(request.headers.get("Authorization", ""))


router = Router(tags=["devices"], auth=DeviceKey())
REFUSALS = {401: ErrorOut, 403: ErrorOut, 422: ErrorOut, 503: ErrorOut}


def _device(request: HttpRequest) -> DeviceView:
    device: DeviceView = request.auth  # type: ignore[attr-defined]  # Ninja puts the gate's result there
    return device


@router.post("/claim", operation_id="device:claim", response={200: WorkOut, 204: None, **REFUSALS})
def claim(request: HttpRequest, response: HttpResponse) -> Status[object]:
    """Give the robot its next order; 204 when there is nothing that it could make now, with the reason in X-Reason."""
    work = services.claim_work(device=_device(request))
    if isinstance(work, NoWork):
        response["X-Reason"] = work.value
        return Status(204, None)
    return Status(200, work)


@router.post("/events", operation_id="device:events", response={200: EventsOut, **REFUSALS})
def events(request: HttpRequest, body: EventsIn) -> EventsOut:
    """Take in numbered reports, once each and by ascending number."""
    reports = [Report(one.seq, one.type, one.at, one.ticket_id, one.data) for one in body.events]
    accepted = services.accept_reports(device=_device(request), reports=reports)
    return EventsOut(accepted_seq=accepted.seq, lost_tickets=list(accepted.lost_tickets))


@router.get("/commands", operation_id="device:commands", response={200: CommandsOut, **REFUSALS})
def commands(request: HttpRequest) -> dict[str, object]:
    """Return what the door controller has to do now; acknowledge with `command_id` in the data of its event."""
    return {"commands": services.fetch_commands(device=_device(request))}


@router.post("/open", operation_id="device:open", response={200: OpenedOut, 409: ErrorOut, 423: ErrorOut, **REFUSALS})
def open_door(request: HttpRequest, body: OpenDoorIn) -> services.OpenDoor:
    """Say which door a code opens that was typed or shown at the store."""
    return services.open_at_keypad(device=_device(request), code=body.code)


@router.get("/store", operation_id="device:store", response={200: DeviceStoreOut, **REFUSALS})
def store(request: HttpRequest) -> object:
    """Return what the door controller needs to check codes itself while the platform is away."""
    return services.fetch_store(device=_device(request))
