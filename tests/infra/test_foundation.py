"""Buckets are closed, addresses are fixed, and no role goes beyond its boundary."""

from __future__ import annotations

import json
from typing import Any

from tests.infra.templates import Stage, listed


def buckets(stage: Stage) -> dict[str, Any]:
    """Buckets by what they are for; those of the web client: test_desk_pages.py."""
    return {
        json.dumps(bucket["BucketName"]).split("atp-prod-")[1].split('-"')[0]: bucket
        for bucket in stage.part("Foundation").properties("AWS::S3::Bucket").values()
    }


def test_there_is_a_bucket_for_each_purpose(prod: Stage) -> None:
    assert set(buckets(prod)) == {"lake", "artifacts", "backups", "digests", "access-logs"}


def test_every_bucket_is_private_and_versioned(prod: Stage) -> None:
    for bucket in buckets(prod).values():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert len(bucket["PublicAccessBlockConfiguration"]) == 4
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_every_bucket_is_encrypted_by_our_key_but_the_one_s3_logs_into(prod: Stage) -> None:
    for name, bucket in buckets(prod).items():
        (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        chosen = rule["ServerSideEncryptionByDefault"]
        if name == "access-logs":
            assert chosen == {"SSEAlgorithm": "AES256"}
        else:
            assert chosen["SSEAlgorithm"] == "aws:kms"
            assert "Records" in json.dumps(chosen["KMSMasterKeyID"])


def test_every_bucket_is_reached_by_tls_only(prod: Stage) -> None:
    policies = prod.part("Foundation").properties("AWS::S3::BucketPolicy").values()

    assert len(policies) == len(buckets(prod))
    for policy in policies:
        denied = [
            one["Condition"]
            for one in policy["PolicyDocument"]["Statement"]
            if (one["Effect"], one["Action"]) == ("Deny", "s3:*")
        ]
        assert {"Bool": {"aws:SecureTransport": "false"}} in denied
        assert any("s3:TlsVersion" in one.get("NumericLessThan", {}) for one in denied)


def test_digests_are_reached_by_the_newest_tls_only(prod: Stage) -> None:
    oldest = {
        name: condition["NumericLessThan"]["s3:TlsVersion"]
        for name, policy in prod.properties("AWS::S3::BucketPolicy").items()
        for one in policy["PolicyDocument"]["Statement"]
        if "NumericLessThan" in (condition := one.get("Condition", {}))
    }

    assert {one for name, one in oldest.items() if "Digests" in name} == {1.3}
    assert {one for name, one in oldest.items() if "Digests" not in name} == {1.2}


def test_what_old_objects_cost_is_bounded_in_every_bucket(prod: Stage) -> None:
    for bucket in buckets(prod).values():
        rules = bucket["LifecycleConfiguration"]["Rules"]
        assert any("AbortIncompleteMultipartUpload" in rule for rule in rules)
        assert len(rules) > 1


def test_nobody_alters_a_sealed_digest_for_five_years(prod: Stage) -> None:
    digests = buckets(prod)["digests"]

    kept = digests["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]

    assert digests["ObjectLockEnabled"] is True
    assert kept == {"Mode": "COMPLIANCE", "Days": 1827}
    rules = digests["LifecycleConfiguration"]["Rules"]
    assert not any("Expiration" in key for rule in rules for key in rule)


def test_a_stage_to_try_things_out_can_be_taken_down(spread: Stage) -> None:
    (digests,) = [
        bucket
        for bucket in spread.properties("AWS::S3::Bucket").values()
        if bucket.get("ObjectLockEnabled")
    ]

    assert digests["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]["Mode"] == "GOVERNANCE"
    assert {one["DeletionPolicy"] for one in spread.resources("AWS::S3::Bucket").values()} == {
        "Delete"
    }


def test_every_egress_address_is_fixed_and_outlives_its_stack(prod: Stage) -> None:
    addresses = prod.resources("AWS::EC2::EIP")

    assert len(addresses) == len(prod.resources("AWS::EC2::NatGateway")) == 2
    assert {one["DeletionPolicy"] for one in addresses.values()} == {"Retain"}


def test_a_familys_orders_leave_by_the_familys_address_only(spread: Stage) -> None:
    gateways = spread.properties("AWS::EC2::NatGateway")
    routes = [
        route["NatGatewayId"]["Ref"]
        for route in spread.properties("AWS::EC2::Route").values()
        if "NatGatewayId" in route
    ]

    assert len(gateways) == 4  # two shared, one of the family, one of the desk
    assert sorted(f"Foundation/{one}" for one in routes) == sorted(gateways)


def test_an_address_the_account_owns_already_is_used(spread: Stage) -> None:
    allocations = [
        gateway["AllocationId"] for gateway in spread.properties("AWS::EC2::NatGateway").values()
    ]

    assert "eipalloc-0123456789abcdef0" in allocations
    assert len(spread.resources("AWS::EC2::EIP")) == 3


def test_no_subnet_hands_out_public_addresses_and_none_overlap(spread: Stage) -> None:
    subnets = spread.properties("AWS::EC2::Subnet").values()

    blocks = [subnet["CidrBlock"] for subnet in subnets]

    assert len(blocks) == len(set(blocks)) == 6
    assert not any(subnet.get("MapPublicIpOnLaunch") for subnet in subnets)


def test_tables_and_buckets_are_reached_without_leaving_aws(prod: Stage) -> None:
    endpoints = prod.properties("AWS::EC2::VPCEndpoint").values()

    assert {endpoint["VpcEndpointType"] for endpoint in endpoints} == {"Gateway"}
    assert [len(endpoint["RouteTableIds"]) for endpoint in endpoints] == [2, 2]


def test_what_flows_through_the_network_is_recorded(prod: Stage) -> None:
    flow = prod.only("AWS::EC2::FlowLog")

    assert (flow["ResourceType"], flow["TrafficType"]) == ("VPC", "ALL")


def test_every_log_is_encrypted_by_our_key_and_ends(either: Stage) -> None:
    groups = either.properties("AWS::Logs::LogGroup").values()

    assert len(groups) > 3
    assert all("Operations" in json.dumps(group["KmsKeyId"]) for group in groups)
    assert all(group["RetentionInDays"] for group in groups)


def test_no_role_of_ours_goes_beyond_its_boundary(either: Stage) -> None:
    roles = either.properties("AWS::IAM::Role").values()

    assert len(roles) > 3
    assert all("Boundary" in json.dumps(role["PermissionsBoundary"]) for role in roles)


#: Where a statement may say "any resource", each with its reason in the code.
ANY_RESOURCE = {"Boundary", "KeysRecords", "KeysSecrets", "KeysOperations", "VaultWriter"}


def test_only_the_boundary_allows_any_action(either: Stage) -> None:
    wide = {
        name.split("/")[1][:8]
        for name, one in either.statements()
        if one["Effect"] == "Allow"
        and any(action.endswith("*") and action != "kms:*" for action in listed(one["Action"]))
    }

    assert wide == {"Boundary"}


def test_any_resource_is_said_where_the_code_says_why_and_nowhere_else(either: Stage) -> None:
    wide = {
        name.split("/")[1]
        for name, one in either.statements()
        if one["Effect"] == "Allow" and "*" in listed(one.get("Resource", []))
        if not name.startswith(("Compute/", "Desk-"))  # functions: test_access.py
    }

    assert {name[:-8] for name in wide} == ANY_RESOURCE


def test_what_others_look_up_is_published_by_name(prod: Stage) -> None:
    names = {one["Name"] for one in prod.properties("AWS::SSM::Parameter").values()}

    assert {"/atp/prod/tables-prefix", "/atp/prod/user-pool", "/atp/prod/bucket/lake"} <= names
    assert {"/atp/prod/writer-region", "/atp/prod/egress/shared"} <= names
