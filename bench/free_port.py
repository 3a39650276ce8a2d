"""A port on this machine that nobody listens on."""

from __future__ import annotations

import socket
from random import SystemRandom
from typing import Final

#: Below those that the system itself hands out (on Linux from 32768 up): between the look at one
#: of these and its use no connection, and no server that takes any port, is given it.
OURS: Final = range(20_000, 32_000)
TRIES: Final = 100


def free_port() -> int:
    """One that was free a moment ago."""
    for port in SystemRandom().sample(OURS, TRIES):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:  # somebody has it
                continue
            return port
    raise RuntimeError(f"no port is free: {TRIES} of {OURS} were tried")
