"""The topic on which traders are told what they should hear of."""

from __future__ import annotations

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.config import Config


def named(config: Config) -> str:
    """The topic's ARN, spelt from its name."""
    return f"arn:{Aws.PARTITION}:sns:{Aws.REGION}:{Aws.ACCOUNT_ID}:{config.prefix}notices"


class Notices(Construct):
    """Encrypted, by TLS only; who listens subscribes, with the user's id as the filter."""

    def __init__(self, scope: Construct, config: Config, key: kms.IKey) -> None:
        super().__init__(scope, "Notices")
        self._key = key
        self.topic = sns.Topic(
            self,
            "Topic",
            topic_name=f"{config.prefix}notices",
            display_name=f"atp {config.stage}",
            master_key=key,
            enforce_ssl=True,
        )

    def let_tell(self, role: iam.IRole) -> None:
        """Let a role publish on it."""
        using = iam.PolicyStatement(
            actions=["kms:GenerateDataKey", "kms:Decrypt"],
            resources=[self._key.key_arn],
            conditions={"StringEquals": {"kms:ViaService": f"sns.{Aws.REGION}.amazonaws.com"}},
        )
        publishing = iam.PolicyStatement(actions=["sns:Publish"], resources=[self.topic.topic_arn])
        role.add_to_principal_policy(publishing)
        role.add_to_principal_policy(using)
