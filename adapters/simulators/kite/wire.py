"""HTTP/1.1 by hand: what a broker's network does to an answer has to be done to the socket."""

from __future__ import annotations

import logging
import socket
import struct
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Lock, Thread
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

LOG: Final = logging.getLogger("atp.kite_simulator")
LOOPBACK: Final = "127.0.0.1"
JSON: Final = "application/json"
HTML: Final = "text/html"
LONGEST_LINE: Final = 65_536
LONGEST_BODY: Final = 4_000_000
AT_ONCE: Final = struct.pack("ii", 1, 0)
"""SO_LINGER: whatever was not sent is thrown away, and the peer is told by a reset."""


@dataclass(frozen=True)
class Request:
    """What a client asked; header names in small letters."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    address: str

    @cached_property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    @cached_property
    def query(self) -> Mapping[str, list[str]]:
        return parse_qs(urlsplit(self.target).query, keep_blank_values=True)

    @cached_property
    def form(self) -> Mapping[str, str]:
        """The form of a POST or PUT, or the query: the last value of each name."""
        fields = parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True)
        return {name: values[-1] for name, values in {**self.query, **fields}.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back, whole unless said otherwise."""

    status: int = 200
    body: bytes = b""
    kind: str | None = JSON
    """The Content-Type; None leaves the header out."""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_at: int | None = None
    """After how many bytes of the body the connection ends."""
    reset: bool = False
    """Nothing goes back at all, and the connection is reset."""
    stuck: bool = False
    """Nothing goes back, and the connection stays until the client leaves it."""

    def head(self) -> bytes:
        lines = [
            f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}",
            f"Content-Length: {len(self.body)}",
        ]
        if self.kind is not None:
            lines.append(f"Content-Type: {self.kind}")
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


class BadRequest(ValueError):
    """Bytes that are no HTTP request."""


class HttpServer(ThreadingTCPServer):
    """A thread for each connection; connections are kept open between requests."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, serve: Callable[[Request], Answer], port: int = 0) -> None:
        super().__init__((LOOPBACK, port), _Connection)
        self.serve = serve
        self.broken: list[BaseException] = []
        """What ended a connection although nobody had asked for it."""
        self._open: set[socket.socket] = set()
        self._lock = Lock()
        self._thread: Thread | None = None

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def start(self) -> None:
        self._thread = Thread(
            target=self.serve_forever, args=(0.05,), name="kite simulator", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Hear nobody any more, and hang up on everybody."""
        self.shutdown()
        self.server_close()
        if self._thread is not None:
            self._thread.join()
        with self._lock:
            still_open = list(self._open)
        for connection in still_open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, _: object, client_address: object) -> None:
        error = sys.exc_info()[1]
        if error is not None:
            self.broken.append(error)
        LOG.error("a request from %s could not be answered", client_address, exc_info=error)

    def opened(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)

    def closed(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)


class _Connection(StreamRequestHandler):
    """One client, request after request."""

    disable_nagle_algorithm = True
    server: HttpServer
    connection: socket.socket

    def handle(self) -> None:
        self.server.opened(self.connection)
        try:
            while self._one():
                pass
        except (OSError, BadRequest):
            return  # the client went away, or speaks something else
        finally:
            self.server.closed(self.connection)

    def _one(self) -> bool:
        request = self._read()
        if request is None:
            return False
        answer = self.server.serve(request)
        if answer.reset:
            self._reset()
            return False
        if answer.stuck:
            self.rfile.read()
            return False
        body = answer.body if answer.cut_at is None else answer.body[: answer.cut_at]
        self.connection.sendall(answer.head() + body)
        return answer.cut_at is None and request.headers.get("connection", "") != "close"

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        # A shutdown would send a FIN first, as socketserver does when a handler is done.
        self.rfile.close()
        self.connection.close()

    def finish(self) -> None:
        if not self.rfile.closed:
            super().finish()

    def _read(self) -> Request | None:
        """The next request; None where the client has hung up."""
        line = self.rfile.readline(LONGEST_LINE)
        if not line:
            return None
        parts = line.decode("latin-1").split()
        if len(parts) != 3:
            raise BadRequest("no request line")
        headers = self._headers()
        length = int(headers.get("content-length") or 0)
        if not 0 <= length <= LONGEST_BODY:
            raise BadRequest(f"a body of {length} bytes")
        body = self.rfile.read(length) if length else b""
        return Request(parts[0], parts[1], headers, body, self.client_address[0])

    def _headers(self) -> Mapping[str, str]:
        found: dict[str, str] = {}
        while (line := self.rfile.readline(LONGEST_LINE)) not in (b"\r\n", b"\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            found[name.strip().lower()] = value.strip()
        return found
