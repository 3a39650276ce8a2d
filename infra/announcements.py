"""The event bus, on which every fire of a strategy is announced."""

from __future__ import annotations

from typing import Final

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.config import Config

SOURCE: Final = "atp"
STRATEGY_EXECUTION: Final = "STRATEGY_EXECUTION"


class Announcements(Construct):
    """Nothing waits for what is announced here, and nothing is decided by it."""

    def __init__(self, scope: Construct, config: Config, key: kms.IKey) -> None:
        super().__init__(scope, "Announcements")
        self.bus = events.CfnEventBus(
            self,
            "Bus",
            name=f"{config.prefix}executions",
            description="Strategy executions, as they fire",
            kms_key_identifier=key.key_arn,
        )
        self.log = logs.LogGroup(
            self,
            "Log",
            log_group_name=f"/aws/events/{config.prefix}executions",  # the bus writes nowhere else
            encryption_key=key,
            retention=logs.RetentionDays.ONE_YEAR,
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.executions = events.CfnRule(
            self,
            "Executions",
            name=f"{config.prefix}executions",
            description="Every fire of a strategy goes into the log of executions",
            event_bus_name=self.bus.name,
            event_pattern={"source": [SOURCE], "detail-type": [STRATEGY_EXECUTION]},
            targets=[events.CfnRule.TargetProperty(id="log", arn=self._arn(config))],
        )
        self.executions.add_resource_dependency(self.bus)
        self._let_events_write(config)

    def _arn(self, config: Config) -> str:
        here = f"arn:{Aws.PARTITION}:logs:{Aws.REGION}:{Aws.ACCOUNT_ID}"
        return f"{here}:log-group:/aws/events/{config.prefix}executions"

    def _let_events_write(self, config: Config) -> None:
        logs.ResourcePolicy(
            self,
            "Writers",
            resource_policy_name=f"{config.prefix}executions",
            policy_statements=[
                iam.PolicyStatement(
                    principals=[
                        iam.ServicePrincipal("events.amazonaws.com"),
                        iam.ServicePrincipal("delivery.logs.amazonaws.com"),
                    ],
                    actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                    resources=[f"{self._arn(config)}:*"],
                    conditions={"ArnEquals": {"aws:SourceArn": self.executions.attr_arn}},
                )
            ],
        )
