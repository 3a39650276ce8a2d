"""The two readers of the event table's stream: as many as a shard allows, and no more."""

from __future__ import annotations

from typing import Final

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as functions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.functions import PlatformFunction
from infra.queues import dead_letters, let_send

READING: Final = [
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
]
BATCH: Final = 100
#: A shard waits while a batch is tried again. The function itself parks poison, so what fails is
#: the ground it stands on; after six hours the hourly comparison of heads repairs the views.
TRIES: Final = 50
OLDEST_S: Final = 6 * 3600


class StreamReader(Construct):
    """A batch a shard at a time, in order; halved where it fails, then laid aside by its place."""

    def __init__(
        self,
        scope: Construct,
        reader: PlatformFunction,
        *,
        stream: str,
        records: kms.IKey,
        operations: kms.IKey,
        enabled: bool,
    ) -> None:
        super().__init__(scope, f"{reader.job.title}Stream")
        self.dead: sqs.Queue = dead_letters(
            self,
            "Dead",
            operations,
            f"{reader.named}-dead",
            of=f"what {reader.named} could not read",
        )
        self._let_read(reader, stream, records)
        let_send(reader.role, [self.dead.queue_arn], operations)
        self.mapping = functions.CfnEventSourceMapping(
            self,
            "Mapping",
            function_name=reader.alias.function_arn,
            event_source_arn=stream,
            enabled=enabled,
            starting_position="TRIM_HORIZON",
            batch_size=BATCH,
            parallelization_factor=1,  # more would give a stream's commits to two at once
            bisect_batch_on_function_error=True,
            function_response_types=["ReportBatchItemFailures"],
            maximum_retry_attempts=TRIES,
            maximum_record_age_in_seconds=OLDEST_S,
            destination_config=functions.CfnEventSourceMapping.DestinationConfigProperty(
                on_failure=functions.CfnEventSourceMapping.OnFailureProperty(
                    destination=self.dead.queue_arn
                )
            ),
        )
        self.mapping.node.add_dependency(reader.role)  # Lambda tries it when the mapping is made

    def _let_read(self, reader: PlatformFunction, stream: str, records: kms.IKey) -> None:
        reader.role.add_to_policy(iam.PolicyStatement(actions=READING, resources=[stream]))
        reader.role.add_to_policy(
            iam.PolicyStatement(actions=["kms:Decrypt"], resources=[records.key_arn])
        )
