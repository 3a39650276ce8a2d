"""The private network: public subnets for the NAT gateways, private ones for what trades."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.config import Config
from infra.egress import EgressWays


class Network(Construct):
    """Tables and buckets are reached inside AWS; everything else leaves by an egress."""

    def __init__(self, scope: Construct, config: Config, key: kms.IKey) -> None:
        super().__init__(scope, "Network")
        self.vpc = self._vpc(config)
        self._record_flows(config, key)
        self.egress = self._egress(config)
        private = [ec2.SubnetSelection(subnets=ways.subnets) for ways in self.egress.values()]
        for name, service in (
            ("Tables", ec2.GatewayVpcEndpointAwsService.DYNAMODB),
            ("Buckets", ec2.GatewayVpcEndpointAwsService.S3),
        ):
            self.vpc.add_gateway_endpoint(name, service=service, subnets=private)

    def _vpc(self, config: Config) -> ec2.Vpc:
        return ec2.Vpc(
            self,
            "Vpc",
            vpc_name=f"{config.prefix}vpc",
            ip_addresses=ec2.IpAddresses.cidr(config.cidr),
            max_azs=2,
            nat_gateways=0,  # an egress has its own
            restrict_default_security_group=False,  # takes a function; nothing of ours is in it
            subnet_configuration=[
                ec2.SubnetConfiguration(
                    name="Public",
                    subnet_type=ec2.SubnetType.PUBLIC,
                    cidr_mask=24,
                    map_public_ip_on_launch=False,
                )
            ],
        )

    def _record_flows(self, config: Config, key: kms.IKey) -> None:
        group = logs.LogGroup(
            self,
            "Flows",
            log_group_name=f"{config.path}/network-flows",
            encryption_key=key,
            retention=logs.RetentionDays.THREE_MONTHS,
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.vpc.add_flow_log(
            "FlowLog", destination=ec2.FlowLogDestination.to_cloud_watch_logs(group)
        )

    def _egress(self, config: Config) -> Mapping[str, EgressWays]:
        """Blocks of 256 addresses: the first two are public, an egress has two of its own.

        A block follows from the place of its egress in the list: new ones go to the end.
        """
        blocks = list(map(str, IPv4Network(config.cidr).subnets(new_prefix=24)))[2:]
        return {
            egress.name: EgressWays(
                self,
                egress,
                self.vpc,
                blocks[2 * place : 2 * place + egress.addresses],
                kept=config.kept,
            )
            for place, egress in enumerate(config.egress)
        }
