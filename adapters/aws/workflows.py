"""The order workflow: a state machine that only calls `follow(run)` again until the run ends."""

from __future__ import annotations

import json
import re
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

#: What the name of an execution may be.
LONGEST: Final = 80
STRANGE: Final = re.compile(r"[^A-Za-z0-9_-]")


class OrderWorkflow:
    """Started once for each run and day, however often that is asked."""

    def __init__(self, client: SFNClient, arn: str) -> None:
        self._client = client
        self._arn = arn

    def start(self, run_id: str, day: date) -> bool:
        """Have the run followed until it or the day ends; False where that is over already.

        Asked again while it goes on, the service answers as if it had begun just now.
        """
        asked = json.dumps({"run_id": run_id, "day": day.isoformat()})
        try:
            self._client.start_execution(
                stateMachineArn=self._arn, name=execution_name(run_id, day), input=asked
            )
        except self._client.exceptions.ExecutionAlreadyExists:
            return False
        return True


def execution_name(run_id: str, day: date) -> str:
    """One name for a run and day; long ones end in a digest."""
    name = STRANGE.sub("_", f"{day:%Y%m%d}-{run_id}")
    if len(name) <= LONGEST and name.endswith(run_id):
        return name
    digest = sha256(run_id.encode()).hexdigest()[:16]
    return f"{name[: LONGEST - len(digest) - 1]}-{digest}"
