"""The foundation stack: network, addresses, buckets, the boundary of roles, and parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aws_cdk import CfnOutput, Environment, Fn, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from infra.buckets import Buckets
from infra.config import Config
from infra.network import Network
from infra.reasons import accept
from infra.security import Security

#: What no role of the platform may ever do, whatever its own policies say.
FORBIDDEN: Final = [
    "iam:CreateUser",
    "iam:CreateAccessKey",
    "iam:CreateRole",
    "iam:AttachRolePolicy",
    "iam:PutRolePolicy",
    "iam:DeleteRolePermissionsBoundary",
    "kms:DisableKey",
    "kms:ScheduleKeyDeletion",
    "kms:PutKeyPolicy",
    "s3:BypassGovernanceRetention",
    "s3:DeleteObjectVersion",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketPolicy",
    "s3:PutBucketVersioning",
    "dynamodb:PutResourcePolicy",
    "dynamodb:DeleteResourcePolicy",
    "dynamodb:UpdateContinuousBackups",
    "backup:DeleteRecoveryPoint",
    "organizations:LeaveOrganization",
]


class Foundation(Stack):
    """What everything else stands on."""

    def __init__(
        self, scope: Construct, config: Config, env: Environment, security: Security
    ) -> None:
        super().__init__(
            scope,
            "Foundation",
            stack_name=f"{config.prefix}foundation",
            env=env,
            description="Network with fixed addresses, buckets, roles' boundary and parameters",
            termination_protection=config.kept,
        )
        self.boundary = self._boundary()
        iam.PermissionsBoundary.of(self).apply(self.boundary)
        self.network = Network(self, config, security.keys.operations)
        self.buckets = Buckets(self, config, security.keys.records)
        for name, value in self._parameters(config, security).items():
            ssm.StringParameter(
                self, name.title(), parameter_name=f"{config.path}/{name}", string_value=value
            )
        for name, ways in self.network.egress.items():
            addresses = [way.address for way in ways.ways]
            CfnOutput(self, f"Addresses-{name}", value=Fn.join(", ", addresses))

    def _boundary(self) -> iam.ManagedPolicy:
        boundary = iam.ManagedPolicy(
            self,
            "Boundary",
            description="The most that any role of the platform may do",
            statements=[
                iam.PolicyStatement(actions=["*"], resources=["*"]),
                iam.PolicyStatement(effect=iam.Effect.DENY, actions=FORBIDDEN, resources=["*"]),
            ],
        )
        accept(
            boundary,
            "A boundary grants nothing: it cuts off what a role's own policies must never hold",
            "AwsSolutions-IAM5[Action::*]",
            "AwsSolutions-IAM5[Resource::*]",
        )
        return boundary

    def _parameters(self, config: Config, security: Security) -> Mapping[str, str]:
        """What the platform, and whoever operates it, looks up by name."""
        people, buckets = security.people, self.buckets
        egress = {
            f"egress/{name}": Fn.join(",", [way.address for way in ways.ways])
            for name, ways in self.network.egress.items()
        }
        return {
            "tables-prefix": config.prefix,
            "writer-region": config.writer,
            "user-pool": people.pool.user_pool_id,
            "user-pool-client": people.client.user_pool_client_id,
            "user-pool-auditors": people.auditors_client.user_pool_client_id,
            "identity-pool": people.identities.ref,
            "vault-path": security.vault_path,
            "bucket/lake": buckets.lake.bucket_name,
            "bucket/artifacts": buckets.artifacts.bucket_name,
            "bucket/backups": buckets.backups.bucket_name,
            "bucket/digests": buckets.digests.bucket_name,
            **egress,
        }
