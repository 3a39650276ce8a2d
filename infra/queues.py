"""Queues of work between functions: encrypted, by TLS only, and each with a place for its dead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from aws_cdk import Aws, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.reasons import accept

#: How long work that nobody could do is kept for people to look at.
KEPT: Final = Duration.days(14)
FIFO: Final = ".fifo"


@dataclass(frozen=True)
class Work:
    """One kind of work: how long one turn of it may take, and how often it is tried."""

    name: str
    turn_s: int
    """The timeout of the function that does it."""
    tries: int
    fifo: bool = False

    @property
    def ending(self) -> str:
        """What its queues' names end in."""
        return FIFO if self.fifo else ""

    @property
    def hidden(self) -> Duration:
        """A worker that was killed has its work done by another as soon as it must have ended.

        Longer, as AWS advises for throttled functions, would leave an account waiting.
        """
        return Duration.seconds(self.turn_s + 10)


class WorkQueue(Construct):
    """A queue, and the one to which work goes that failed too often."""

    def __init__(self, scope: Construct, key: kms.IKey, work: Work, named: str) -> None:
        super().__init__(scope, work.name.capitalize())
        self.work = work
        ending = work.ending
        self.dead = dead_letters(self, "Dead", key, f"{named}-dead{ending}", of=f"{named}{ending}")
        self.queue = sqs.Queue(
            self,
            "Queue",
            queue_name=f"{named}{ending}",
            visibility_timeout=work.hidden,
            retention_period=Duration.hours(12),  # work of yesterday is done by nobody
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead, max_receive_count=work.tries),
            **_common(key, fifo=work.fifo),
        )


def dead_letters(
    scope: Construct, name: str, key: kms.IKey, queue_name: str, *, of: str
) -> sqs.Queue:
    """Where what failed is kept until somebody has looked at it."""
    queue = sqs.Queue(
        scope,
        name,
        queue_name=queue_name,
        retention_period=KEPT,
        **_common(key, fifo=queue_name.endswith(FIFO)),
    )
    accept(queue, f"It holds the dead letters of {of}", "AwsSolutions-SQS3")
    return queue


# Any: these are named arguments of one constructor, each of its own type.
def _common(key: kms.IKey, *, fifo: bool) -> dict[str, Any]:
    common: dict[str, Any] = {
        "encryption": sqs.QueueEncryption.KMS,
        "encryption_master_key": key,
        "data_key_reuse": Duration.minutes(5),
        "enforce_ssl": True,
    }
    if fifo:
        # Groups are accounts: one of them waiting must not hold up the others.
        common |= {
            "fifo": True,
            "deduplication_scope": sqs.DeduplicationScope.MESSAGE_GROUP,
            "fifo_throughput_limit": sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
        }
    return common


def let_send(role: iam.IRole, queues: Sequence[str], key: kms.IKey) -> None:
    """Let a role put messages into these queues, which this key encrypts."""
    for actions, resources in (
        (["sqs:SendMessage"], list(queues)),
        (["kms:GenerateDataKey", "kms:Decrypt"], [key.key_arn]),
    ):
        role.add_to_principal_policy(iam.PolicyStatement(actions=actions, resources=resources))


def let_take(role: iam.IRole, queue: sqs.IQueue, key: kms.IKey) -> None:
    """Let Lambda take messages out of a queue on behalf of a function."""
    taking = ["ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes"]
    for actions, resource in (
        ([f"sqs:{action}" for action in taking], queue.queue_arn),
        (["kms:Decrypt"], key.key_arn),
    ):
        role.add_to_principal_policy(iam.PolicyStatement(actions=actions, resources=[resource]))


def arn_of(queue_name: str) -> str:
    return f"arn:{Aws.PARTITION}:sqs:{Aws.REGION}:{Aws.ACCOUNT_ID}:{queue_name}"
