"""The line between a browser and the platform, which can be cut and mended."""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Lock, Thread
from typing import Final

CHUNK: Final = 65_536


class Line:
    """Hands on what either side says, on a port of its own, for as long as it is whole."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._open: set[socket.socket] = set()
        self._lock = Lock()
        self._listening = _listen(0)
        self.port: int = self._listening.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._accept()

    def cut(self) -> None:
        """Nobody gets through, and whoever was talking is cut off."""
        self._close(self._listening)
        with self._lock:
            talking, self._open = self._open, set()
        for each in talking:
            self._close(each)

    def mend(self) -> None:
        self._listening = _listen(self.port)
        self._accept()

    def _accept(self) -> None:
        Thread(target=self._connect, args=(self._listening,), daemon=True).start()

    def _connect(self, listening: socket.socket) -> None:
        with suppress(OSError):  # the line was cut
            while True:
                here, _ = listening.accept()
                try:
                    there = socket.create_connection(("127.0.0.1", self._to))
                except ConnectionRefusedError:  # nobody is at the other end
                    self._close(here)
                    continue
                with self._lock:
                    self._open |= {here, there}
                for one, other in ((here, there), (there, here)):
                    Thread(target=self._hand_on, args=(one, other), daemon=True).start()

    def _hand_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while said := one.recv(CHUNK):
                other.sendall(said)
        for each in (one, other):
            self._close(each)
        with self._lock:
            self._open -= {one, other}

    def _close(self, each: socket.socket) -> None:
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()


def _listen(port: int) -> socket.socket:
    return socket.create_server(("127.0.0.1", port))
