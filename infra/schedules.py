"""What is woken by the clock, in the exchange's time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as functions
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.config import Config
from infra.functions import LIVE, PlatformFunction
from infra.queues import let_send

ZONE: Final = "Asia/Kolkata"
#: What the service fills in: the moment that was meant, however late the call is.
MOMENT: Final = "<aws.scheduler.scheduled-time>"


@dataclass(frozen=True)
class Wake:
    """One line of the timetable; the market's calendar is asked by who is woken."""

    name: str
    function: str
    cron: str
    """Minutes and hours, every day."""
    late_s: int
    """After this nobody needs to be woken any more."""


#: A minute that could not be planned is healed by the two that follow.
PLANNING_LATE: Final = 120
TIMETABLE: Final = (
    Wake("plan-early", "strategy_scheduler", "45-59 8", PLANNING_LATE),
    Wake("plan", "strategy_scheduler", "* 9-15", PLANNING_LATE),
    Wake("plan-last", "strategy_scheduler", "0 16", PLANNING_LATE),
    Wake("sessions-end", "broker_adapter_zerodha", "1 6", 3600),
    Wake("contracts", "broker_adapter_zerodha", "30 8", 1800),
    Wake("readiness", "broker_adapter_zerodha", "40 8", 1200),
    Wake("reminders", "broker_adapter_zerodha", "0 9", 600),
    Wake("reconcile", "position_reconciler", "* 8-15", 60),
    Wake("reconcile-close", "position_reconciler", "5 16", 3600),
    Wake("never-delivered", "reactor", "37 *", 3600),
    Wake("seal", "sealer", "7 *", 3600),
    Wake("seal-close", "sealer", "20 16", 3600),
)


class Schedules(Construct):
    """A group of schedules; what could not be woken, or failed when woken, lies in one queue."""

    def __init__(
        self,
        scope: Construct,
        config: Config,
        key: kms.IKey,
        woken: dict[str, PlatformFunction],
        failed: sqs.Queue,
    ) -> None:
        super().__init__(scope, "Schedules")
        self._failed = failed
        self.group = scheduler.CfnScheduleGroup(self, "Group", name=config.prefix.rstrip("-"))
        self.role = self._role(config, key, woken)
        for wake in TIMETABLE:
            self._schedule(wake, woken[wake.function], enabled=config.writes)
        for one in woken.values():
            self._once_woken(one, key)

    def _role(self, config: Config, key: kms.IKey, woken: dict[str, PlatformFunction]) -> iam.Role:
        group = f"schedule-group/{config.prefix.rstrip('-')}"
        source = f"arn:{Aws.PARTITION}:scheduler:{Aws.REGION}:{Aws.ACCOUNT_ID}:{group}"
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com",
                conditions={
                    "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID, "aws:SourceArn": source}
                },
            ),
            description="schedules: wakes functions",
        )
        waking = [one.alias.function_arn for one in woken.values()]
        role.add_to_policy(iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=waking))
        let_send(role, [self._failed.queue_arn], key)
        return role

    def _schedule(self, wake: Wake, one: PlatformFunction, *, enabled: bool) -> None:
        schedule = scheduler.CfnSchedule(
            self,
            "".join(part.capitalize() for part in wake.name.split("-")),
            name=wake.name,
            group_name=self.group.name,
            description=f"{one.job.meaning} ({wake.name})",
            schedule_expression=f"cron({wake.cron} * * ? *)",
            schedule_expression_timezone=ZONE,
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            state="ENABLED" if enabled else "DISABLED",
            target=scheduler.CfnSchedule.TargetProperty(
                arn=one.alias.function_arn,
                role_arn=self.role.role_arn,
                input=json.dumps({"schedule": wake.name, "at": MOMENT}),
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=max(60, wake.late_s), maximum_retry_attempts=3
                ),
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(
                    arn=self._failed.queue_arn
                ),
            ),
        )
        schedule.add_resource_dependency(self.group)
        schedule.node.add_dependency(self.role)

    def _once_woken(self, one: PlatformFunction, key: kms.IKey) -> None:
        """Who is woken is not waited for: Lambda tries again, and lays aside what failed."""
        let_send(one.role, [self._failed.queue_arn], key)
        latest = min(wake.late_s for wake in TIMETABLE if wake.function == one.job.name)
        functions.CfnEventInvokeConfig(
            one,
            "Woken",
            function_name=one.function.function_name,
            qualifier=LIVE,
            maximum_event_age_in_seconds=max(60, latest),
            maximum_retry_attempts=2,
            destination_config=functions.CfnEventInvokeConfig.DestinationConfigProperty(
                on_failure=functions.CfnEventInvokeConfig.OnFailureProperty(
                    destination=self._failed.queue_arn
                )
            ),
        ).node.add_dependency(one.alias)
