"""What of a stage is released: noted once it was found well, and gone back to when it is not.

`python -m scripts.release list|record|rollback --stage prod`. A release is the version that each
function's alias calls, the task that each watcher runs, and the page that the desk shows. Going
back moves aliases, services and page, which takes seconds; tables, queues and rights stay as they
are. Exit codes: 0 done, 1 it could not be, 2 nobody agreed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from infra.config import BadConfiguration, load
from infra.functions import LIVE
from scripts.pages import Desk

#: Kept beside the stage's other parameters; SSM remembers the last hundred values.
PARAMETER: Final = "/atp/{stage}/release"
LONGEST: Final = 8_192


class CannotRelease(Exception):
    """Nothing was changed; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Release:
    """What runs: `functions` by name without the stage's prefix, `watchers` by service."""

    commit: str
    at: str
    functions: Mapping[str, str]
    watchers: Mapping[str, str]
    page: str | None = None
    """The page of the desk, by its content; None where there was no desk."""

    @property
    def text(self) -> str:
        return json.dumps(vars(self), sort_keys=True, separators=(",", ":"))

    def same_as(self, other: Release) -> bool:
        mine, theirs = (self.functions, self.watchers), (other.functions, other.watchers)
        return mine == theirs and self.page == other.page


@dataclass(frozen=True)
class Releases:
    """The releases of one stage; Any: clients of services whose stubs are not installed."""

    stage: str
    client: Callable[[str], Any]

    @property
    def prefix(self) -> str:
        return f"atp-{self.stage}-"

    def cluster(self, service: str) -> str:
        """Where a desk's watcher runs: `atp-dev-desk` or `atp-dev-desk-{egress}`."""
        return service.replace(f"{self.prefix}watcher", f"{self.prefix}desk", 1)

    def running(self, commit: str, at: datetime) -> Release:
        """What the aliases and services of the stage are at now; raises CannotRelease."""
        functions = dict(self._functions())
        if not functions:
            raise CannotRelease(f"no function of {self.stage} has an alias {LIVE}: deploy it first")
        return Release(
            commit=commit,
            at=at.isoformat(timespec="seconds"),
            functions=functions,
            watchers=dict(self._watchers()),
            page=desk.page() if (desk := Desk.of(self.stage, self.client)) else None,
        )

    def record(self, commit: str, at: datetime) -> Release:
        """Note what runs as a release that is well; what was noted last is not noted again."""
        found, known = self.running(commit, at), self.known()
        if known and known[0].same_as(found):
            return known[0]
        if len(found.text) > LONGEST:
            raise CannotRelease(f"a parameter holds {LONGEST} letters, a release {len(found.text)}")
        self.client("ssm").put_parameter(
            Name=PARAMETER.format(stage=self.stage),
            Value=found.text,
            Type="String",
            Tier="Intelligent-Tiering",
            Overwrite=True,
        )
        return found

    def known(self) -> list[Release]:
        """Releases that were found well, the newest first."""
        ssm, name = self.client("ssm"), PARAMETER.format(stage=self.stage)
        try:
            pages = ssm.get_paginator("get_parameter_history").paginate(Name=name)
            kept = [each for page in pages for each in page["Parameters"]]
        except ssm.exceptions.ParameterNotFound:
            return []
        kept.sort(key=lambda each: int(each["Version"]), reverse=True)
        return [Release(**json.loads(each["Value"])) for each in kept]

    def target(self, commit: str | None = None) -> Release:
        """The release before what runs, or that of a commit; raises CannotRelease."""
        now, known = self.running("", datetime.now(UTC)), self.known()
        # What runs was never found well, or is one of these: then only older ones are before it.
        place = next((n for n, each in enumerate(known, 1) if each.same_as(now)), 0)
        for each in known[place:] if commit is None else known:
            if commit in (None, each.commit):
                self._there(each)
                return each
        raise CannotRelease(f"{self.stage} has no release {commit or 'to go back to'}")

    def go_back(self, target: Release) -> None:
        """Let every alias and service be what it was in that release."""
        functions, ecs = self.client("lambda"), self.client("ecs")
        for name, version in target.functions.items():
            found = functions.get_alias(FunctionName=self.prefix + name, Name=LIVE)
            if found["FunctionVersion"] != version:
                functions.update_alias(
                    FunctionName=self.prefix + name,
                    Name=LIVE,
                    FunctionVersion=version,
                    RevisionId=found["RevisionId"],  # nobody else moves it meanwhile
                )
        for service, task in target.watchers.items():
            ecs.update_service(cluster=self.cluster(service), service=service, taskDefinition=task)
        self._show(target)

    def _show(self, target: Release) -> None:
        """The page last: an older page may ask of a newer API, as every open one does."""
        desk = Desk.of(self.stage, self.client)
        if desk is not None and target.page is not None and desk.page() != target.page:
            desk.go_back(target.page)

    def _there(self, target: Release) -> None:
        functions = self.client("lambda")
        for name, version in target.functions.items():
            try:
                functions.get_function_configuration(
                    FunctionName=self.prefix + name, Qualifier=version
                )
            except functions.exceptions.ResourceNotFoundException:
                raise CannotRelease(
                    f"version {version} of {name} is gone: deploy {target.commit} instead"
                ) from None
        desk = Desk.of(self.stage, self.client)
        if desk is not None and target.page is not None and not desk.has(target.page):
            raise CannotRelease(f"that page of the desk is gone: deploy {target.commit} instead")

    def _functions(self) -> Iterator[tuple[str, str]]:
        functions = self.client("lambda")
        for page in functions.get_paginator("list_functions").paginate():
            for each in page["Functions"]:
                name = each["FunctionName"]
                if name.startswith(self.prefix):
                    aliases = functions.list_aliases(FunctionName=name)["Aliases"]
                    for alias in (one for one in aliases if one["Name"] == LIVE):
                        yield name.removeprefix(self.prefix), alias["FunctionVersion"]

    def _watchers(self) -> Iterator[tuple[str, str]]:
        ecs = self.client("ecs")
        for page in ecs.get_paginator("list_clusters").paginate():
            for cluster in page["clusterArns"]:
                if cluster.rpartition("/")[2].startswith(f"{self.prefix}desk"):
                    yield from self._services(cluster)

    def _services(self, cluster: str) -> Iterator[tuple[str, str]]:
        ecs = self.client("ecs")
        for page in ecs.get_paginator("list_services").paginate(cluster=cluster):
            for arn in page["serviceArns"]:
                (found,) = ecs.describe_services(cluster=cluster, services=[arn])["services"]
                yield found["serviceName"], found["taskDefinition"]


