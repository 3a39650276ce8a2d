"""One watcher stands behind each egress, and nothing starts a second."""

from __future__ import annotations

import json

from tests.infra.templates import Stage


def test_there_is_one_watcher_behind_each_egress_without_a_public_address(spread: Stage) -> None:
    services = spread.properties("AWS::ECS::Service").values()

    assert {one["ServiceName"] for one in services} == {
        f"atp-spread-watcher{desk}" for desk in ("", "-family-rao", "-desk")
    }
    for one in services:
        network = one["NetworkConfiguration"]["AwsvpcConfiguration"]
        assert network["AssignPublicIp"] == "DISABLED"
        assert all("Private" in json.dumps(subnet) for subnet in network["Subnets"])


def test_there_is_never_a_second_watcher_and_nothing_that_would_start_one(either: Stage) -> None:
    counts = {one["DesiredCount"] for one in either.properties("AWS::ECS::Service").values()}
    scaling = {
        resource["Type"]
        for template in either.stacks.values()
        for resource in template["Resources"].values()
        if "AutoScaling" in resource["Type"]
    }

    assert max(counts) <= 1
    assert scaling == set()


def test_a_watcher_that_does_not_come_up_is_taken_back(prod: Stage) -> None:
    service = prod.only("AWS::ECS::Service")

    deployment = service["DeploymentConfiguration"]
    assert deployment["DeploymentCircuitBreaker"] == {"Enable": True, "Rollback": True}
    assert (deployment["MinimumHealthyPercent"], deployment["MaximumPercent"]) == (100, 200)
    assert (service["LaunchType"], service["DesiredCount"]) == ("FARGATE", 1)


def test_the_watcher_can_write_to_nothing_but_its_scratch_folder(prod: Stage) -> None:
    task = prod.only("AWS::ECS::TaskDefinition")
    (watcher,) = task["ContainerDefinitions"]

    assert watcher["ReadonlyRootFilesystem"] is True
    assert [mount["ContainerPath"] for mount in watcher["MountPoints"]] == ["/tmp"]
    assert watcher["User"] == "65532"
    assert watcher["LogConfiguration"]["LogDriver"] == "awslogs"
    assert task["RuntimePlatform"]["CpuArchitecture"] == "ARM64"
    told = {one["Name"] for one in watcher["Environment"]}
    assert {"ATP_LANES_TABLE", "ATP_ORDER_WORKFLOW", "ATP_VAULT_PATH"} <= told


def test_what_happens_in_the_cluster_is_seen(prod: Stage) -> None:
    settings = prod.only("AWS::ECS::Cluster")["ClusterSettings"]

    assert settings == [{"Name": "containerInsights", "Value": "enabled"}]
