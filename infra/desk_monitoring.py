"""What is watched of a family's desk: a stack of its own, as the desk is one."""

from __future__ import annotations

from aws_cdk import Aws, Environment, Stack
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.alarms import Alarms, count_errors
from infra.config import Config, Egress
from infra.figures import Figures
from infra.watches_beneath import watches_of_desk


class DeskMonitoring(Stack):
    """Tells the same people as everybody's; their topics are known by name."""

    def __init__(self, scope: Construct, config: Config, env: Environment, egress: Egress) -> None:
        super().__init__(
            scope,
            f"Monitoring-{egress.name}",
            stack_name=f"{config.prefix}monitoring-{egress.name}",
            env=env,
            description=f"Alarms of what trades behind the egress {egress.name}",
            termination_protection=config.kept,
        )
        figures = Figures(config, family=egress.name)
        count_errors(self, figures)
        self.alarms = Alarms(
            self,
            config,
            list(watches_of_desk(figures)),
            urgent=self._topic("Urgent", config),
            routine=self._topic("Routine", config),
            end=figures.desk,
        )

    def _topic(self, name: str, config: Config) -> sns.ITopic:
        here = f"arn:{Aws.PARTITION}:sns:{Aws.REGION}:{Aws.ACCOUNT_ID}"
        return sns.Topic.from_topic_arn(self, name, f"{here}:{config.prefix}{name.lower()}")
