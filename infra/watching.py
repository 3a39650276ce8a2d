"""The watcher: ticks and order news by WebSocket, which a function cannot hold; risk exits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.functions import Made, Place
from infra.jobs import WATCHER
from infra.reasons import accept

NAME: Final = "watcher"
TMP: Final = "tmp"
#: Whoever the image says runs it, and the only folder it may write to.
USER: Final = "65532"


class Watcher(Construct):
    """One task behind one egress. A second would hear the same ticks and own no run of its own:
    a lease has one holder. So there is one, and where it stops the service starts another, while
    the order workflow goes on looking at every run.
    """

    def __init__(
        self,
        scope: Construct,
        made: Made,
        *,
        named: str,
        environment: Mapping[str, str],
        place: Place,
    ) -> None:
        super().__init__(scope, "Watcher")
        self._made, self.named = made, named
        self.task = self._task()
        made.access.give(self.role, WATCHER)
        self._contain(environment)
        capacity = made.config.capacity.watcher
        self.service = ecs.FargateService(
            self,
            "Service",
            service_name=named,
            cluster=place.cluster,
            task_definition=self.task,
            platform_version=ecs.FargatePlatformVersion.LATEST,
            desired_count=capacity.count if made.config.writes else 0,
            assign_public_ip=False,
            vpc_subnets={"subnets": place.subnets},
            security_groups=[place.guard],
            circuit_breaker=ecs.DeploymentCircuitBreaker(enable=True, rollback=True),
            min_healthy_percent=100,  # the old one watches until the new one does
            max_healthy_percent=200,
            enable_execute_command=False,
            propagate_tags=ecs.PropagatedTagSource.SERVICE,
        )

    @property
    def role(self) -> iam.Role:
        role = self.task.task_role
        assert isinstance(role, iam.Role)
        return role

    def _task(self) -> ecs.FargateTaskDefinition:
        capacity = self._made.config.capacity
        processors = ecs.CpuArchitecture
        task = ecs.FargateTaskDefinition(
            self,
            "Task",
            family=self.named,
            cpu=capacity.watcher.cpu,
            memory_limit_mib=capacity.watcher.memory,
            runtime_platform=ecs.RuntimePlatform(
                cpu_architecture=processors.ARM64
                if capacity.processor == "arm64"
                else processors.X86_64,
                operating_system_family=ecs.OperatingSystemFamily.LINUX,
            ),
            task_role=self._role("Role", "watcher: what its code may do"),
            execution_role=self._starter(),
            volumes=[ecs.Volume(name=TMP)],
        )
        accept(task, "They are names and places; secrets are in the vault", "AwsSolutions-ECS2")
        return task

    def _role(self, name: str, meaning: str) -> iam.Role:
        return iam.Role(
            self,
            name,
            assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"),
            description=meaning,
        )

    def _starter(self) -> iam.Role:
        role = self._role("Starter", "watcher: what starts it may do")
        accept(role, "A registry's token has no name", "AwsSolutions-IAM5[Resource::*]")
        return role

    def _contain(self, environment: Mapping[str, str]) -> None:
        container = self.task.add_container(
            NAME,
            container_name=NAME,
            image=ecs.ContainerImage.from_docker_image_asset(self._made.bundles.image(self)),
            environment={**environment, "TMPDIR": "/tmp", "POWERTOOLS_SERVICE_NAME": NAME},
            user=USER,
            readonly_root_filesystem=True,
            stop_timeout=Duration.seconds(60),  # work under way is finished, then it lets go
            logging=ecs.LogDriver.aws_logs(
                stream_prefix=NAME, log_group=self._log(), mode=ecs.AwsLogDriverMode.NON_BLOCKING
            ),
        )
        container.add_mount_points(
            ecs.MountPoint(container_path="/tmp", source_volume=TMP, read_only=False)
        )

    def _log(self) -> logs.LogGroup:
        return logs.LogGroup(
            self,
            "Log",
            log_group_name=f"/aws/ecs/{self.named}",
            encryption_key=self._made.key,
            retention=logs.RetentionDays.ONE_YEAR,
            removal_policy=RemovalPolicy.DESTROY,
        )
