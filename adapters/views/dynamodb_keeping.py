"""How a table that the platform makes itself is kept: like those that its deployment made."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypedDict

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import SSESpecificationTypeDef, TagTypeDef

#: A table that was just made says for a while that it cannot be recovered yet.
TRIES: Final = 10
PAUSE_S: Final = 1.0


class AtBirth(TypedDict, total=False):
    """What is said when the table is created."""

    SSESpecification: SSESpecificationTypeDef
    Tags: list[TagTypeDef]


@dataclass(frozen=True, kw_only=True)
class Keeping:
    """The key it is encrypted with, so many days to any second of which it is recovered, tags."""

    key: str
    recovery_days: int = 35
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def at_birth(self) -> AtBirth:
        said: AtBirth = {
            "SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": self.key}
        }
        if self.tags:
            said["Tags"] = [{"Key": key, "Value": value} for key, value in self.tags.items()]
        return said

    def protect(self, client: DynamoDBClient, table: str) -> None:
        """Let the table be recovered; raises what the service raises if it will not be."""
        for left in reversed(range(TRIES)):
            try:
                client.update_continuous_backups(
                    TableName=table,
                    PointInTimeRecoverySpecification={
                        "PointInTimeRecoveryEnabled": True,
                        "RecoveryPeriodInDays": self.recovery_days,
                    },
                )
            except client.exceptions.ContinuousBackupsUnavailableException:
                if not left:
                    raise
                time.sleep(PAUSE_S)
            else:
                return
