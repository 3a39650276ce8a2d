"""The order workflow: it waits, has the run followed, and waits again until the run or day ends.

It decides nothing: when to look again, and whether it is over, is what `follow(run)` answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as states
from constructs import Construct

from infra.functions import PlatformFunction
from infra.reasons import accept

#: From before the market opens until after it closed, and no further: the next day starts anew.
LONGEST_S: Final = 16 * 3600
#: How soon it goes on after the monitor failed whatever was tried. The reconciler looks each
#: minute, too; and an execution that failed all day must not outgrow its 25,000 lines of history.
AFTER_FAULT_S: Final = 30
#: Faults of Lambda itself, and too many at once: soon over, and nothing was begun.
PASSING: Final = [
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
]
DELIVERING: Final = [
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
]
TRACING: Final = [
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
]


def workflow_arn(named: str) -> str:
    """Spelt from its name: those it calls are told of it, too."""
    return f"arn:{Aws.PARTITION}:states:{Aws.REGION}:{Aws.ACCOUNT_ID}:stateMachine:{named}"


class OrderWorkflow(Construct):
    """One execution for each run and day, named after both."""

    def __init__(
        self, scope: Construct, monitor: PlatformFunction, key: kms.IKey, *, named: str
    ) -> None:
        super().__init__(scope, "Workflow")
        self.arn = workflow_arn(named)
        self.log = logs.LogGroup(
            self,
            "Log",
            log_group_name=f"/aws/vendedlogs/states/{named}",
            encryption_key=key,
            retention=logs.RetentionDays.THREE_MONTHS,
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.role = self._role(monitor)
        self.machine = states.CfnStateMachine(
            self,
            "Machine",
            state_machine_name=named,
            state_machine_type="STANDARD",
            role_arn=self.role.role_arn,
            definition_string=self.role.stack.to_json_string(
                definition(monitor.alias.function_arn, monitor.job.timeout_s)
            ),
            logging_configuration=states.CfnStateMachine.LoggingConfigurationProperty(
                level="ALL",
                include_execution_data=False,  # the name says which run it is
                destinations=[
                    states.CfnStateMachine.LogDestinationProperty(
                        cloud_watch_logs_log_group=states.CfnStateMachine.CloudWatchLogsLogGroupProperty(
                            log_group_arn=self.log.log_group_arn
                        )
                    )
                ],
            ),
            tracing_configuration=states.CfnStateMachine.TracingConfigurationProperty(enabled=True),
        )
        self.machine.node.add_dependency(self.role)

    def _role(self, monitor: PlatformFunction) -> iam.Role:
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "states.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            ),
            description="order workflow: calls the monitor",
        )
        for actions, resource in (
            (["lambda:InvokeFunction"], monitor.alias.function_arn),
            ([*DELIVERING, *TRACING], "*"),
        ):
            role.add_to_policy(iam.PolicyStatement(actions=actions, resources=[resource]))
        accept(
            role,
            "Log deliveries and traces have no names to limit them to",
            "AwsSolutions-IAM5[Resource::*]",
        )
        return role


# Any: states as the Amazon States Language defines them.
def definition(monitor: str, timeout_s: int) -> Mapping[str, Any]:
    """The states; an input is `{"run_id": …, "day": …}`, and then what the monitor answered."""
    return {
        "Comment": "Has one run followed until it, or the day, ends",
        "StartAt": "Follow",
        "TimeoutSeconds": LONGEST_S,
        "States": {
            "Follow": _follow(monitor, timeout_s),
            "Over": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.ended", "BooleanEquals": True, "Next": "Ended"}],
                "Default": "Wait",
            },
            "Wait": {"Type": "Wait", "TimestampPath": "$.wake", "Next": "Follow"},
            "After a fault": {"Type": "Wait", "Seconds": AFTER_FAULT_S, "Next": "Follow"},
            "Ended": {"Type": "Succeed"},
        },
    }


def _follow(monitor: str, timeout_s: int) -> Mapping[str, Any]:
    """Its answer is what it is asked next: it counts its own turns."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": monitor, "Payload.$": "$"},
        "OutputPath": "$.Payload",
        "TimeoutSeconds": timeout_s + 5,
        "Retry": [
            {
                "ErrorEquals": PASSING,
                "IntervalSeconds": 1,
                "BackoffRate": 2,
                "MaxDelaySeconds": 10,
                "MaxAttempts": 5,
                "JitterStrategy": "FULL",
            },
            {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 2},
        ],
        "Catch": [
            {"ErrorEquals": ["States.ALL"], "ResultPath": "$.fault", "Next": "After a fault"}
        ],
        "Next": "Over",
    }
