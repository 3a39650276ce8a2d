"""Alarms as they are made: who is told of each, and the one call for whatever does not work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.config import Config
from infra.figures import ERRORS, LOGGED, Figures
from infra.watches import Watch, Weight

#: Where each alarm is explained.
BOOK: Final = "docs/aws.md, Alarms"
IN_ERROR: Final = '{ $.level = "ERROR" || $.level = "CRITICAL" }'


class Alarms(Construct):
    """`urgent` wakes somebody, `routine` is read; `end` is what the name of the outage ends in."""

    def __init__(
        self,
        scope: Construct,
        config: Config,
        watched: Sequence[Watch],
        *,
        urgent: sns.ITopic,
        routine: sns.ITopic,
        end: str = "",
    ) -> None:
        super().__init__(scope, "Alarms")
        self._config, self._urgent, self._routine = config, urgent, routine
        self.made = {one.name: self._alarm(one) for one in watched}
        members = [one.name for one in watched if one.weight is Weight.OUTAGE]
        self.outage = self._outage(members, f"outage{end}")

    def _alarm(self, watch: Watch) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            watch.name,
            alarm_name=f"{self._config.prefix}{watch.name}",
            alarm_description=f"{watch.says}. What to do: {BOOK}, {watch.name}",
            metric=watch.figure,
            threshold=watch.bound,
            comparison_operator=watch.over,
            datapoints_to_alarm=watch.times,
            evaluation_periods=watch.of,
            treat_missing_data=watch.missing,
            actions_enabled=self._config.writes,  # elsewhere nothing trades: nobody is called
        )
        told = actions.SnsAction(self._urgent if watch.weight is Weight.DANGER else self._routine)
        alarm.add_alarm_action(told)
        alarm.add_ok_action(told)
        return alarm

    def _outage(self, members: Sequence[str], name: str) -> cloudwatch.CfnCompositeAlarm:
        """One call for whatever does not work, however much of it there is."""
        prefix = self._config.prefix
        composite = cloudwatch.CfnCompositeAlarm(
            self,
            "Outage",
            alarm_name=f"{prefix}{name}",
            alarm_description=f"Something does not work. What to do: {BOOK}, {name}",
            alarm_rule=" OR ".join(f'ALARM("{prefix}{one}")' for one in members),
            alarm_actions=[self._urgent.topic_arn],
            ok_actions=[self._urgent.topic_arn],
            actions_enabled=self._config.writes,
        )
        composite.node.add_dependency(*[self.made[one] for one in members])
        return composite


def count_in_log(
    scope: Construct, name: str, group: str, pattern: str, metric: str, config: Config
) -> None:
    """Count the lines of a log in which this is found."""
    logs.CfnMetricFilter(
        scope,
        name,
        log_group_name=group,
        filter_pattern=pattern,
        metric_transformations=[
            logs.CfnMetricFilter.MetricTransformationProperty(
                metric_namespace=LOGGED,
                metric_name=f"{config.prefix}{metric}",
                metric_value="1",
                unit="Count",
            )
        ],
    )


def count_errors(scope: Construct, figures: Figures) -> None:
    """Errors in the log of every function, all in one figure."""
    for label in figures.functions:
        group = f"/aws/lambda/{figures.named(label)}"
        count_in_log(scope, f"Errors-{label}", group, IN_ERROR, ERRORS, figures.config)
