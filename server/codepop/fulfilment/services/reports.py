"""Devices' numbered reports: taken in once and in order, whatever the network does to them.

A report that makes no sense any more (a late "loaded" of an order that another robot has made) is noted and
acknowledged: a device must never hang on something it can't change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from codepop.core.db import transaction
from codepop.core.log import get_logger
from codepop.fulfilment.models import DeviceEvent, Ticket
from codepop.fulfilment.reports import Report
from codepop.fulfilment.services.contact import locked_cursor, note_contact
from codepop.fulfilment.services.door_reports import DoorTurn
from codepop.fulfilment.services.robot_reports import RobotTurn
from codepop.kit.clock import now
from codepop.stores.selectors import DeviceView

log = get_logger(__name__)

ONLY_CONTACT = frozenset({"heartbeat", "step"})
"""Reports that leave no row of their own."""


@dataclass(frozen=True)
class Accepted:
    """The highest number taken in, and tickets the device reports on but no longer has."""

    seq: int
    lost_tickets: tuple[UUID, ...]


def accept_reports(*, device: DeviceView, reports: Sequence[Report]) -> Accepted:
    """Take in what is new among the reports, by ascending number; numbers up to the last accepted have no effect."""
    with transaction():
        cursor = locked_cursor(device.id)
        fresh = {report.seq: report for report in reports if report.seq > cursor.last_seq}
        ordered = [fresh[seq] for seq in sorted(fresh)]
        turn = RobotTurn(device.robot_id) if device.robot_id else DoorTurn(device)
        notes = {report.seq: turn.take(report) for report in ordered}
        turn.finish()
        _keep(device, ordered, notes)
        last = max([cursor.last_seq, *fresh])
        note_contact(cursor, last_seq=last)
    return Accepted(seq=last, lost_tickets=turn.lost_tickets)


def _keep(device: DeviceView, reports: Sequence[Report], notes: dict[int, str]) -> None:
    kept = [report for report in reports if report.type not in ONLY_CONTACT or notes[report.seq]]
    named = {report.ticket_id for report in kept if report.ticket_id}
    known = set(Ticket.objects.filter(id__in=named).values_list("id", flat=True)) if named else set()
    for report in kept:
        if note := notes[report.seq]:
            log.info("device_report_noted", device_id=str(device.id), seq=report.seq, type=report.type, note=note)
    DeviceEvent.objects.bulk_create(
        DeviceEvent(
            device_id=device.id,
            seq=report.seq,
            type=report.type[:20],
            at=min(report.at, now()),
            ticket_id=report.ticket_id if report.ticket_id in known else None,
            data=dict(report.data),
            note=notes[report.seq][:200],
        )
        for report in kept
    )
