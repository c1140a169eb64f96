"""Free ports of the loopback address, for servers that tests start."""

from __future__ import annotations

import socket


def find_free_port() -> int:
    """Return a port of the loopback address on which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
