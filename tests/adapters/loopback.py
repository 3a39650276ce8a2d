"""Servers of one purpose on this machine: one tells addresses, one tells the time."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from bench.free_port import free_port

#: Seconds between 1900, where NTP begins to count, and 1970.
NTP_EPOCH = 2_208_988_800


@contextmanager
def echo(answer: str, status: int = 200) -> Iterator[str]:
    """A service that tells everybody the same; `{caller}` is who asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = answer.replace("{caller}", str(self.client_address[0])).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class TimeServer:
    """An NTP server whose time is so many seconds ahead of this machine's."""

    def __init__(self, ahead: float) -> None:
        self.ahead = ahead
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.02)
        self._ended = False
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self._socket.getsockname()[1]}"

    def _serve(self) -> None:
        while not self._ended:
            try:
                asked, who = self._socket.recvfrom(512)
            except TimeoutError:
                continue
            self._socket.sendto(self._answer(asked), who)

    def _answer(self, asked: bytes) -> bytes:
        now = _ntp(time.time() + self.ahead)
        # Server mode, version 4, stratum 1; the time it was asked at goes back as it came.
        head = struct.pack(">BBbbII4s", 0x24, 1, 6, -20, 0, 0, b"TEST")
        return head + now + asked[40:48] + now + now

    def close(self) -> None:
        self._ended = True
        self._thread.join()
        self._socket.close()


@contextmanager
def time_server(ahead: float) -> Iterator[TimeServer]:
    server = TimeServer(ahead)
    try:
        yield server
    finally:
        server.close()


def closed_port() -> int:
    """A port where nobody listens."""
    return free_port()


def _ntp(seconds: float) -> bytes:
    whole, part = divmod(seconds + NTP_EPOCH, 1)
    return struct.pack(">II", int(whole), int(part * 2**32))
