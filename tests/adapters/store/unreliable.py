"""An HTTP proxy in front of DynamoDB Local that does to requests what a network may do."""

from __future__ import annotations

import http.client
import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Forward = Callable[[], tuple[int, bytes]]
#: What becomes of one request: an answer, or None for a connection cut without one.
Fate = Callable[[Forward], tuple[int, bytes] | None]


def arrives(forward: Forward) -> tuple[int, bytes] | None:
    """Nothing happens to it."""
    return forward()


def lost(_: Forward) -> tuple[int, bytes] | None:
    """The request never gets there."""
    return None


def answer_lost(forward: Forward) -> tuple[int, bytes] | None:
    """The request is carried out, its answer does not get back."""
    forward()
    return None


def answers(status: int, error: str, **more: Any) -> Fate:
    """DynamoDB does nothing but name this error."""
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{error}", "message": error, **more}
    return lambda _: (status, json.dumps(body).encode())


def fails_after(forward: Forward) -> tuple[int, bytes] | None:
    """The request is carried out, and answered by a failure of the server."""
    forward()
    return answers(500, "InternalServerError")(forward)


class Unreliable:
    """Requests meet the fates in turn, then all arrive; `seen` has every one."""

    def __init__(self, upstream: int) -> None:
        self.fates: deque[Fate] = deque()
        self.seen: list[str] = []
        self.port = 0
        self._upstream = upstream

    @contextmanager
    def serving(self) -> Iterator[Unreliable]:
        """Listen on a free port until left."""
        network = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else each answer takes 40 ms

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                network.seen.append(self.headers["X-Amz-Target"].partition(".")[2])
                fate = network.fates.popleft() if network.fates else arrives
                answer = fate(lambda: network.forward(dict(self.headers), body))
                if answer is None:
                    self.close_connection = True
                    return
                self.send_response(answer[0])
                self.send_header("Content-Length", str(len(answer[1])))
                self.end_headers()
                self.wfile.write(answer[1])

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        self.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def forward(self, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """What DynamoDB Local says."""
        connection = http.client.HTTPConnection("127.0.0.1", self._upstream)
        connection.request("POST", "/", body, headers)
        response = connection.getresponse()
        try:
            return response.status, response.read()
        finally:
            connection.close()
