"""A stage deployed, looked at, and noted as released; or gone back from what is not well.

`python -m scripts.pipeline deploy --stage dev` and `promote --from dev --to prod`, which deploys
only what is released at the other stage. Exit codes: 0 released, 1 not, 2 nobody agreed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from infra.config import BadConfiguration, load
from scripts.release import CannotRelease, Releases, head
from scripts.smoke import Visitor, well

ADDRESS: Final = "/atp/{stage}/api"
DESK: Final = "/atp/{stage}/desk/address"


@dataclass(frozen=True)
class Pipeline:
    """One stage; Any: clients of services whose stubs are not installed."""

    stage: str
    client: Callable[[str], Any]
    deploy: Callable[[str], int]
    """Synthesizes and deploys the stage; answers the exit code."""
    look: Callable[[str], bool]
    """Whether the platform at this address is well."""
    look_at_desk: Callable[[str], bool]
    """Whether it is at this one, where the desk is shown as well."""

    @property
    def releases(self) -> Releases:
        return Releases(self.stage, self.client)

    def well(self) -> bool:
        """Both ways in, where their stack has noted that they are."""
        return self.look(self._noted(ADDRESS)) and self.look_at_desk(self._noted(DESK))

    def _noted(self, what: str) -> str:
        told = self.client("ssm").get_parameter(Name=what.format(stage=self.stage))
        return str(told["Parameter"]["Value"])

    def run(self, commit: str, at: datetime) -> int:
        """Deploy, look, and note the release; back to the one before where it is not well."""
        if (code := self.deploy(self.stage)) != 0:
            return code
        if self.well():
            self.releases.record(commit, at)
            print(f"== {commit[:12]} is released at {self.stage}")
            return 0
        try:
            before = self.releases.target()
        except CannotRelease as error:
            print(f"error: not well, and {error}", file=sys.stderr)
            return 1
        self.releases.go_back(before)
        print(f"error: not well; back to {before.commit[:12]} of {before.at}", file=sys.stderr)
        return 1


def promoted(source: Releases, commit: str) -> None:
    """Whether this commit is what is released there; raises CannotRelease."""
    known = source.known()
    if not known or known[0].commit != commit:
        there = known[0].commit[:12] if known else "nothing"
        raise CannotRelease(f"{source.stage} has released {there}, here is {commit[:12]}")


def made_and_deployed(stage: str) -> int:
    """As `make deploy` does, without asking: who promotes has agreed."""
    if code := subprocess.run(["make", "synth", f"STAGE={stage}"], check=False).returncode:
        return code
    command = [sys.executable, "-m", "scripts.deploy", "--stage", stage, "--yes"]
    return subprocess.run(command, check=False).returncode


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts.pipeline", description="Release a stage.")
    parser.add_argument("what", choices=("deploy", "promote"))
    parser.add_argument("--stage", "--to", default="dev", help="where to")
    parser.add_argument("--from", dest="source", default="dev", help="where it was released")
    asked = parser.parse_args(arguments)
    import boto3

    def client_of(stage: str) -> Callable[[str], Any]:
        session: Any = boto3.Session(region_name=load(stage).region)
        found: Callable[[str], Any] = session.client
        return found

    try:
        commit = head()
        if asked.what == "promote":
            promoted(Releases(asked.source, client_of(asked.source)), commit)
        pipeline = Pipeline(
            asked.stage,
            client_of(asked.stage),
            made_and_deployed,
            lambda address: well(address, Visitor.of_environment()),
            lambda address: well(address, Visitor.of_environment(), desk=True),
        )
        return pipeline.run(commit, datetime.now(UTC))
    except (BadConfiguration, CannotRelease, BotoCoreError, ClientError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
