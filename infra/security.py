"""The security stack: keys, people, the place of secrets, and the wall before the API."""

from __future__ import annotations

from typing import Final

from aws_cdk import Aws, Environment, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secrets
from constructs import Construct

from infra.config import Config
from infra.keys import Keys
from infra.people import People
from infra.reasons import accept, legible
from infra.wall import Wall

READS: Final = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
WRITES: Final = [
    "secretsmanager:CreateSecret",
    "secretsmanager:PutSecretValue",
    "secretsmanager:DeleteSecret",
    "secretsmanager:RestoreSecret",
    "secretsmanager:TagResource",
]


class Security(Stack):
    """Stands first: whatever the other stacks keep is encrypted by its keys."""

    def __init__(self, scope: Construct, config: Config, env: Environment) -> None:
        super().__init__(
            scope,
            "Security",
            stack_name=f"{config.prefix}security",
            env=env,
            description="Keys, people, secrets and the wall before the API",
            termination_protection=config.kept,
        )
        self.keys = Keys(self, config)
        self.people = People(self, config)
        #: What the edge shows with requests: nobody outside of the account knows a key's id.
        self.mark = self.keys.operations.key_id
        self.wall = Wall(self, config, self.keys.operations, self.mark)
        self.vault_path = f"{config.path.removeprefix('/')}/vault/"
        self.sealing = self._sealing_secret(config)
        self.vault_reader = self._vault_policy("VaultReader", READS)
        self.vault_writer = self._vault_policy("VaultWriter", READS + WRITES)
        self._may_list(self.vault_writer)

    def _sealing_secret(self, config: Config) -> secrets.CfnSecret:
        """Chance from which the sealer derives the key that signs the audit digests."""
        secret = secrets.CfnSecret(
            self,
            "Sealing",
            name=f"{config.path.removeprefix('/')}/sealing",
            description="What the key that signs audit digests is derived from",
            kms_key_id=self.keys.secrets.key_arn,
            generate_secret_string=secrets.CfnSecret.GenerateSecretStringProperty(
                password_length=64, exclude_punctuation=True
            ),
        )
        secret.apply_removal_policy(RemovalPolicy.RETAIN if config.kept else RemovalPolicy.DESTROY)
        accept(
            secret,
            "Old seals are verified by the key that made them: a new key is a new installation's",
            "AwsSolutions-SMG4",
        )
        return secret

    def _vault_policy(self, name: str, actions: list[str]) -> iam.ManagedPolicy:
        """To be attached to whoever uses the vault; secrets of the vault lie under one path."""
        encrypting = ["kms:GenerateDataKey"] if name == "VaultWriter" else []
        here = f"{Aws.REGION}:{Aws.ACCOUNT_ID}"
        path = f"arn:{Aws.PARTITION}:secretsmanager:{here}:secret:{self.vault_path}*"
        policy = iam.ManagedPolicy(
            self,
            name,
            statements=[
                iam.PolicyStatement(actions=actions, resources=[path]),
                iam.PolicyStatement(
                    actions=["kms:Decrypt", *encrypting],
                    resources=[self.keys.secrets.key_arn],
                    conditions={
                        "StringEquals": {
                            "kms:ViaService": f"secretsmanager.{Aws.REGION}.amazonaws.com"
                        }
                    },
                ),
            ],
        )
        accept(
            policy,
            "Secrets of accounts come and go, and AWS adds six letters to each name",
            f"AwsSolutions-IAM5[Resource::{legible(path)}]",
        )
        return policy

    def _may_list(self, policy: iam.ManagedPolicy) -> None:
        policy.add_statements(
            iam.PolicyStatement(actions=["secretsmanager:ListSecrets"], resources=["*"])
        )
        accept(
            policy,
            "Listing secrets cannot be limited to some; it shows names and no secret",
            "AwsSolutions-IAM5[Resource::*]",
        )
