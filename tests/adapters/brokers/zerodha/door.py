"""A door at which Kite might be: it reads what is asked, and answers byte by byte as told."""

from __future__ import annotations

import json
import socket
import ssl
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import Any, Final  # Any: JSON

LONGEST_WAIT_S: Final = 10.0
#: Closing with what is unread, and with this, sends a reset instead of an end.
AT_ONCE: Final = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    line: str
    headers: dict[str, str]
    body: str


Answer = Callable[[socket.socket, Event], bool]
"""Writes to the wire; False ends the connection."""


def whole(status: int, body: bytes, content_type: str | None = "application/json") -> Answer:
    """An answer that is complete."""

    def write(wire: socket.socket, _: Event) -> bool:
        kind = f"Content-Type: {content_type}\r\n" if content_type else ""
        head = f"HTTP/1.1 {status} Said\r\n{kind}Content-Length: {len(body)}\r\n\r\n"
        wire.sendall(head.encode() + body)
        return True

    return write


def success(value: Any) -> Answer:
    """A success in Kite's form."""
    return whole(200, json.dumps({"status": "success", "data": value}).encode())


def error(status: int, kind: str, message: str) -> Answer:
    """A refusal in Kite's form."""
    told = {"status": "error", "message": message, "data": None, "error_type": kind}
    return whole(status, json.dumps(told).encode())


def page(status: int) -> Answer:
    """What a gateway in between shows to browsers."""
    return whole(status, b"<html><h1>Sorry</h1></html>", "text/html; charset=utf-8")


def cut(body: bytes) -> Answer:
    """An answer of which the rest is lost."""

    def write(wire: socket.socket, _: Event) -> bool:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        wire.sendall(head.encode() + b"\r\n\r\n" + body[: len(body) // 2])
        return False

    return write


def redirect(to: str) -> Answer:
    """An answer that names another place, where the same is to be sent again."""

    def write(wire: socket.socket, _: Event) -> bool:
        wire.sendall(f"HTTP/1.1 307 There\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode())
        return True

    return write


def silence(_: socket.socket, ended: Event) -> bool:
    """No answer at all."""
    ended.wait(LONGEST_WAIT_S)
    return False


def hang_up(_: socket.socket, __: Event) -> bool:
    """The connection ends after the request."""
    return False


def reset(wire: socket.socket, _: Event) -> bool:
    """The connection breaks after the request."""
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
    return False


@dataclass
class Door:
    """Listens on this machine, over IPv4."""

    tls: ssl.SSLContext | None = None
    answers: list[Answer] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._ended = Event()
        self._lock = Lock()
        self._listener = Thread(target=self._listen)
        self._listener.start()

    @property
    def port(self) -> int:
        return int(self._listening.getsockname()[1])

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def will(self, *answers: Answer) -> None:
        """Answer the next requests so."""
        self.answers.extend(answers)

    def close(self) -> None:
        """Let nobody in any more; whoever is inside is heard out."""
        self._ended.set()
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._listener.join()

    def _listen(self) -> None:
        while not self._ended.is_set():
            try:
                wire, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            Thread(target=self._converse, args=(wire,), daemon=True).start()

    def _converse(self, wire: socket.socket) -> None:
        with wire, suppress(OSError):
            self._hear(self.tls.wrap_socket(wire, server_side=True) if self.tls else wire)

    def _hear(self, wire: socket.socket) -> None:
        with wire, wire.makefile("rb") as incoming:
            while line := incoming.readline().decode().strip():
                headers = {}
                while header := incoming.readline().decode().strip():
                    name, _, value = header.partition(": ")
                    headers[name.lower()] = value
                text = incoming.read(int(headers.get("content-length", 0))).decode()
                with self._lock:
                    self.asked.append(Asked(line, headers, text))
                    answer = self.answers.pop(0)
                if not answer(wire, self._ended):
                    return
