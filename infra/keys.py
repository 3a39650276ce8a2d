"""The keys everything at rest is encrypted with: one for each kind of thing kept."""

from __future__ import annotations

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.config import Config

USES = ["kms:Decrypt", "kms:Encrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
USES += ["kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey"]


class Keys(Construct):
    """`records`: tables, buckets, backups. `secrets`: the vault. `operations`: logs, messages.

    A key's policy names services only; who of ours may use it is said by their own policies.
    """

    def __init__(self, scope: Construct, config: Config) -> None:
        super().__init__(scope, "Keys")
        self._config = config
        self.records = self._key("Records", "tables, lake, audit digests and backups")
        self.secrets = self._key("Secrets", "broker credentials and other secrets")
        self.operations = self._key("Operations", "logs, messages and events on their way")
        here = f"arn:{Aws.PARTITION}:%s:{Aws.REGION}:{Aws.ACCOUNT_ID}:%s"
        self._serve(
            f"logs.{config.region}.amazonaws.com",
            {"kms:EncryptionContext:aws:logs:arn": here % ("logs", "log-group:*")},
        )
        self._serve(
            "events.amazonaws.com",
            {"kms:EncryptionContext:aws:events:event-bus:arn": here % ("events", "event-bus/*")},
        )
        self._serve(  # alarms go to encrypted topics
            "cloudwatch.amazonaws.com", {"aws:SourceArn": here % ("cloudwatch", "alarm:*")}
        )
        self.operations.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("events.amazonaws.com")],
                actions=[
                    "kms:DescribeKey"
                ],  # asked when a bus is made, and of no bus in particular
                resources=["*"],
            )
        )

    def _key(self, name: str, meaning: str) -> kms.Key:
        return kms.Key(
            self,
            name,
            alias=f"alias/{self._config.prefix}{name.lower()}",
            description=f"atp {self._config.stage}: {meaning}",
            enable_key_rotation=True,
            rotation_period=Duration.days(365),
            pending_window=Duration.days(30),
            removal_policy=RemovalPolicy.RETAIN if self._config.kept else RemovalPolicy.DESTROY,
        )

    def _serve(self, service: str, context: dict[str, str]) -> None:
        """Let an AWS service use the key of operations, for things of this account only."""
        self.operations.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal(service)],
                actions=USES,
                resources=["*"],  # in a key's policy this is the key itself
                conditions={"ArnLike": context},
            )
        )
