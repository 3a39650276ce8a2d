"""Where orders leave from: fixed public addresses, each family of traders behind its own."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from infra.config import Egress


@dataclass(frozen=True)
class Way:
    """A private subnet whose only way out is one NAT gateway, and the address it shows."""

    subnet: ec2.ISubnet
    address: str


class EgressWays(Construct):
    """The ways of one egress, one a zone; what runs in their subnets shows their addresses."""

    def __init__(
        self, scope: Construct, egress: Egress, vpc: ec2.Vpc, cidrs: list[str], *, kept: bool
    ) -> None:
        super().__init__(scope, f"Egress-{egress.name}")
        self.egress = egress
        self._kept = kept
        self.ways = [self._way(vpc, place, cidr) for place, cidr in enumerate(cidrs)]

    @property
    def subnets(self) -> list[ec2.ISubnet]:
        return [way.subnet for way in self.ways]

    def _way(self, vpc: ec2.Vpc, place: int, cidr: str) -> Way:
        public = vpc.public_subnets[place]
        allocation, address = self._allocation(place)
        nat = ec2.CfnNatGateway(
            self, f"Nat{place}", subnet_id=public.subnet_id, allocation_id=allocation
        )
        nat.node.add_dependency(public.internet_connectivity_established)
        subnet = ec2.PrivateSubnet(
            self,
            f"Private{place}",
            vpc_id=vpc.vpc_id,
            availability_zone=public.availability_zone,
            cidr_block=cidr,
            map_public_ip_on_launch=False,
        )
        subnet.add_default_nat_route(nat.ref)
        return Way(subnet, address)

    def _allocation(self, place: int) -> tuple[str, str]:
        """An address that is registered at a broker must not go with its stack."""
        if self.egress.allocations:
            return self.egress.allocations[place], self.egress.allocations[place]
        taken = ec2.CfnEIP(self, f"Address{place}", domain="vpc")
        taken.apply_removal_policy(RemovalPolicy.RETAIN if self._kept else RemovalPolicy.DESTROY)
        return taken.attr_allocation_id, taken.attr_public_ip
