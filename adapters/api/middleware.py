"""What goes for every request: a name for it, a limit to its size, headers that keep it private."""

from __future__ import annotations

import re
import secrets
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.api.problems import Declined, problem

LARGEST_BODY: Final = 1_000_000
#: Parts of a body: each may be found wrong by itself, which takes longer than reading it.
MOST_PARTS: Final = 5_000
REQUEST_ID: Final = "X-Request-ID"
A_NAME: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")

PRIVATE: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}
SECURE: Final = {"Strict-Transport-Security": "max-age=31536000"}


class Guarded:
    """Reads bodies up to the limit, names each request, and sets the headers of every answer."""

    def __init__(self, app: ASGIApp, largest: int = LARGEST_BODY) -> None:
        self._app = app
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        name = _name(Headers(scope=scope).get(REQUEST_ID))
        scope.setdefault("state", {})["request_id"] = name
        sending = _with_headers(send, name, secure=scope.get("scheme") == "https")
        body = await self._body(Headers(scope=scope), receive)
        if body is None:
            detail = f"a body holds {self._largest} bytes at most"
            await problem(Declined(413, "body-too-large", detail))(scope, receive, sending)
            return
        if parts_of(body.get("body", b"")) > MOST_PARTS:
            detail = f"a body holds {MOST_PARTS} values at most"
            await problem(Declined(413, "body-too-large", detail))(scope, receive, sending)
            return
        await self._app(scope, _first(body, receive), sending)

    async def _body(self, headers: Headers, receive: Receive) -> Message | None:
        """The whole body in one message; None if it is too large."""
        told = headers.get("content-length", "0")
        if told.isdecimal() and int(told[:20]) > self._largest:
            return None
        held = b""
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return message
            held += message.get("body", b"")
            if len(held) > self._largest:
                return None
            if not message.get("more_body", False):
                return {"type": "http.request", "body": held, "more_body": False}


def parts_of(body: bytes) -> int:
    """How many values it can hold at most, were it JSON."""
    return body.count(b",") + body.count(b"[") + body.count(b"{")


def _name(asked: str | None) -> str:
    """The client's own name for the request, if it is one; it names the correlation of events."""
    return asked if asked and A_NAME.fullmatch(asked) else secrets.token_hex(8)


def _first(message: Message, receive: Receive) -> Receive:
    waiting = [message]

    async def received() -> Message:
        return waiting.pop() if waiting else await receive()

    return received


def _with_headers(send: Send, name: str, *, secure: bool) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for header, value in (PRIVATE | SECURE if secure else PRIVATE).items():
                headers.setdefault(header, value)
            headers[REQUEST_ID] = name
        await send(message)

    return sending
