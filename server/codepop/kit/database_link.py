"""How long a connection to PostgreSQL may be dead before we know.

Without these limits Linux goes on for some 15 minutes after a server or a network vanished without a word, and a
thread, or the one that listens for news, waits as long.
"""

from collections.abc import Mapping
from typing import Final

LINK_LIMITS: Final[Mapping[str, int]] = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""libpq's own parameters: a quiet link is asked after 30 s; what was sent must be taken in within 20,000 ms."""
