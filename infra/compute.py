"""The compute stack: functions, their queues, schedules and workflow, and the watcher."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Environment, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as functions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.access import Access
from infra.bundles import LIBRARIES, MARKET, Bundles
from infra.config import Config
from infra.data import Data
from infra.desks import Desk
from infra.environment import environment
from infra.foundation import Foundation
from infra.functions import Made, Place, PlatformFunction
from infra.jobs import CENTRAL, PROJECTOR, REACTOR, Job
from infra.notices import Notices
from infra.queues import dead_letters
from infra.schedules import TIMETABLE, Schedules
from infra.security import Security
from infra.streams import StreamReader
from infra.watching import Watcher


class Compute(Stack):
    """What is at work: once for everybody, and a desk for each egress."""

    def __init__(
        self,
        scope: Construct,
        config: Config,
        env: Environment,
        security: Security,
        foundation: Foundation,
        data: Data,
        bundles: Bundles,
    ) -> None:
        super().__init__(
            scope,
            "Compute",
            stack_name=f"{config.prefix}compute",
            env=env,
            description="Functions, their queues, schedules and workflow, and the watcher",
            termination_protection=config.kept,
        )
        iam.PermissionsBoundary.of(self).apply(foundation.boundary)
        self.config, self._foundation = config, foundation
        keys = security.keys
        self._made = Made(
            config=config,
            access=Access(self, config, security, foundation, data),
            bundles=bundles,
            libraries=bundles.layer(self, LIBRARIES),
            market=bundles.layer(self, MARKET),
            key=keys.operations,
        )
        self.notices = Notices(self, config, keys.operations)
        self.desks = {one.name: Desk(self, self._made, one) for one in config.egress}
        (self.everybodys,) = [desk for desk in self.desks.values() if not desk.family]
        self._common = (
            environment(config, security, foundation, data, self.notices.topic.topic_arn)
            | self._routes()
        )
        self.central = {job.name: self._central(job) for job in CENTRAL}
        self.watchers = self._staff()
        self.notices.let_tell(self.central[REACTOR.name].role)
        self.streams = {
            one.name: StreamReader(
                self,
                self.central[one.name],
                stream=data.tables.events.table_stream_arn or "",
                records=keys.records,
                operations=keys.operations,
                enabled=config.writes,
            )
            for one in (PROJECTOR, REACTOR)
        }
        self.failed = dead_letters(
            self,
            "Failed",
            keys.operations,
            f"{config.prefix}woken-dead",
            of="what the schedule could not wake, and what failed when woken",
        )
        there = {**self.central, **self.everybodys.functions}
        woken = {wake.function: there[wake.function] for wake in TIMETABLE}
        self.schedules = Schedules(self, config, keys.operations, woken, self.failed)

    @property
    def api(self) -> functions.Alias:
        """What answers requests; like all others it is called by its alias."""
        return self.central["api"].alias

    @property
    def workers(self) -> list[PlatformFunction]:
        """All there are: those for everybody, and those of each desk."""
        at_desks = [one for desk in self.desks.values() for one in desk.functions.values()]
        return [*self.central.values(), *at_desks]

    @property
    def dead_letters(self) -> Mapping[str, sqs.Queue]:
        """By name of the queue: a message in any of them wants somebody's attention."""
        work = [one for desk in self.desks.values() for one in desk.queues.values()]
        found = [*[one.dead for one in work], *[one.dead for one in self.streams.values()]]
        return {one.node.path.removeprefix("Compute/"): one for one in [*found, self.failed]}

    def _routes(self) -> dict[str, str]:
        """Where the work of those goes who have an egress of their own, if anybody has."""
        families = {
            name: {"serves": list(desk.egress.serves), **desk.told}
            for name, desk in self.desks.items()
            if desk.family
        }
        return {"ATP_DESKS": self.to_json_string(families)} if families else {}

    def _told(self, desk: Desk) -> dict[str, str]:
        own = {"ATP_DESK": desk.egress.name} if desk.family else {}
        return {**self._common, **{f"ATP_{name}": at for name, at in desk.told.items()}, **own}

    def _central(self, job: Job) -> PlatformFunction:
        made = PlatformFunction(
            self,
            self._made,
            job,
            named=f"{self.config.prefix}{job.label}",
            environment=self._told(self.everybodys),
            at_once=self.config.capacity.at_once.of(job.name, family=False),
        )
        self._let_send(made.role, job.sends)
        return made

    def _let_send(self, role: iam.IRole, sends: tuple[str, ...]) -> None:
        """Whose work it is says to which desk it goes."""
        for desk in self.desks.values():
            desk.let(role, sends)

    def _staff(self) -> Mapping[str, Watcher]:
        """Functions and the watcher of every desk, in the subnets of its egress."""
        vpc, watchers = self._foundation.network.vpc, {}
        cluster = ecs.Cluster(
            self,
            "Cluster",
            cluster_name=self.config.prefix.rstrip("-"),
            vpc=vpc,
            container_insights_v2=ecs.ContainerInsights.ENABLED,
        )
        guard = self._guard(vpc)
        for name, desk in self.desks.items():
            told = self._told(desk)
            place = Place(vpc, self._foundation.network.egress[name].subnets, guard)
            desk.staff(told, place)
            watchers[name] = Watcher(
                desk,
                self._made,
                cluster,
                named=desk.named("watcher"),
                environment=told,
                place=place,
            )
            for role, sends in desk.senders(watchers[name].role):
                self._let_send(role, sends)
        return watchers

    def _guard(self, vpc: ec2.IVpc) -> ec2.SecurityGroup:
        """Nobody comes in; TLS goes out, to AWS and to brokers."""
        guard = ec2.SecurityGroup(
            self,
            "Guard",
            vpc=vpc,
            description="Functions and watchers behind an egress: TLS out, nothing in",
            allow_all_outbound=False,
        )
        guard.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "TLS")
        return guard
