"""A stage as an operator finds it: by the parameters that its deployment left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from adapters.aws.settings import AwsSettings, NotConfigured
from adapters.cloud import service

#: Parameters of the foundation, and what the functions know them as.
KNOWN_AS: Final = {
    "tables-prefix": "prefix",
    "writer-region": "writer_region",
    "user-pool": "user_pool",
    "user-pool-client": "user_pool_client",
    "vault-path": "vault_path",
    "bucket/lake": "lake_bucket",
    "bucket/artifacts": "artifacts_bucket",
    "bucket/digests": "digests_bucket",
}


def settings_of(stage: str) -> AwsSettings:
    """What functions of this stage are told, but for queues and workflow; raises NotConfigured."""
    account = service("sts").get_caller_identity()["Account"]
    told = {KNOWN_AS[name]: value for name, value in _parameters(stage) if name in KNOWN_AS}
    if missing := set(KNOWN_AS.values()) - told.keys():
        raise NotConfigured(f"/atp/{stage} does not name {', '.join(sorted(missing))}")
    prefix = told["prefix"]
    # Any: each parameter is text, and checked as the field that it becomes.
    found: Mapping[str, Any] = {
        "stage": stage,
        "install": f"{stage}-{account}",
        "events_table": f"{prefix}events",
        "lanes_table": f"{prefix}lanes",
        **told,
    }
    return AwsSettings(**found)


def _parameters(stage: str) -> list[tuple[str, str]]:
    path = f"/atp/{stage}/"
    pages = (
        service("ssm").get_paginator("get_parameters_by_path").paginate(Path=path, Recursive=True)
    )
    return [
        (each["Name"].removeprefix(path), each["Value"])
        for page in pages
        for each in page["Parameters"]
    ]
