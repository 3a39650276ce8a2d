"""Deploy a synthesized stage: look whether it can be done, show what changes, ask, and do it.

The stacks first, then the files of the web client.

`python -m scripts.deploy --stage dev --assembly dist/cdk`; credentials are whatever AWS's own tools
find. Exit codes: 0 deployed, or nothing to be done; 1 it could not be; 2 nobody agreed.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from infra.config import BadConfiguration, Config, load
from scripts.pages import BUILT, CannotPublish, assets_of, published

#: The AWS CDK command line, pinned; version 3.0.0 does not know assemblies of our library yet.
CDK: Final = "aws-cdk@2.1148.1"
#: What `cdk bootstrap` leaves in an account and region, and what the assembly asks of it.
BOOTSTRAPPED: Final = "/cdk-bootstrap/hnb659fds/version"
NEEDED: Final = 6


class CannotDeploy(Exception):
    """Something is missing; the message says what to do about it."""


@dataclass(frozen=True)
class Ground:
    """The account and region a stage is deployed to, as AWS tells of them."""

    account: str
    region: str

    @classmethod
    def of(cls, config: Config, client: Callable[..., Any]) -> Ground:
        """Raises CannotDeploy; Any: clients of services whose stubs are not installed."""
        try:
            account = client("sts").get_caller_identity()["Account"]
        except (BotoCoreError, ClientError) as error:
            raise CannotDeploy(
                f"no credentials that AWS takes: {error}\n"
                "sign in first (aws sso login, or AWS_PROFILE), then do this again"
            ) from None
        ground = cls(account, config.region)
        try:
            ground.bootstrapped(client("ssm"))
            ground.roomy(config, client("lambda"))
        except (BotoCoreError, ClientError) as error:
            raise CannotDeploy(f"{account} cannot be looked at: {error}") from None
        return ground

    def bootstrapped(self, ssm: Any) -> None:
        """Whether there is where assets go, and who deploys; raises CannotDeploy."""
        there = 0
        with suppress(ssm.exceptions.ParameterNotFound):  # nobody prepared it
            there = int(ssm.get_parameter(Name=BOOTSTRAPPED)["Parameter"]["Value"])
        if there < NEEDED:
            raise CannotDeploy(
                f"{self.account} in {self.region} is prepared as of version {there}, {NEEDED} is "
                f"needed; once:\n  npx {CDK} bootstrap aws://{self.account}/{self.region}"
            )

    def roomy(self, config: Config, functions: Any) -> None:
        """Whether the account has the executions that are reserved; raises CannotDeploy."""
        limit = functions.get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
        if config.capacity.reserved and limit < config.capacity.account_limit:
            raise CannotDeploy(
                f"{self.account} may have {limit} executions at once, {config.stage} is made for "
                f"{config.capacity.account_limit}: have the quota raised, or set "
                "capacity.account_limit and capacity.at_once, or capacity.reserved = false"
            )


def cdk(assembly: Path, *arguments: str) -> int:
    """The AWS CDK command line, fetched by npm; what it says goes to the terminal."""
    command = ["npx", "--yes", CDK, *arguments, "--app", str(assembly)]
    return subprocess.run(command, check=False).returncode


def prepared(assembly: Path, built: Path) -> None:
    """Raises CannotDeploy where this machine lacks something."""
    if not (assembly / "manifest.json").exists():
        raise CannotDeploy(f"there is no assembly in {assembly}: make synth")
    if shutil.which("npx") is None:
        raise CannotDeploy("npx is missing: install Node 20 or later, with npm")
    if shutil.which("docker") is None:
        raise CannotDeploy("docker is missing: the watcher's image is built with it")
    try:
        list(assets_of(built))
    except CannotPublish as error:
        raise CannotDeploy(str(error)) from None


def agreed(stage: str) -> bool:
    """Whether whoever sits there wants it."""
    if not sys.stdin.isatty():
        print("nobody can be asked: --yes deploys without", file=sys.stderr)
        return False
    return input(f"deploy this to {stage}? [y/N] ").strip().lower() in ("y", "yes")


def deploy(
    config: Config,
    assembly: Path,
    client: Callable[..., Any],
    *,
    built: Path = BUILT,
    ask: bool = True,
) -> int:
    """Answers the exit code; raises CannotDeploy before anything was changed.

    CannotPublish: the stacks stand, and the desk shows what it did before.
    """
    prepared(assembly, built)
    ground = Ground.of(config, client)
    print(f"== {config.stage} in {ground.region}, account {ground.account}", flush=True)
    if cdk(assembly, "diff", "--all") != 0:
        raise CannotDeploy("what would change cannot be told")
    if ask and not agreed(config.stage):
        return 2
    # What changes was just shown and agreed to, rights included.
    if cdk(assembly, "deploy", "--all", "--require-approval", "never"):
        return 1
    print(f"== the desk is shown, page {published(config.stage, client, built)}", flush=True)
    return 0


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts.deploy", description="Deploy a stage.")
    parser.add_argument("--stage", default="dev")
    parser.add_argument("--assembly", type=Path, default=Path("dist/cdk"))
    parser.add_argument("--yes", action="store_true", help="do not ask")
    chosen = parser.parse_args(arguments)
    import boto3

    try:
        config = load(chosen.stage)
        session = boto3.Session(region_name=config.region)
        return deploy(config, chosen.assembly, session.client, ask=not chosen.yes)
    except (BadConfiguration, CannotDeploy, CannotPublish) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