def head() -> str:
    """The commit that is checked out; raises CannotRelease where it is not all of the tree."""
    if _git("status", "--porcelain", "--untracked-files=no"):
        raise CannotRelease("the tree holds what is not committed")
    return _git("rev-parse", "HEAD")


def _git(*arguments: str) -> str:
    told = subprocess.run(["git", *arguments], capture_output=True, text=True, check=True)
    return told.stdout.strip()


def agreed(question: str) -> bool:
    """Whether whoever sits there wants it."""
    if not sys.stdin.isatty():
        print("nobody can be asked: --yes does it without", file=sys.stderr)
        return False
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def roll_back(releases: Releases, commit: str | None, *, ask: bool) -> int:
    target = releases.target(commit)
    print(f"back to {target.commit[:12]} of {target.at}")
    now = releases.running("", datetime.now(UTC))
    for name, version in sorted(target.functions.items()):
        if (was := now.functions.get(name)) != version:
            print(f"  {name}: {was} -> {version}")
    if target.page not in (None, now.page):
        print(f"  page of the desk: {now.page} -> {target.page}")
    for name in sorted(now.functions.keys() - target.functions.keys()):
        print(f"  {name} was not there then, and stays at {now.functions[name]}")
    if ask and not agreed(f"roll {releases.stage} back?"):
        return 2
    releases.go_back(target)
    return 0


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts.release", description="What is released?")
    parser.add_argument("what", choices=("list", "record", "rollback"))
    parser.add_argument("--stage", default="dev")
    parser.add_argument("--commit", help="go back to the release of this one; the one before")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    asked = parser.parse_args(arguments)
    import boto3

    try:
        session: Any = boto3.Session(region_name=load(asked.stage).region)
        releases = Releases(asked.stage, session.client)
        if asked.what == "rollback":
            return roll_back(releases, asked.commit, ask=not asked.yes)
        if asked.what == "record":
            print(releases.record(head(), datetime.now(UTC)).text)
        for each in releases.known() if asked.what == "list" else ():
            print(f"{each.at} {each.commit}")
    except (BadConfiguration, CannotRelease, BotoCoreError, ClientError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
