"""The two forms of Kite's answers: data, or a message with the type of the error."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from adapters.simulators.kite.wire import HTML, Answer

_JSON: Final = msgspec.json.Encoder(decimal_format="number")

INPUT: Final = "InputException"
TOKEN: Final = "TokenException"
GENERAL: Final = "GeneralException"
NETWORK: Final = "NetworkException"
PERMISSION: Final = "PermissionException"

TOO_MANY: Final = "Too many requests"
NO_SESSION: Final = "Incorrect `api_key` or `access_token`."


class KiteError(Exception):
    """Ends a request in Kite's error form."""

    def __init__(self, message: str, error_type: str = INPUT, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.error_type = error_type
        self.status = status


# Any: JSON.
def encoded(value: Any) -> bytes:
    """JSON, with prices as numbers."""
    return _JSON.encode(value)


def success(data: Any) -> Answer:
    return Answer(body=encoded({"status": "success", "data": data}))


def failure(error: KiteError) -> Answer:
    body = {
        "status": "error",
        "message": error.message,
        "data": None,
        "error_type": error.error_type,
    }
    return Answer(status=error.status, body=encoded(body))


def page(status: int) -> Answer:
    """What a proxy says when nobody behind it answers."""
    title = {502: "502 Bad Gateway", 503: "503 Service Temporarily Unavailable"}.get(
        status, "504 Gateway Time-out"
    )
    body = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return Answer(status=status, body=body.encode(), kind=HTML)


def no_session() -> KiteError:
    return KiteError(NO_SESSION, TOKEN, 403)


def too_many() -> KiteError:
    return KiteError(TOO_MANY, NETWORK, 429)
