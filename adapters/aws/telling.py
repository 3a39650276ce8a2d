"""What traders should hear of, to the topic of notices: subscribers filter by user and gravity."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from adapters.notify.message import Manner, single
from domain.notifications import Channel
from projections.inbox import Notice

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import PublishBatchRequestEntryTypeDef

#: Entries that one request takes, and the letters of a subject.
MOST: Final = 10
SUBJECT: Final = 100
MANNER: Final = Manner(channel=Channel.EMAIL)
UNPRINTABLE: Final = re.compile(r"[^ -~]")


class NotTold(Exception):
    """The topic did not take some; `lasting` are those that it will never take."""

    def __init__(self, left: Sequence[str], lasting: Sequence[str], why: str) -> None:
        super().__init__(f"{len(left) + len(lasting)} notices were not taken: {why}")
        self.left = left
        self.lasting = lasting


class Topic:
    """At least once: a notice told twice has the same id."""

    def __init__(self, client: SNSClient, arn: str) -> None:
        self._client = client
        self._arn = arn

    def tell(self, notices: Sequence[Notice]) -> None:
        """Ten at once; raises NotTold."""
        left: list[str] = []
        lasting: list[str] = []
        why = ""
        for start in range(0, len(notices), MOST):
            some = notices[start : start + MOST]
            told = self._client.publish_batch(
                TopicArn=self._arn,
                PublishBatchRequestEntries=[_entry(n, each) for n, each in enumerate(some)],
            )
            for failed in told.get("Failed", []):
                (lasting if failed["SenderFault"] else left).append(some[int(failed["Id"])].id)
                why = failed["Code"]
        if left or lasting:
            raise NotTold(left, lasting, why)


def _entry(number: int, notice: Notice) -> PublishBatchRequestEntryTypeDef:
    said = single(notice, MANNER)
    about = {
        "notice_id": notice.id,
        "user_id": notice.user_id,
        "account_id": notice.account_id,
        "kind": notice.kind,
        "gravity": notice.gravity.value,
    }
    return {
        "Id": str(number),
        "Subject": UNPRINTABLE.sub("?", said.title)[:SUBJECT],
        "Message": said.body,
        "MessageAttributes": {
            name: {"DataType": "String", "StringValue": value}
            for name, value in about.items()
            if value
        },
    }
