"""What an auditor may read without passing through our own code: sealed digests, and the lake."""

from __future__ import annotations

from aws_cdk import Aws
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from adapters.lake_form import EVENTS
from domain.user import Role
from infra.buckets import ANSWERS, Buckets
from infra.lake import Lake
from infra.people import People
from infra.reasons import accept, legible

ASKING = [
    "athena:StartQueryExecution",
    "athena:GetQueryExecution",
    "athena:GetQueryResults",
    "athena:StopQueryExecution",
    "athena:GetWorkGroup",
]
CATALOG = ["glue:GetDatabase", "glue:GetTable", "glue:GetPartitions"]


class Auditors(Construct):
    """The identity pool gives AWS credentials to the group `auditor`, and to nobody else."""

    def __init__(
        self, scope: Construct, people: People, buckets: Buckets, lake: Lake, key: kms.IKey
    ) -> None:
        super().__init__(scope, "Auditors")
        self.role = iam.Role(
            self,
            "Role",
            description="Reads sealed digests, and asks the lake",
            assumed_by=iam.WebIdentityPrincipal(
                "cognito-identity.amazonaws.com",
                {
                    "StringEquals": {"cognito-identity.amazonaws.com:aud": people.identities.ref},
                    "ForAnyValue:StringLike": {
                        "cognito-identity.amazonaws.com:amr": "authenticated"
                    },
                },
            ),
        )
        self._let_read(buckets, key)
        self._let_ask(lake)
        self._attach(people)

    def _let_read(self, buckets: Buckets, key: kms.IKey) -> None:
        read = (buckets.lake, buckets.digests, buckets.artifacts)
        events, sealed = buckets.within("lake", f"{EVENTS}*"), buckets.within("digests", "*")
        answered = buckets.within("artifacts", f"{ANSWERS}*")
        for actions, resources in (
            (["s3:ListBucket", "s3:GetBucketLocation"], [one.bucket_arn for one in read]),
            (["s3:GetObject"], [events, sealed]),
            (["s3:GetObject", "s3:PutObject"], [answered]),
            (["kms:Decrypt", "kms:GenerateDataKey"], [key.key_arn]),
        ):
            self.role.add_to_policy(iam.PolicyStatement(actions=actions, resources=resources))
        accept(
            self.role,
            "Objects are many: all events, all digests, and the answers to one's own questions",
            *[f"AwsSolutions-IAM5[Resource::{legible(one)}]" for one in (events, sealed, answered)],
        )

    def _let_ask(self, lake: Lake) -> None:
        here = f"{Aws.REGION}:{Aws.ACCOUNT_ID}"
        workgroup = f"arn:{Aws.PARTITION}:athena:{here}:workgroup/{lake.workgroup.name}"
        glue = f"arn:{Aws.PARTITION}:glue:{here}"
        tables = [
            f"{glue}:catalog",
            f"{glue}:database/{lake.database_name}",
            f"{glue}:table/{lake.database_name}/events",
        ]
        self.role.add_to_policy(iam.PolicyStatement(actions=ASKING, resources=[workgroup]))
        self.role.add_to_policy(iam.PolicyStatement(actions=CATALOG, resources=tables))

    def _attach(self, people: People) -> None:
        client = people.auditors_client.user_pool_client_id
        provider = f"{people.pool.user_pool_provider_name}:{client}"
        rule = cognito.CfnIdentityPoolRoleAttachment.MappingRuleProperty(
            claim="cognito:groups",
            match_type="Contains",
            value=Role.AUDITOR.value,
            role_arn=self.role.role_arn,
        )
        cognito.CfnIdentityPoolRoleAttachment(
            self,
            "Attachment",
            identity_pool_id=people.identities.ref,
            role_mappings={
                "users": cognito.CfnIdentityPoolRoleAttachment.RoleMappingProperty(
                    type="Rules",
                    identity_provider=provider,
                    ambiguous_role_resolution="Deny",
                    rules_configuration=cognito.CfnIdentityPoolRoleAttachment.RulesConfigurationTypeProperty(
                        rules=[rule]
                    ),
                )
            },
        )
