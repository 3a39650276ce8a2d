"""The compute stack: functions, their queues, schedules and workflow, and the watcher."""

from __future__ import annotations

from aws_cdk import Environment, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as functions
from constructs import Construct

from infra.desks import Desk
from infra.functions import PlatformFunction
from infra.ground import Ground, let_give
from infra.jobs import CENTRAL, PROJECTOR, REACTOR, Job
from infra.notices import Notices
from infra.queues import dead_letters
from infra.schedules import TIMETABLE, Schedules
from infra.streams import StreamReader


class Compute(Stack):
    """What is at work once for everybody, and the desk of all who have no egress of their own."""

    def __init__(self, scope: Construct, env: Environment, ground: Ground) -> None:
        config = ground.config
        super().__init__(
            scope,
            "Compute",
            stack_name=f"{config.prefix}compute",
            env=env,
            description="Functions, their queues, schedules and workflow, and the watcher",
            termination_protection=config.kept,
        )
        iam.PermissionsBoundary.of(self).apply(ground.foundation.boundary)
        self._ground, self._made = ground, ground.made(self)
        self._common = ground.told()
        (egress,) = [one for one in config.egress if not one.serves]
        self.desk = Desk(self, self._made, egress)
        self.central = {job.name: self._central(job) for job in CENTRAL}
        self.desk.staff(self._common, ground.place(self, egress))
        self._let_give()
        self.notices = Notices(self, config, self._made.key)
        self.notices.let_tell(self.central[REACTOR.name].role)
        self.streams = [self._reader(job) for job in (PROJECTOR, REACTOR)]
        self.schedules = self._schedules()

    @property
    def api(self) -> functions.Alias:
        """What answers requests; like all others it is called by its alias."""
        return self.central["api"].alias

    def _central(self, job: Job) -> PlatformFunction:
        config = self._ground.config
        return PlatformFunction(
            self,
            self._made,
            job,
            named=f"{config.prefix}{job.label}",
            environment=self.desk.told(self._common),
            at_once=config.capacity.at_once.of(job.name, family=False),
        )

    def _let_give(self) -> None:
        """Whose work it is says to which desk it goes, those of families included."""
        central = [(one.role, one.job.sends) for one in self.central.values()]
        for role, sends in (*central, *self.desk.senders()):
            for egress in self._ground.config.egress:
                let_give(role, self._made, egress, sends)

    def _reader(self, job: Job) -> StreamReader:
        keys, events = self._ground.security.keys, self._ground.data.tables.events
        stream = events.table_stream_arn
        assert stream is not None  # the store's own definition of the table has one
        return StreamReader(
            self,
            self.central[job.name],
            stream=stream,
            records=keys.records,
            operations=keys.operations,
            enabled=self._ground.config.writes,
        )

    def _schedules(self) -> Schedules:
        config, key = self._ground.config, self._made.key
        missed = "what the schedule could not wake, and what failed when woken"
        failed = dead_letters(self, "Failed", key, f"{config.prefix}woken-dead", of=missed)
        there = {**self.central, **self.desk.functions}
        woken = {wake.function: there[wake.function] for wake in TIMETABLE}
        return Schedules(self, config, key, woken, failed)
