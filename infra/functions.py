"""One function of the platform: its role, log, version and the alias by which all call it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as functions
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.access import Access
from infra.bundles import Bundles
from infra.config import Config
from infra.jobs import Job
from infra.reasons import accept

#: The alias everybody calls: a deployment moves it to the new version, a rollback moves it back.
LIVE: Final = "live"
#: What Lambda itself does to put a function into a network.
IN_NETWORK: Final = [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
]


@dataclass(frozen=True)
class Place:
    """The subnets of an egress, what may leave them, and the cluster of its watcher."""

    vpc: ec2.IVpc
    subnets: list[ec2.ISubnet]
    guard: ec2.ISecurityGroup
    cluster: ecs.ICluster


@dataclass(frozen=True)
class Made:
    """What every function is made of."""

    config: Config
    access: Access
    bundles: Bundles
    libraries: functions.ILayerVersion
    market: functions.ILayerVersion
    key: kms.IKey
    """Encrypts logs."""


class PlatformFunction(Construct):
    """`named` is its name in AWS; `place` where it runs, if it speaks to a broker."""

    def __init__(
        self,
        scope: Construct,
        made: Made,
        job: Job,
        *,
        named: str,
        environment: dict[str, str],
        at_once: int,
        place: Place | None = None,
    ) -> None:
        super().__init__(scope, job.title)
        self.job, self.named, self._made = job, named, made
        self.log = self._log()
        self.role = self._role(in_network=place is not None)
        self.function = self._function(environment, at_once, place)
        self.alias = functions.Alias(
            self, "Alias", alias_name=LIVE, version=self.function.current_version
        )
        accept(
            self.function,
            "The dependencies are locked and tested for Python 3.11 to 3.13",
            "AwsSolutions-L1",
        )

    def _function(
        self, environment: dict[str, str], at_once: int, place: Place | None
    ) -> functions.Function:
        made, job, capacity = self._made, self.job, self._made.config.capacity
        processors = functions.Architecture
        return functions.Function(
            self,
            "Function",
            function_name=self.named,
            description=job.meaning,
            runtime=made.bundles.runtime,
            architecture=processors.ARM_64 if capacity.processor == "arm64" else processors.X86_64,
            handler=job.handler,
            code=made.bundles.code,
            layers=[made.libraries, made.market],
            memory_size=job.memory,
            timeout=Duration.seconds(job.timeout_s),
            environment=environment | {"POWERTOOLS_SERVICE_NAME": job.name},
            role=self.role,
            reserved_concurrent_executions=at_once if capacity.reserved else None,
            snap_start=functions.SnapStartConf.ON_PUBLISHED_VERSIONS
            if job.snapshot and capacity.snapshots
            else None,
            tracing=functions.Tracing.ACTIVE,
            log_group=self.log,
            logging_format=functions.LoggingFormat.JSON,
            system_log_level_v2=functions.SystemLogLevel.INFO,
            application_log_level_v2=functions.ApplicationLogLevel.INFO,
            current_version_options=functions.VersionOptions(
                removal_policy=RemovalPolicy.RETAIN  # what a rollback goes back to
                if made.config.kept
                else RemovalPolicy.DESTROY
            ),
            vpc=place.vpc if place else None,
            vpc_subnets=ec2.SubnetSelection(subnets=place.subnets) if place else None,
            security_groups=[place.guard] if place else None,
        )

    def _log(self) -> logs.LogGroup:
        return logs.LogGroup(
            self,
            "Log",
            log_group_name=f"/aws/lambda/{self.named}",
            encryption_key=self._made.key,
            retention=logs.RetentionDays.ONE_YEAR,
            removal_policy=RemovalPolicy.DESTROY,
        )

    def _role(self, *, in_network: bool) -> iam.Role:
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description=f"{self.job.name}: {self.job.meaning[0].lower()}{self.job.meaning[1:]}",
        )
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                resources=[self.log.log_group_arn],
            )
        )
        self._made.access.give(role, self.job.may)
        if in_network:
            self._put_into_network(role)
        accept(
            role,
            "Traces, and interfaces of functions in a network, have no names to limit them to",
            "AwsSolutions-IAM5[Resource::*]",
        )
        return role

    def _put_into_network(self, role: iam.Role) -> None:
        """For Lambda itself: the function's own code is denied what its role then allows."""
        itself = f"arn:{Aws.PARTITION}:lambda:{Aws.REGION}:{Aws.ACCOUNT_ID}:function:{self.named}"
        role.add_to_policy(iam.PolicyStatement(actions=IN_NETWORK, resources=["*"]))
        role.add_to_policy(
            iam.PolicyStatement(
                effect=iam.Effect.DENY,
                actions=IN_NETWORK,
                resources=["*"],
                conditions={"ArnEquals": {"lambda:SourceFunctionArn": itself}},
            )
        )
