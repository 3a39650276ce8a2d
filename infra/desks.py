"""A desk is what trades behind one egress: its queues, functions, workflow and watcher.

A function's address is that of its subnets, and an order must leave by the address its trader
registered. So whatever speaks to a broker is there once for each egress; a trader's or account's
work goes to the queues and the workflow of the desk that serves it (ATP_DESKS).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from aws_cdk import Environment, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as functions
from constructs import Construct

from infra.config import Egress
from infra.functions import Made, Place, PlatformFunction
from infra.ground import Ground, desk_name, let_give
from infra.jobs import ADAPTER, AT_DESK, MONITOR, ORDERS, RECONCILER, WATCHER_SENDS, WORK, Job
from infra.queues import WorkQueue, let_take
from infra.watching import Watcher
from infra.workflow import OrderWorkflow, workflow_arn


class Desk(Construct):
    """Queues first: others are told of them; then who does the work, by `staff`."""

    def __init__(self, scope: Construct, made: Made, egress: Egress) -> None:
        super().__init__(scope, "Desk")
        self.egress, self._made = egress, made
        self.queues: Mapping[str, WorkQueue] = {
            kind: WorkQueue(self, made.key, work, self.named(kind))
            for kind, (work, _) in WORK.items()
        }
        self.functions: dict[str, PlatformFunction] = {}

    def named(self, label: str) -> str:
        return desk_name(self._made.config, self.egress, label)

    def told(self, common: Mapping[str, str]) -> dict[str, str]:
        """What is told besides to who works here, or gives all others their work from here."""
        queues = {
            f"ATP_{kind.upper()}_QUEUE": one.queue.queue_url for kind, one in self.queues.items()
        }
        own = {"ATP_DESK": self.egress.name} if self.egress.serves else {}
        workflow = {"ATP_ORDER_WORKFLOW": workflow_arn(self.named(ORDERS))}
        return {**common, **queues, **workflow, **own}

    def senders(self) -> Iterator[tuple[iam.IRole, tuple[str, ...]]]:
        """Who here has others do work, and which."""
        for one in self.functions.values():
            yield one.role, one.job.sends
        yield self.watcher.role, WATCHER_SENDS

    def staff(self, common: Mapping[str, str], place: Place) -> None:
        """Make its functions and its watcher, and have them do its work."""
        told, at_once = self.told(common), self._made.config.capacity.at_once
        for job in AT_DESK:
            self.functions[job.name] = PlatformFunction(
                self,
                self._made,
                job,
                named=self.named(job.label),
                environment=told,
                at_once=at_once.of(job.name, family=bool(self.egress.serves)),
                place=place,
            )
        for kind, (_, job) in WORK.items():
            self._feed(self.queues[kind], job)
        monitor, key = self.functions[MONITOR.name], self._made.key
        self.workflow = OrderWorkflow(self, monitor, key, named=self.named(ORDERS))
        self.watcher = Watcher(
            self, self._made, named=self.named("watcher"), environment=told, place=place
        )

    def _feed(self, work: WorkQueue, job: Job) -> None:
        """One message a call: each waits for its own second, or for its own account."""
        worker = self.functions[job.name]
        let_take(worker.role, work.queue, self._made.key)
        mapping = functions.CfnEventSourceMapping(
            work,
            "Mapping",
            function_name=worker.alias.function_arn,
            event_source_arn=work.queue.queue_arn,
            enabled=self._made.config.writes,
            batch_size=1,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config=functions.CfnEventSourceMapping.ScalingConfigProperty(
                # Beyond what is reserved messages would be turned away, and die of it.
                maximum_concurrency=self._polled(job)
            ),
        )
        mapping.node.add_dependency(worker.role)

    def _polled(self, job: Job) -> int:
        """All that is reserved, but for the call that the schedule makes."""
        at_once = self._made.config.capacity.at_once
        reserved = at_once.of(job.name, family=bool(self.egress.serves))
        return reserved - 1 if job in (RECONCILER, ADAPTER) else reserved


class FamilyDesk(Stack):
    """The desk of a family, a stack of its own: one stack has room for few of them."""

    def __init__(self, scope: Construct, env: Environment, ground: Ground, egress: Egress) -> None:
        config = ground.config
        super().__init__(
            scope,
            f"Desk-{egress.name}",
            stack_name=desk_name(config, egress, "desk"),
            env=env,
            description=f"What trades behind the egress {egress.name}",
            termination_protection=config.kept,
        )
        iam.PermissionsBoundary.of(self).apply(ground.foundation.boundary)
        made = ground.made(self)
        self.desk = Desk(self, made, egress)
        self.desk.staff(ground.told(), ground.place(self, egress))
        for role, sends in self.desk.senders():
            let_give(role, made, egress, sends)
