"""Whether the platform is there while the market trades, and how much may go wrong in a month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_applicationsignals as signals
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from infra.api import STAGE, Api
from infra.figures import CLOSES, HEALTH, OPENS, Figures

#: NFR-005, of the minutes in which the market trades.
GOAL: Final = 99.9
SESSIONS_A_MONTH: Final = 21
#: Minutes of a month that may be bad: a tenth of a percent of some 8,000.
BUDGET: Final = (CLOSES - OPENS) * SESSIONS_A_MONTH * (100 - GOAL) / 100
#: How fast the budget goes is told over the last hour, and over most of a session.
LOOK_BACK_MINUTES: Final = (60, 360)


class Availability(Construct):
    """Asks for health every minute, day and night, and keeps account of the answers."""

    def __init__(self, scope: Construct, figures: Figures, api: Api) -> None:
        super().__init__(scope, "Availability")
        prefix = figures.config.prefix
        self.probe = events.Rule(
            self,
            "Probe",
            rule_name=f"{prefix}health",
            description="Asks the API for its health, as a client would",
            schedule=events.Schedule.rate(Duration.minutes(1)),
            targets=[
                targets.ApiGateway(
                    api.rest,
                    path=HEALTH,
                    method="GET",
                    stage=STAGE,
                    max_event_age=Duration.minutes(1),
                    retry_attempts=0,  # a second try would hide the first one's failure
                )
            ],
        )
        self.objective = signals.CfnServiceLevelObjective(
            self,
            "Objective",
            name=f"{prefix}market-hours",
            description="Health answered, and the schedule beating, while the market trades",
            sli=self._indicator(figures),
            goal=signals.CfnServiceLevelObjective.GoalProperty(
                attainment_goal=GOAL,
                warning_threshold=50,
                interval=signals.CfnServiceLevelObjective.IntervalProperty(
                    rolling_interval=signals.CfnServiceLevelObjective.RollingIntervalProperty(
                        duration=30, duration_unit="DAY"
                    )
                ),
            ),
            burn_rate_configurations=[
                signals.CfnServiceLevelObjective.BurnRateConfigurationProperty(
                    look_back_window_minutes=minutes
                )
                for minutes in LOOK_BACK_MINUTES
            ],
        )

    def _indicator(self, figures: Figures) -> signals.CfnServiceLevelObjective.SliProperty:
        return signals.CfnServiceLevelObjective.SliProperty(
            comparison_operator="GreaterThanOrEqualTo",
            metric_threshold=1,
            sli_metric=signals.CfnServiceLevelObjective.SliMetricProperty(
                metric_data_queries=_queries(figures.good_minutes())
            ),
        )


def _queries(
    reckoned: cloudwatch.MathExpression,
) -> Sequence[signals.CfnServiceLevelObjective.MetricDataQueryProperty]:
    """The expression and what it is made of, as an objective wants them."""
    made = signals.CfnServiceLevelObjective
    parts = [
        made.MetricDataQueryProperty(id=name, return_data=False, metric_stat=_stat(metric))
        for name, metric in reckoned.using_metrics.items()
    ]
    whole = made.MetricDataQueryProperty(
        id="good", expression=reckoned.expression, return_data=True
    )
    return [*parts, whole]


def _stat(metric: cloudwatch.IMetric) -> signals.CfnServiceLevelObjective.MetricStatProperty:
    made, told = signals.CfnServiceLevelObjective, metric.to_metric_config().metric_stat
    if told is None:
        raise TypeError("an objective is made of plain metrics")
    return made.MetricStatProperty(
        metric=made.MetricProperty(
            namespace=told.namespace,
            metric_name=told.metric_name,
            dimensions=[
                made.DimensionProperty(name=one.name, value=one.value)
                for one in told.dimensions or []
            ],
        ),
        period=60,
        stat=told.statistic,
    )
