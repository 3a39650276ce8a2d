"""The web ACL in front of the API."""

from __future__ import annotations

from typing import Any, Final

from aws_cdk import RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from adapters.aws.edge import MARK, VIEWER
from infra.config import Config

#: AWS's own rule groups, in order, with the rules that only count what they see.
MANAGED: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("AWSManagedRulesAmazonIpReputationList", ()),
    # A strategy with many legs is longer than 8 KB; the API itself says how long a body may be.
    ("AWSManagedRulesCommonRuleSet", ("SizeRestrictions_BODY",)),
    ("AWSManagedRulesKnownBadInputsRuleSet", ()),
)

Rule = waf.CfnWebACL.RuleProperty


class Wall(Construct):
    """Stops floods from one address first, then what AWS knows to be bad."""

    def __init__(self, scope: Construct, config: Config, key: kms.IKey, mark: str) -> None:
        super().__init__(scope, "Wall")
        self.acl = waf.CfnWebACL(
            self,
            "Acl",
            name=f"{config.prefix}api",
            scope="REGIONAL",
            default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_counted(f"{config.prefix}api"),
            rules=[*_floods(config, mark), *_managed()],
        )
        self._log(config, key)

    def _log(self, config: Config, key: kms.IKey) -> None:
        """Every request is logged, without its tokens."""
        group = logs.LogGroup(
            self,
            "Requests",
            log_group_name=f"aws-waf-logs-{config.prefix}api",  # WAF insists on this beginning
            encryption_key=key,
            retention=logs.RetentionDays.THREE_MONTHS,
            removal_policy=RemovalPolicy.DESTROY,
        )
        waf.CfnLoggingConfiguration(
            self,
            "Logging",
            resource_arn=self.acl.attr_arn,
            log_destination_configs=[group.log_group_arn],
            redacted_fields=[
                waf.CfnLoggingConfiguration.FieldToMatchProperty(single_header={"Name": name})
                for name in ("authorization", "cookie", MARK)
            ],
        )


def _floods(config: Config, mark: str) -> list[Rule]:
    """By the address that asks; by the one the edge names, where the edge hands on.

    All who use the desk come from a few addresses of the edge, and would be one flood.
    """
    marked = waf.CfnWebACL.StatementProperty(
        byte_match_statement=waf.CfnWebACL.ByteMatchStatementProperty(
            field_to_match=waf.CfnWebACL.FieldToMatchProperty(single_header={"Name": MARK}),
            positional_constraint="EXACTLY",
            search_string=mark,
            text_transformations=[
                waf.CfnWebACL.TextTransformationProperty(priority=0, type="NONE")
            ],
        )
    )
    unmarked = waf.CfnWebACL.StatementProperty(
        not_statement=waf.CfnWebACL.NotStatementProperty(statement=marked)
    )
    named_by_edge = waf.CfnWebACL.ForwardedIPConfigurationProperty(
        header_name=VIEWER, fallback_behavior="MATCH"
    )
    return [
        _flood(
            "flood",
            0,
            aggregate_key_type="IP",
            limit=config.requests_per_address,
            scope_down_statement=unmarked,
        ),
        _flood(
            "flood-at-the-edge",
            1,
            aggregate_key_type="FORWARDED_IP",
            forwarded_ip_config=named_by_edge,
            limit=config.pages.requests_per_viewer,
            scope_down_statement=marked,
        ),
    ]


# Any: named arguments of one structure, each of its own type.
def _flood(name: str, priority: int, **how: Any) -> Rule:
    return Rule(
        name=name,
        priority=priority,
        action=waf.CfnWebACL.RuleActionProperty(block={}),
        statement=waf.CfnWebACL.StatementProperty(
            rate_based_statement=waf.CfnWebACL.RateBasedStatementProperty(
                evaluation_window_sec=300, **how
            )
        ),
        visibility_config=_counted(name),
    )


def _managed() -> list[Rule]:
    return [
        Rule(
            name=name,
            priority=priority,
            override_action=waf.CfnWebACL.OverrideActionProperty(none={}),
            statement=waf.CfnWebACL.StatementProperty(
                managed_rule_group_statement=waf.CfnWebACL.ManagedRuleGroupStatementProperty(
                    vendor_name="AWS",
                    name=name,
                    rule_action_overrides=[_only_counted(rule) for rule in counting] or None,
                )
            ),
            visibility_config=_counted(name),
        )
        for priority, (name, counting) in enumerate(MANAGED, 2)
    ]


def _only_counted(rule: str) -> waf.CfnWebACL.RuleActionOverrideProperty:
    return waf.CfnWebACL.RuleActionOverrideProperty(
        name=rule, action_to_use=waf.CfnWebACL.RuleActionProperty(count={})
    )


def _counted(metric: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    return waf.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=metric, sampled_requests_enabled=True
    )
