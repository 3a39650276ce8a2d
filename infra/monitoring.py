"""The monitoring stack: what is watched, who is told, and where one looks."""

from __future__ import annotations

from typing import Final

from aws_cdk import Aws, Environment, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_ssm as ssm
from aws_cdk import aws_xray as xray
from constructs import Construct

from infra.api import Api
from infra.availability import Availability
from infra.boards import Boards
from infra.config import Config
from infra.figures import ERRORS, LOGGED, REFUSED, Figures
from infra.foundation import Foundation
from infra.security import Security
from infra.watches import Watch, Weight, watches
from infra.watches_beneath import watches_beneath

#: Where each alarm is explained.
BOOK: Final = "docs/aws.md, Alarms"
IN_ERROR: Final = '{ $.level = "ERROR" || $.level = "CRITICAL" }'
WITHOUT_RIGHT: Final = '{ $.status = "401" || $.status = "403" }'
#: Questions one asks of logs again and again.
QUERIES: Final = {
    "errors": "fields @timestamp, service, message, correlation_id"
    ' | filter level = "ERROR" or level = "CRITICAL" | sort @timestamp desc',
    "one-cause": "fields @timestamp, service, level, message"
    ' | filter correlation_id = "…" | sort @timestamp asc',
    "one-run": "fields @timestamp, service, level, message"
    ' | filter @message like "RUN-…" | sort @timestamp asc',
}


class Monitoring(Stack):
    """It looks at everything by name, so no other stack waits for it."""

    def __init__(
        self,
        scope: Construct,
        config: Config,
        env: Environment,
        security: Security,
        foundation: Foundation,
        api: Api,
    ) -> None:
        super().__init__(
            scope,
            "Monitoring",
            stack_name=f"{config.prefix}monitoring",
            env=env,
            description="Alarms, who is told of them, dashboards and the objective",
            termination_protection=config.kept,
        )
        iam.PermissionsBoundary.of(self).apply(foundation.boundary)
        self.figures, self._config = Figures(config), config
        key = security.keys.operations
        self.urgent = self._topic("urgent", key, config.on_call.urgent)
        self.routine = self._topic("routine", key, config.on_call.routine)
        self._count_in_logs(api)
        found = [*watches(self.figures), *watches_beneath(self.figures)]
        self.alarms = {one.name: self._alarm(one) for one in found}
        self.outage = self._outage([one.name for one in found if one.weight is Weight.OUTAGE])
        self.availability = Availability(self, self.figures, api)
        Boards(self, self.figures, list(self.alarms.values()))
        self._trace()
        self._ask_logs()

    # ── who is told ───────────────────────────────────────────────────────────────────────

    def _topic(self, name: str, key: kms.IKey, mails: tuple[str, ...]) -> sns.Topic:
        topic = sns.Topic(
            self,
            name.capitalize(),
            topic_name=f"{self._config.prefix}{name}",
            display_name=f"atp {self._config.stage}: {name}",
            master_key=key,
            enforce_ssl=True,
        )
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            )
        )
        for mail in mails:
            topic.add_subscription(subscriptions.EmailSubscription(mail))
        ssm.StringParameter(
            self,
            f"{name.capitalize()}Topic",
            parameter_name=f"{self._config.path}/topic/{name}",
            string_value=topic.topic_arn,
        )
        return topic

    # ── what is watched ───────────────────────────────────────────────────────────────────

    def _alarm(self, watch: Watch) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            f"Alarm-{watch.name}",
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
        told = actions.SnsAction(self.urgent if watch.weight is Weight.DANGER else self.routine)
        alarm.add_alarm_action(told)
        alarm.add_ok_action(told)
        return alarm

    def _outage(self, members: list[str]) -> cloudwatch.CfnCompositeAlarm:
        """One call for whatever does not work, however much of it there is."""
        prefix = self._config.prefix
        composite = cloudwatch.CfnCompositeAlarm(
            self,
            "Outage",
            alarm_name=f"{prefix}outage",
            alarm_description=f"Something does not work. What to do: {BOOK}, outage",
            alarm_rule=" OR ".join(f'ALARM("{prefix}{name}")' for name in members),
            alarm_actions=[self.urgent.topic_arn],
            ok_actions=[self.urgent.topic_arn],
            actions_enabled=self._config.writes,
        )
        composite.node.add_dependency(*[self.alarms[name] for name in members])
        return composite

    def _count_in_logs(self, api: Api) -> None:
        """Errors in every function's log, and requests without the right to what they ask for."""
        prefix = self._config.prefix
        for label in self.figures.functions:
            self._filter(f"Errors-{label}", f"/aws/lambda/{prefix}{label}", IN_ERROR, ERRORS)
        self._filter("Refused", api.access_log.log_group_name, WITHOUT_RIGHT, REFUSED)

    def _filter(self, name: str, group: str, pattern: str, metric: str) -> None:
        logs.CfnMetricFilter(
            self,
            name,
            log_group_name=group,
            filter_pattern=pattern,
            metric_transformations=[
                logs.CfnMetricFilter.MetricTransformationProperty(
                    metric_namespace=LOGGED,
                    metric_name=f"{self._config.prefix}{metric}",
                    metric_value="1",
                    unit="Count",
                )
            ],
        )

    # ── where one looks ───────────────────────────────────────────────────────────────────

    def _trace(self) -> None:
        """Traces that tell something: of orders, of slow answers, and of whatever failed."""
        trading = ("strategy-executor", "order-monitor", "broker-dispatcher")
        orders = " OR ".join(f'service("{self.figures.named(one)}")' for one in trading)
        slow = f'service("{self.figures.named("api")}") AND responsetime > 0.2'
        for name, expression in (("orders", orders), ("slow", slow), ("faults", "fault = true")):
            xray.CfnGroup(
                self,
                f"Traces-{name}",
                group_name=f"{self._config.prefix}{name}",
                filter_expression=expression,
                insights_configuration=xray.CfnGroup.InsightsConfigurationProperty(
                    insights_enabled=name == "faults", notifications_enabled=False
                ),
            )

    def _ask_logs(self) -> None:
        groups = [f"/aws/lambda/{self.figures.named(one)}" for one in self.figures.functions]
        for name, query in QUERIES.items():
            logs.CfnQueryDefinition(
                self,
                f"Query-{name}",
                name=f"{self._config.prefix.rstrip('-')}/{name}",
                query_string=query,
                log_group_names=groups,
            )
