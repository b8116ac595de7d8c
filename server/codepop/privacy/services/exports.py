"""Everything about a person as one file: JSON for machines, a page for people, in one zip (DB-15).

Made by a job, kept sealed in the database for a week, and given to nobody but the signed-in person.
"""

import base64
import io
import json
import zipfile
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError
from django.template.loader import render_to_string

from codepop.accounts.services import want_mail
from codepop.core.db import transaction
from codepop.core.errors import NotFound
from codepop.core.jobs import defer
from codepop.core.log import get_logger
from codepop.kit.clock import now
from codepop.privacy.models import Export, ExportState
from codepop.privacy.services.finding import holders, known

KEPT: Final = timedelta(days=7)
AGAIN_AFTER: Final = timedelta(hours=1)
"""A file that was just made holds everything: asking again gives the same one."""

log = get_logger(__name__)


def ask_export(*, user_id: UUID) -> UUID:
    """Have the file made; while one is being made, or was within the hour, it is that one. Returns its id."""
    at = now()
    recent = Export.objects.filter(user_id=user_id).order_by("-asked_at").values_list("id", "state", "asked_at").first()
    if recent and (recent[1] == ExportState.ASKED or recent[2] > at - AGAIN_AFTER):
        return recent[0]
    try:
        with transaction():
            row = Export.objects.create(user_id=user_id, asked_at=at)
            defer("privacy.make_export", export_id=str(row.id))
    except IntegrityError:
        return Export.objects.values_list("id", flat=True).get(user_id=user_id, state=ExportState.ASKED)
    return row.id


def make_export(*, export_id: UUID) -> None:
    """Gather everything and write the file; may be called again. A person who was erased meanwhile has none."""
    row = Export.objects.filter(id=export_id, state=ExportState.ASKED).first()
    if row is None:
        return
    content = base64.b64encode(pack(row.user_id)).decode("ascii")
    at = now()
    changes = {"state": ExportState.READY, "ready_at": at, "expires_at": at + KEPT, "content": content}
    if Export.objects.filter(id=export_id, state=ExportState.ASKED).update(**changes):
        want_mail(kind="export_ready", user_id=row.user_id)
        log.info("export_made", export=str(export_id), size=len(content))


def make_waiting_exports() -> int:
    """Make the files whose job was lost; returns how many."""
    waiting = list(Export.objects.filter(state=ExportState.ASKED, asked_at__lt=now() - timedelta(minutes=10)))
    for row in waiting:
        make_export(export_id=row.id)
    return len(waiting)


def export_file(*, export_id: UUID, user_id: UUID) -> bytes:
    """Return the file. Raises NotFound for another person's, for one that is not ready, and when it has expired."""
    mine = Export.objects.filter(id=export_id, user_id=user_id, state=ExportState.READY, expires_at__gt=now())
    row = mine.first()
    if row is None:
        raise NotFound
    return base64.b64decode(row.content)


def pack(user_id: UUID) -> bytes:
    """Return the zip file with `data.json` and `index.html`."""
    document = gather(user_id)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(document, indent=2, ensure_ascii=False))
        archive.writestr("index.html", render_to_string("privacy/export.html", {"document": document}))
    return file.getvalue()


def gather(user_id: UUID) -> dict[str, Any]:
    """Return everything about a person as plain JSON values, by title of the place it is in."""
    person = known(user_id=user_id)
    sections = []
    for holder in holders():
        for place in holder.places:
            rows = [{name: _plain(value) for name, value in row.items()} for row in place.export(person)]
            sections.append({"title": place.title, "class": place.holds.value, "table": place.table, "rows": rows})
    return {
        "format": "codepop-export-1",
        "person": str(user_id),
        "made_at": now().isoformat(),
        "sections": sorted(sections, key=lambda one: str(one["title"])),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | dict | str | int | float | bool) or value is None:
        return value
    return str(value) if not isinstance(value, Decimal) else float(value)
