"""A device in words that its person recognises: `Firefox on Linux`. Nothing finer is kept of what a browser says."""

import re
from typing import Final

# The first that is found counts: each browser also claims to be those after it.
_PROGRAMS: Final = (
    ("CodePop", "CodePop app"),
    ("okhttp", "CodePop app"),
    ("Expo", "CodePop app"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS: Final = (
    (r"iPhone|CFNetwork", "iPhone"),
    (r"iPad", "iPad"),
    (r"Android|okhttp", "Android"),
    (r"Windows", "Windows"),
    (r"Macintosh|Mac OS", "Mac"),
    (r"CrOS", "ChromeOS"),
    (r"Linux", "Linux"),
)
UNKNOWN: Final = "Unknown device"


def device_name(user_agent: str) -> str:
    """Return `program on system`, as far as the header names them."""
    program = next((name for mark, name in _PROGRAMS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if re.search(mark, user_agent)), "")
    return " on ".join(part for part in (program, system) if part) or UNKNOWN
