"""The versions of the privacy notice, the newest last. An old one stays readable: people agreed to it."""

from dataclasses import dataclass
from datetime import date
from typing import Final


@dataclass(frozen=True)
class Notice:
    """One version; its text is the template `privacy/notice_<version>.html`."""

    version: int
    valid_from: date
    changes: str


NOTICES: Final = (Notice(1, date(2026, 11, 26), "The first one."),)
CURRENT: Final = NOTICES[-1]


def find_notice(version: int) -> Notice | None:
    """Return a version of the notice, None when there never was one."""
    return next((one for one in NOTICES if one.version == version), None)
