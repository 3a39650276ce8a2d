"""What Kite's refusals, and its silence, mean for whoever asked.

Sources: kite.trade/docs/connect/v3/exceptions and answers of Zerodha's staff on its forum.
Whatever may have been placed is Unknown; only what certainly was not is anything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ssl import SSLCertVerificationError
from typing import Final

from kiteconnect.exceptions import DataException, KiteException
from requests import exceptions as http
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError

from adapters.brokers.zerodha.scrubbing import scrubbed
from domain.book import (
    AddressRefused,
    BrokerError,
    NotSent,
    Rejected,
    SessionExpired,
    Throttled,
    TooFast,
    Unavailable,
    Unknown,
)

TOO_MANY: Final = 429
FORBIDDEN: Final = 403
REQUEST_TIMEOUT: Final = 408
SERVER_FAULTS: Final = 500

#: Answers that say by their type that nothing was placed, whatever the status.
FINAL: Final = frozenset(
    ("InputException", "MarginException", "HoldingException", "UserException", "OrderException")
)
#: Answers about the way from Kite to the exchange: how far an order came, they do not say.
ON_THE_WAY: Final = frozenset(("NetworkException", "DataException"))

THROTTLED: Final = re.compile(r"too many requests", re.I)
#: Permanent, though one comes as a NetworkException and the other as a GeneralException.
SETTLED: Final = re.compile(r"modifications? exceeded|couldn't find that .?order_id", re.I)
#: A 400 after which the order was placed seconds later.
MAY_YET_COME: Final = re.compile(r"timed out|before placing again", re.I)
OF_ADDRESS: Final = re.compile(r"\bIPs?\b")
#: Kite's words for a foreign address; of which type the error is, is not documented.
FOREIGN: Final = re.compile(r"\bIPs?\b.*not allowed to place", re.I)
ADDRESS: Final = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}")

HEADER_SECRET: Final = re.compile(r"(?i)\btoken\s+[\w-]+:[\w-]+")

#: What the client may raise at an answer that is not in Kite's form: no content type (KeyError),
#: no error_type (TypeError), no object (AttributeError), no data (TypeError, UnboundLocalError).
MISSHAPEN: Final = (KeyError, TypeError, AttributeError, ValueError, UnboundLocalError)


class Refusal(Exception):
    """An answer that is no success: `kind` is Kite's error_type, None where it has none.

    `message` is None where the answer is not Kite's at all (HTML of a gateway, cut JSON).
    """

    def __init__(self, status: int, kind: str | None, message: str | None) -> None:
        super().__init__(status, kind)
        self.status = status
        self.kind = kind
        self.message = message


#: Everything a call through the client can end in besides its answer.
FAULTS: Final = (Refusal, KiteException, http.RequestException, HTTPError, OSError, *MISSHAPEN)


def changed(error: Exception, secrets: Iterable[str] = ()) -> BrokerError:
    """What became of a call that changes something; `secrets` are kept out of its message."""
    match error:
        case Refusal(status=status, kind=kind, message=message):
            found = _refused(status, kind, message)
        case DataException():  # raised by the client at what it cannot parse; quotes the whole body
            found = Unknown("Kite's answer could not be read")
        case KiteException():
            found = _refused(error.code, type(error).__name__, str(error))
        case _:
            found = _unanswered(error)
    return type(found)(without(str(found), secrets))


def unread(error: Exception, secrets: Iterable[str] = ()) -> BrokerError:
    """The same of a call that only reads: nothing changed, so it is the session or nothing."""
    found = changed(error, secrets)
    if isinstance(found, SessionExpired):
        return found
    return (Throttled if throttled(error) else Unavailable)(str(found))


def throttled(error: Exception) -> bool:
    """Whether it says no more than that too much was asked."""
    match error:
        case Refusal(status=status, message=message):
            return status == TOO_MANY or bool(THROTTLED.search(message or ""))
    return False


def without(text: str, secrets: Iterable[str]) -> str:
    """The text without keys and tokens, be they known or only named as such."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, "***")
    return scrubbed(HEADER_SECRET.sub("token ***", text))


def _refused(status: int, kind: str | None, message: str | None) -> BrokerError:
    if message is None:
        text = f"Kite's gateway answered {status}"
        return TooFast(text) if status == TOO_MANY else Unknown(text)
    if status == TOO_MANY or THROTTLED.search(message):
        return TooFast(message)
    if kind == "TokenException":
        return SessionExpired(message)
    if SETTLED.search(message):
        return Rejected(message)
    if kind == "PermissionException" or (status < SERVER_FAULTS and FOREIGN.search(message)):
        return _not_permitted(message)
    if kind in ON_THE_WAY or status >= SERVER_FAULTS or MAY_YET_COME.search(message):
        return Unknown(message)
    if status == FORBIDDEN and kind not in FINAL:
        return SessionExpired(message)
    if kind in FINAL or (status >= 400 and status != REQUEST_TIMEOUT):
        return Rejected(message)
    return Unknown(message)


def _not_permitted(message: str) -> BrokerError:
    if not OF_ADDRESS.search(message):
        return Rejected(message)
    named = ADDRESS.search(message)
    where = f"the address {named[0]}" if named else "this machine's address"
    return AddressRefused(f"Kite takes no orders from {where}: {message}")


def _unanswered(error: Exception) -> BrokerError:
    """Its text may quote the URL or headers, so only the name of the fault is told."""
    name = type(error).__name__
    if _never_left(error):
        return NotSent(f"Kite could not be reached ({name})")
    if isinstance(error, http.Timeout):
        return Unknown("no answer from Kite in time")
    if isinstance(error, OSError | HTTPError):
        return Unknown(f"the connection to Kite broke ({name})")
    return Unknown(f"Kite's answer was not in its form ({name})")


def _never_left(error: Exception) -> bool:
    """Whether not one byte of the request can have gone out."""
    if isinstance(error, http.ConnectTimeout | http.InvalidURL | http.InvalidHeader):
        return True
    cause = error.args[0] if error.args else None
    if not isinstance(cause, MaxRetryError):
        return False
    reason = cause.reason
    if reason is None or isinstance(reason, NewConnectionError):
        return reason is not None
    return bool(reason.args) and isinstance(reason.args[0], SSLCertVerificationError)
