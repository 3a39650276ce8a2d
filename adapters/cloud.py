"""Clients of AWS services: bounded in time, and silent about what they carry."""

from __future__ import annotations

import logging
from typing import Any, Final, Literal

CONNECT_S: Final = 2
ANSWER_S: Final = 5
TRIES: Final = 3
#: At DEBUG these write whole requests and answers, and with them secrets and passwords.
TALKATIVE: Final = ("botocore", "boto3")


Name = Literal[
    "cognito-idp", "events", "s3", "secretsmanager", "sns", "sqs", "ssm", "stepfunctions", "sts"
]


def service(name: Name, *, region: str | None = None, endpoint: str | None = None) -> Any:
    """A boto3 client of this service; Any: each has a type of its own."""
    import boto3
    from botocore.config import Config

    hush()
    return boto3.client(
        name,
        region_name=region,
        endpoint_url=endpoint,
        config=Config(
            connect_timeout=CONNECT_S,
            read_timeout=ANSWER_S,
            retries={"mode": "standard", "max_attempts": TRIES},
        ),
    )


def hush() -> None:
    """Whatever the level of the platform's log, requests and answers do not go into it."""
    for name in TALKATIVE:
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.INFO))
