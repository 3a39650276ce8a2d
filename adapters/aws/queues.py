"""Queues between the platform's functions: what is sent is small, and may arrive twice."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

LOG: Final = logging.getLogger("atp.queues")
#: The most that one request takes, and the longest that a message may be held back.
BATCH: Final = 10
LONGEST_DELAY_S: Final = 900
TRIES: Final = 3

#: A message's content: JSON.
Body = Mapping[str, object]


class NotTaken(Exception):
    """A queue did not take some messages, whatever was tried; they may be sent again."""

    def __init__(self, left: Sequence[Message], why: str) -> None:
        super().__init__(f"{len(left)} messages were not taken: {why}")
        self.left = left


@dataclass(frozen=True, kw_only=True)
class Message:
    """What is sent; `group` and `dedup` mean something to a FIFO queue only.

    There, messages of one group keep their order, and those with one `dedup` are one message for
    five minutes. Without a `dedup` each is a message of its own.
    """

    body: Body
    delay_s: int = 0
    group: str | None = None
    dedup: str | None = None


class Queue:
    """One queue, by its URL."""

    def __init__(self, client: SQSClient, url: str) -> None:
        self.url = url
        self._client = client
        self._fifo = url.endswith(".fifo")

    def send(
        self,
        body: Body,
        delay_s: int = 0,
        group: str | None = None,
        dedup: str | None = None,
    ) -> None:
        """Returns once it is kept there; raises NotTaken."""
        self.send_all([Message(body=body, delay_s=delay_s, group=group, dedup=dedup)])

    def send_all(self, messages: Iterable[Message]) -> int:
        """In batches of ten, in order; answers how many; raises NotTaken for what is left."""
        sent = 0
        for batch in _batches(messages):
            self._send_batch(batch)
            sent += len(batch)
        return sent

    def _send_batch(self, batch: Sequence[Message]) -> None:
        left, why = list(batch), ""
        for _ in range(TRIES):
            entries = [self._entry(number, each) for number, each in enumerate(left)]
            told = self._client.send_message_batch(QueueUrl=self.url, Entries=entries)
            failed = told.get("Failed", [])
            if not failed:
                return
            why = ", ".join(sorted({each["Code"] for each in failed}))
            left = [left[int(each["Id"])] for each in failed]
        raise NotTaken(left, why)

    def _entry(self, number: int, message: Message) -> SendMessageBatchRequestEntryTypeDef:
        entry: SendMessageBatchRequestEntryTypeDef = {
            "Id": str(number),
            "MessageBody": json.dumps(message.body, separators=(",", ":")),
        }
        if self._fifo:
            entry["MessageGroupId"] = message.group or "-"
            entry["MessageDeduplicationId"] = message.dedup or secrets.token_hex(16)
        elif message.delay_s:
            entry["DelaySeconds"] = min(message.delay_s, LONGEST_DELAY_S)
        return entry


@contextmanager
def handing_on(what: str) -> Iterator[None]:
    """What was asked is stored: where it cannot be handed on, it goes another way.

    The reactor tells the dispatcher of it by the store's stream, and the reconciler begins what
    workflows are missing within a minute.
    """
    try:
        yield
    except (NotTaken, BotoCoreError, ClientError) as error:
        LOG.warning("%s could not be handed on at once: %s", what, error)


def _batches(messages: Iterable[Message]) -> Iterator[list[Message]]:
    waiting = iter(messages)
    while batch := list(islice(waiting, BATCH)):
        yield batch


def bodies(records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the records of a function's event say; Any: JSON."""
    return [json.loads(record["body"]) for record in records]
