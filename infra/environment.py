"""What functions and the watcher are told of where things are (adapters/aws/settings.py)."""

from __future__ import annotations

import json

from aws_cdk import Aws

from adapters.aws.measured import NAMESPACE
from infra.config import Config
from infra.data import Data
from infra.foundation import Foundation
from infra.security import Security
from infra.tables import LANES


def environment(
    config: Config, security: Security, foundation: Foundation, data: Data, notices: str
) -> dict[str, str]:
    """What is the same wherever orders leave from; names and places, never a secret."""
    buckets, people = foundation.buckets, security.people
    told = {
        "STAGE": config.stage,
        "PREFIX": config.prefix,
        "INSTALL": f"{config.stage}-{Aws.ACCOUNT_ID}",
        "EVENTS_TABLE": f"{config.prefix}events",
        "LANES_TABLE": config.prefix + LANES,
        "ANSWERED_TABLE": f"{config.prefix}answered",
        "BUS": str(data.announcements.bus.name),
        "LAKE_BUCKET": buckets.lake.bucket_name,
        "DIGESTS_BUCKET": buckets.digests.bucket_name,
        "ARTIFACTS_BUCKET": buckets.artifacts.bucket_name,
        "VAULT_PATH": security.vault_path,
        "SEAL_SECRET": security.sealing.ref,
        "USER_POOL": people.pool.user_pool_id,
        "USER_POOL_CLIENT": people.client.user_pool_client_id,
        "NOTICES_TOPIC": notices,
        "WRITER_REGION": config.writer,
        "EDGE_MARK": security.mark,
        **_market(config),
        **_pages(config),
    }
    return {f"ATP_{name}": value for name, value in told.items()} | {
        "POWERTOOLS_METRICS_NAMESPACE": NAMESPACE,
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }


def _market(config: Config) -> dict[str, str]:
    """The account whose session reads prices; and the simulator, where a day is rehearsed."""
    told = {"MARKET_ACCOUNT": config.market_account} if config.market_account else {}
    if (rehearsed := config.rehearsed) is not None:
        told |= {
            "KITE_ROOT": rehearsed.kite_root,
            "KITE_LOGIN": rehearsed.kite_login,
            "KITE_WS": rehearsed.kite_ws,
            "PATIENCE": str(rehearsed.patience),
        }
        if rehearsed.rehearsal is not None:
            told["REHEARSAL"] = rehearsed.rehearsal
    return told


def _pages(config: Config) -> dict[str, str]:
    """Whose pages may call the API, where anybody's may."""
    origins = config.front.origins
    return {"ORIGINS": json.dumps(origins)} if origins else {}
