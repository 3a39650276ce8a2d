"""What functions and watchers of any stack stand on, and what they are told of each other."""

from __future__ import annotations

import json
from dataclasses import dataclass

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.access import Access
from infra.bundles import LIBRARIES, MARKET, Bundles
from infra.config import Config, Egress
from infra.data import Data
from infra.environment import environment
from infra.foundation import Foundation
from infra.functions import Made, Place
from infra.jobs import ORDERS, WORK
from infra.notices import named
from infra.queues import arn_of, let_send
from infra.security import Security
from infra.workflow import workflow_arn


def desk_name(config: Config, egress: Egress, label: str) -> str:
    """The desk of everybody has plain names; those of families end in the egress's name."""
    return f"{config.prefix}{label}-{egress.name}" if egress.serves else config.prefix + label


def queue_name(config: Config, egress: Egress, kind: str) -> str:
    return desk_name(config, egress, kind) + WORK[kind][0].ending


def let_give(role: iam.IRole, made: Made, egress: Egress, sends: tuple[str, ...]) -> None:
    """Let a role have the desk of an egress do these kinds of work.

    By name: stacks of desks come and go, and whoever gives them work must not hold them fast.
    """
    config = made.config
    queues = [arn_of(queue_name(config, egress, kind)) for kind in sends if kind in WORK]
    if queues:
        let_send(role, queues, made.key)
    if ORDERS in sends:
        workflow = workflow_arn(desk_name(config, egress, ORDERS))
        role.add_to_principal_policy(
            iam.PolicyStatement(actions=["states:StartExecution"], resources=[workflow])
        )


@dataclass(frozen=True)
class Ground:
    """The stacks beneath, and the bundles."""

    config: Config
    security: Security
    foundation: Foundation
    data: Data
    bundles: Bundles

    def made(self, scope: Stack) -> Made:
        """What functions of this stack are made of; layers and shared policies are its own."""
        return Made(
            config=self.config,
            access=Access(scope, self.config, self.security, self.foundation, self.data),
            bundles=self.bundles,
            libraries=self.bundles.layer(scope, LIBRARIES),
            market=self.bundles.layer(scope, MARKET),
            key=self.security.keys.operations,
        )

    def told(self) -> dict[str, str]:
        """What every function and watcher is told, wherever its orders leave from."""
        config = self.config
        common = environment(config, self.security, self.foundation, self.data, named(config))
        families = {one.name: one.serves for one in config.egress if one.serves}
        # Whom they serve; settings know where their work goes by their names.
        return {**common, **({"ATP_DESKS": json.dumps(families)} if families else {})}

    def place(self, scope: Construct, egress: Egress) -> Place:
        """The subnets of an egress: nobody comes in; TLS goes out, to AWS and to brokers."""
        network = self.foundation.network
        guard = ec2.SecurityGroup(
            scope,
            "Guard",
            vpc=network.vpc,
            description=f"Functions and watcher behind {egress.name}: TLS out, nothing in",
            allow_all_outbound=False,
        )
        guard.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "TLS")
        cluster = ecs.Cluster(
            scope,
            "Cluster",
            cluster_name=desk_name(self.config, egress, "desk"),
            vpc=network.vpc,
            container_insights_v2=ecs.ContainerInsights.ENABLED,
        )
        return Place(network.vpc, network.egress[egress.name].subnets, guard, cluster)
