"""Free ports for processes that are told their port in advance.

Taken below the range from which the system picks ports for outgoing connections, so that none of those takes it between
the choice and the start.
"""

from __future__ import annotations

import random
import socket

LOWEST, HIGHEST = 20000, 32000


def is_free(port: int) -> bool:
    """Whether a server could listen on 127.0.0.1:port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_ports(count: int = 1) -> int:
    """The first of `count` consecutive free ports."""
    chooser = random.SystemRandom()
    for _ in range(500):
        first = chooser.randrange(LOWEST, HIGHEST - count)
        if all(is_free(port) for port in range(first, first + count)):
            return first
    raise RuntimeError(f"No {count} free consecutive ports between {LOWEST} and {HIGHEST} on 127.0.0.1.")
