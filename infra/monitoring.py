"""The monitoring stack: what is watched, who is told, and where one looks."""

from __future__ import annotations

from typing import Final

from aws_cdk import Aws, Environment, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_ssm as ssm
from aws_cdk import aws_xray as xray
from constructs import Construct

from infra.alarms import Alarms, count_errors, count_in_log
from infra.api import Api
from infra.availability import Availability
from infra.boards import Boards
from infra.config import Config
from infra.figures import REFUSED, Figures
from infra.foundation import Foundation
from infra.security import Security
from infra.watches import watches
from infra.watches_beneath import watches_beneath

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
        count_errors(self, self.figures)
        door = api.access_log.log_group_name
        count_in_log(self, "Refused", door, WITHOUT_RIGHT, REFUSED, config)
        found = [*watches(self.figures), *watches_beneath(self.figures)]
        self.alarms = Alarms(self, config, found, urgent=self.urgent, routine=self.routine)
        self.availability = Availability(self, self.figures, api)
        Boards(self, self.figures, list(self.alarms.made.values()))
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
