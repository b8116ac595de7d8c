"""How long a connection to PostgreSQL may be dead before we know.

Without these limits Linux goes on for some 15 minutes after a server or a network vanished without a word, and a
thread, or the one that listens for news, waits as long.
"""

from typing import Final, TypedDict


class LinkLimits(TypedDict):
    """libpq's own parameters; seconds, and milliseconds for `tcp_user_timeout`."""

    keepalives_idle: int
    keepalives_interval: int
    keepalives_count: int
    tcp_user_timeout: int


LINK_LIMITS: Final = LinkLimits(keepalives_idle=30, keepalives_interval=10, keepalives_count=3, tcp_user_timeout=20_000)
"""A quiet link is asked after half a minute; what was sent must be taken in within twenty seconds."""
