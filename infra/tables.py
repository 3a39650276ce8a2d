"""The DynamoDB tables, made from the adapters' own definitions so that they cannot drift apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, TypedDict

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from adapters.lanes.dynamodb import schema as lane_schema
from adapters.store.dynamodb_table import SCHEMA as EVENT_SCHEMA
from adapters.views.dynamodb import REMEMBERED
from adapters.views.dynamodb_table import Schema, beside_schema, schema
from infra.config import Config
from projections.catalogue import CATALOGUE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import (
        AttributeDefinitionTypeDef,
        KeySchemaElementTypeDef,
    )

TYPES: Final = {
    "S": dynamodb.AttributeType.STRING,
    "N": dynamodb.AttributeType.NUMBER,
    "B": dynamodb.AttributeType.BINARY,
}
#: What changes items; a transaction or a batch is judged by these as well.
CHANGES: Final = [
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:PartiQLInsert",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PartiQLDelete",
]
REPLICATION: Final = (
    "aws-service-role/replication.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBReplication"
)
#: The attribute after whose moment an answered request is forgotten (Powertools' own name).
FORGOTTEN_AT: Final = "expiration"
#: The table of the accounts' lanes, after the prefix.
LANES: Final = "lanes"


class _Keys(TypedDict):
    partition_key: dynamodb.Attribute
    sort_key: dynamodb.Attribute


class Tables(Construct):
    """The events, a table for each view, what is remembered beside them, lanes, and answers."""

    def __init__(self, scope: Construct, config: Config, key: kms.IKey) -> None:
        super().__init__(scope, "Tables")
        self._config, self._key = config, key
        self.events = self._events()
        self.views = {
            model.name: self._view(model.name, schema(model.shape)) for model in CATALOGUE
        }
        self.remembered = self._view(REMEMBERED, beside_schema())
        self.answered = self._answered()
        self.lanes = self._lanes()

    @property
    def all(self) -> list[dynamodb.TableV2]:
        return [self.events, *self.views.values(), self.remembered, self.answered, self.lanes]

    def _events(self) -> dynamodb.TableV2:
        """What cannot be made again: nobody deletes it without unlocking it first."""
        return dynamodb.TableV2(
            self,
            "Events",
            **keys(EVENT_SCHEMA["KeySchema"], EVENT_SCHEMA["AttributeDefinitions"]),
            **self._common("events"),
            # Replication insists on both images; items are never changed, so there is no old one.
            dynamo_stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES
            if self._config.replicas
            else dynamodb.StreamViewType[EVENT_SCHEMA["StreamSpecification"]["StreamViewType"]],
            warm_throughput=dynamodb.WarmThroughput(
                read_units_per_second=self._config.warm.reads,
                write_units_per_second=self._config.warm.writes,
            ),
            deletion_protection=self._config.kept,
        )

    def _view(self, name: str, made: Schema) -> dynamodb.TableV2:
        """Not protected from deletion: a rebuild drops the table it replaced."""
        attributes = made["AttributeDefinitions"]
        return dynamodb.TableV2(
            self,
            "".join(part.capitalize() for part in name.split("_")),
            **keys(made["KeySchema"], attributes),
            **self._common(name),
            global_secondary_indexes=[
                dynamodb.GlobalSecondaryIndexPropsV2(
                    index_name=index["IndexName"],
                    **keys(index["KeySchema"], attributes),
                    projection_type=dynamodb.ProjectionType[index["Projection"]["ProjectionType"]],
                )
                for index in made.get("GlobalSecondaryIndexes", [])
            ],
        )

    def _answered(self) -> dynamodb.TableV2:
        """Which requests were answered, and how: for a day, then DynamoDB forgets them."""
        return dynamodb.TableV2(
            self,
            "Answered",
            partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
            time_to_live_attribute=FORGOTTEN_AT,
            **self._common("answered"),
        )

    def _lanes(self) -> dynamodb.TableV2:
        """The pace of each account: an item that every order of the account changes."""
        made = lane_schema()
        (account,) = made["KeySchema"]
        (attribute,) = made["AttributeDefinitions"]
        return dynamodb.TableV2(
            self,
            "Lanes",
            partition_key=dynamodb.Attribute(
                name=account["AttributeName"], type=TYPES[attribute["AttributeType"]]
            ),
            **self._common(LANES),
        )

    # Any: these are named arguments of one constructor, each of its own type.
    def _common(self, name: str) -> dict[str, Any]:
        config = self._config
        return {
            "table_name": config.prefix + name,
            "billing": dynamodb.Billing.on_demand(),
            "encryption": dynamodb.TableEncryptionV2.customer_managed_key(
                self._key, {replica.region: replica.key_arn for replica in config.replicas}
            ),
            "point_in_time_recovery_specification": dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True, recovery_period_in_days=35
            ),
            "resource_policy": self._fence(),
            "replicas": [
                dynamodb.ReplicaTableProps(region=replica.region, resource_policy=self._fence())
                for replica in config.replicas
            ],
            "removal_policy": RemovalPolicy.RETAIN if config.kept else RemovalPolicy.DESTROY,
        }

    def _fence(self) -> iam.PolicyDocument | None:
        """The same in every region: but for replication, items are changed in one region only."""
        if not self._config.replicas:
            return None
        replication = f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:role/{REPLICATION}"
        return iam.PolicyDocument(
            statements=[
                iam.PolicyStatement(
                    sid="WrittenElsewhere",
                    effect=iam.Effect.DENY,
                    principals=[iam.AnyPrincipal()],
                    actions=CHANGES,
                    resources=["*"],  # in a table's policy this is the table itself
                    conditions={
                        "StringNotEquals": {"aws:RequestedRegion": self._config.writer},
                        "ArnNotEquals": {"aws:PrincipalArn": replication},
                    },
                )
            ]
        )


def keys(
    key_schema: Sequence[KeySchemaElementTypeDef],
    attributes: Sequence[AttributeDefinitionTypeDef],
) -> _Keys:
    """Partition and sort key of a table or index, as the construct library wants them."""
    types = {one["AttributeName"]: TYPES[one["AttributeType"]] for one in attributes}
    first, second = (
        dynamodb.Attribute(name=one["AttributeName"], type=types[one["AttributeName"]])
        for one in key_schema
    )
    return {"partition_key": first, "sort_key": second}
