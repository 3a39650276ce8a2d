"""Who asks, where a request came by the edge: the gateway itself sees the edge's address only."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from secrets import compare_digest
from typing import Any, Final

#: What the edge shows with whatever it hands on, and whom it says is asking (infra/viewer.js).
MARK: Final = "x-atp-edge"
VIEWER: Final = "x-atp-viewer"
SCHEME: Final = "x-forwarded-proto"


# Any: JSON as API Gateway spells it.
def seen_at_edge(event: Mapping[str, Any], mark: str | None) -> dict[str, Any]:
    """The request as its sender's; anybody else's word about an address is not believed."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    told = headers.get(MARK, "")
    if not mark or not compare_digest(told.encode(), mark.encode()):
        return dict(event)
    context = event["requestContext"]
    address = str(ip_address(headers[VIEWER]))
    return {
        **event,
        "requestContext": {**context, "identity": {**context["identity"], "sourceIp": address}},
    }


def over_tls(event: Mapping[str, Any]) -> dict[str, Any]:
    """The request without its own word about TLS: the gateway speaks nothing else."""
    kinds = {kind: event.get(kind) or {} for kind in ("headers", "multiValueHeaders")}
    rest = {
        kind: {name: value for name, value in headers.items() if name.lower() != SCHEME}
        for kind, headers in kinds.items()
    }
    return {**event, **rest}
