"""A desk is what trades behind one egress: its queues, functions, workflow and watcher.

A function's address is that of its subnets, and an order must leave by the address its trader
registered. So whatever speaks to a broker is there once for each egress; a trader's or account's
work goes to the queues and the workflow of the desk that serves it (ATP_DESKS).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as functions
from constructs import Construct

from infra.config import Config, Egress
from infra.functions import Made, Place, PlatformFunction
from infra.jobs import ADAPTER, AT_DESK, MONITOR, ORDERS, RECONCILER, WATCHER_SENDS, WORK, Job
from infra.queues import WorkQueue, let_send, let_take
from infra.workflow import OrderWorkflow, workflow_arn


class Desk(Construct):
    """The desk of everybody has plain names; those of families end in the egress's name."""

    def __init__(self, scope: Construct, made: Made, egress: Egress) -> None:
        super().__init__(scope, f"Desk-{egress.name}")
        self.egress, self._made = egress, made
        self.family = bool(egress.serves)
        self.queues: Mapping[str, WorkQueue] = {
            name: WorkQueue(self, made.key, work, self.named(name))
            for name, (work, _) in WORK.items()
        }
        self.functions: dict[str, PlatformFunction] = {}

    def named(self, label: str) -> str:
        prefix = self._made.config.prefix
        return f"{prefix}{label}-{self.egress.name}" if self.family else f"{prefix}{label}"

    @property
    def config(self) -> Config:
        return self._made.config

    @property
    def workflow_name(self) -> str:
        return self.named(ORDERS)

    @property
    def told(self) -> dict[str, str]:
        """Where its work goes, as functions are told."""
        places = {f"{name.upper()}_QUEUE": one.queue.queue_url for name, one in self.queues.items()}
        return places | {"ORDER_WORKFLOW": workflow_arn(self.workflow_name)}

    def let(self, role: iam.IRole, sends: Sequence[str]) -> None:
        """Let a role have this desk do these kinds of work."""
        queues = [self.queues[name].queue.queue_arn for name in sends if name in self.queues]
        if queues:
            let_send(role, queues, self._made.key)
        if ORDERS in sends:
            role.add_to_principal_policy(
                iam.PolicyStatement(
                    actions=["states:StartExecution"], resources=[workflow_arn(self.workflow_name)]
                )
            )

    def senders(self, watcher: iam.IRole) -> Iterator[tuple[iam.IRole, tuple[str, ...]]]:
        """Who here has others do work, and which."""
        for one in self.functions.values():
            yield one.role, one.job.sends
        yield watcher, WATCHER_SENDS

    def staff(self, environment: dict[str, str], place: Place) -> None:
        """Make its functions, and have them do its work."""
        at_once = self.config.capacity.at_once
        for job in AT_DESK:
            self.functions[job.name] = PlatformFunction(
                self,
                self._made,
                job,
                named=self.named(job.label),
                environment=environment,
                at_once=at_once.of(job.name, family=self.family),
                place=place,
            )
        for name, (_, job) in WORK.items():
            self._feed(self.queues[name], job)
        self.workflow = OrderWorkflow(
            self, self.functions[MONITOR.name], self._made.key, named=self.workflow_name
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
            enabled=self.config.writes,
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
        reserved = self.config.capacity.at_once.of(job.name, family=self.family)
        return reserved - 1 if job in (RECONCILER, ADAPTER) else reserved
