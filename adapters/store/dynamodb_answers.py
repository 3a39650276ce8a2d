"""What DynamoDB's failures mean for a write: refused, to be repeated, or not known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
)
from eventsourcing.persistence import DatabaseError, DataError, OperationalError

#: Nothing was written, and a moment later it may well be.
BUSY = frozenset(
    (
        "TransactionConflictException",
        "TransactionInProgressException",
        "ThrottlingException",
        "Throttling",
        "ThrottledException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "LimitExceededException",
    )
)
#: The same, as reasons for which a transaction was cancelled.
BUSY_REASONS = frozenset(
    ("TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded")
)


def code(error: ClientError) -> str:
    """DynamoDB's name of the failure."""
    return str(error.response.get("Error", {}).get("Code", ""))


def reasons(error: ClientError) -> Sequence[Any]:
    """Why a transaction was cancelled, by item; Any: not in botocore's declared response."""
    found: Sequence[Any] = error.response.get("CancellationReasons", ())
    return found


def is_busy(error: Exception) -> bool:
    """Surely not written: worth another try."""
    if isinstance(error, ConnectTimeoutError | EndpointConnectionError):
        return True
    if not isinstance(error, ClientError):
        return False
    why = {reason.get("Code") for reason in reasons(error)}
    return code(error) in BUSY or bool(why & BUSY_REASONS)


def is_ambiguous(error: Exception) -> bool:
    """Perhaps written: the answer did not arrive, or was one of an ill server."""
    if isinstance(error, ClientError):
        status: int = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= 500
    return isinstance(error, HTTPClientError)


def refusal(error: Exception) -> DatabaseError:
    """The library's name for a failure that trying again would not change."""
    if isinstance(error, ClientError):
        why = {code(error), *(reason.get("Code") for reason in reasons(error))}
        if why & {"ValidationException", "ValidationError"}:
            return DataError(str(error))
    return OperationalError(str(error))
