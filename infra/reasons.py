"""Where a rule of the security review is not followed, and why."""

from __future__ import annotations

from aws_cdk import Acknowledgment, Aws, Validations
from constructs import IConstruct


def accept(construct: IConstruct, reason: str, *rules: str) -> None:
    """Let these findings of cdk-nag stand on this construct, for a reason."""
    Validations.of(construct).acknowledge(
        *[Acknowledgment(id=rule, reason=reason) for rule in rules]
    )


def legible(arn: str) -> str:
    """An ARN as findings spell it, with what AWS fills in between angle brackets."""
    for filled_in, name in (
        (Aws.PARTITION, "Partition"),
        (Aws.ACCOUNT_ID, "AccountId"),
        (Aws.REGION, "Region"),
    ):
        arn = arn.replace(filled_in, f"<AWS::{name}>")
    return arn
