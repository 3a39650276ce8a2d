"""One name for a request: in the gateway's log, in ours, and in the events that follow from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.api.middleware import REQUEST_ID


# Any: JSON as API Gateway spells it.
def named(event: Mapping[str, Any]) -> dict[str, Any]:
    """The request under the gateway's name for it, where the client gave it none."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    name = headers.get(REQUEST_ID.lower()) or event["requestContext"]["requestId"]
    return {**event, "headers": {**headers, REQUEST_ID.lower(): name}}
