"""Where a broker posts news of orders: open to all, for its checksum is what is checked."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi import Request as HttpRequest
from pydantic import BaseModel

from adapters.api.callers import Context, SameKey
from adapters.api.openapi import problems
from adapters.api.problems import Declined
from adapters.postbox import Malformed, Postback, PostbackRefused

router = APIRouter()
#: A postback of Kite has less than 2 KB.
LARGEST: Final = 16_000
BODY: Final = {
    "required": True,
    "content": {"application/json": {"schema": Postback.model_json_schema()}},
}


class Heard(BaseModel):
    """It was genuine; the order book says what has happened."""

    heard: bool = True


async def raw_body(request: HttpRequest) -> bytes:
    """What was sent, whatever its Content-Type calls it."""
    body = await request.body()
    if len(body) > LARGEST:
        raise Declined(413, "body-too-large", f"a postback holds {LARGEST} bytes at most")
    return body


@router.post(
    "/accounts/{account_id}/postback",
    responses=problems(403),
    openapi_extra={"requestBody": BODY, "security": []},
    dependencies=[SameKey],
)
def postback(account_id: str, context: Context, body: Annotated[bytes, Depends(raw_body)]) -> Heard:
    """News of an order, from Kite; it only makes the platform read the order book.

    Needs no token: `checksum` is the SHA-256 of order_id, order_timestamp and the app's secret.
    A wrong one and an account that nobody knows are answered alike.
    """
    try:
        if context.postbacks is None:
            raise PostbackRefused("nobody here is posted to")
        context.postbacks.receive(account_id, body)
    except Malformed as error:
        raise Declined(400, "malformed-postback", str(error)) from None
    except PostbackRefused:
        raise Declined(403, "postback-refused", "the checksum is not this account's") from None
    return Heard()
