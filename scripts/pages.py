"""The web client's files of a stage: put into its bucket, and the edge told of a new page.

`make deploy` does it once the stacks stand; `python -m scripts.pages --stage dev` does it alone.
Exit codes: 0 done, 1 it could not be.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from infra.config import BadConfiguration, load
from infra.front import PAGES_KEPT_DAYS

#: Where `scripts/web.sh` builds.
BUILT: Final = Path(__file__).parents[1] / "web" / "dist"
PARAMETER: Final = "/atp/{stage}/desk/{what}"
PAGE: Final = "index.html"
ASSETS: Final = "assets/"
#: A browser asks for the page each time, and for a file that is named by its content once.
ANEW, FOR_EVER = "no-cache", "public, max-age=31536000, immutable"
#: How long all edges take to hear of a page at most, and between two looks.
PATIENCE_S, PAUSE_S = 300.0, 3.0
#: What browsers are told not to guess.
KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}


class CannotPublish(Exception):
    """The page that is shown is still the one before; the message says why."""


@dataclass(frozen=True)
class Desk:
    """The web client of one stage; Any: clients of services whose stubs are not installed."""

    bucket: str
    distribution: str
    client: Callable[[str], Any]

    @classmethod
    def of(cls, stage: str, client: Callable[[str], Any]) -> Desk | None:
        """As its stack has noted it; None for a stage that has no such stack yet."""
        ssm = client("ssm")
        try:
            bucket, distribution = (
                ssm.get_parameter(Name=PARAMETER.format(stage=stage, what=what))["Parameter"]
                for what in ("bucket", "distribution")
            )
        except ssm.exceptions.ParameterNotFound:
            return None
        return cls(bucket["Value"], distribution["Value"], client)

    def publish(self, built: Path, now: datetime) -> str:
        """Show this build; answers its page. Raises CannotPublish before it begins.

        The page comes last: whoever is shown it finds all that it asks for.
        """
        assets = list(assets_of(built))
        for asset in assets:
            self._put(built, asset, FOR_EVER)
        made = self._put(built, PAGE, ANEW)
        self._tell(made["VersionId"])
        self._forget(set(assets), now - timedelta(days=PAGES_KEPT_DAYS))
        return named(made)

    def page(self) -> str | None:
        """The page that is shown, named by its content; None while there is none."""
        try:
            found = self.client("s3").head_object(Bucket=self.bucket, Key=PAGE)
        except ClientError as error:
            if _is_missing(error):
                return None
            raise
        return named(found)

    def has(self, page: str) -> bool:
        """Whether this page can still be shown."""
        return self._version(page) is not None

    def go_back(self, page: str) -> None:
        """Show this page again: its assets are there as long as it is. Raises CannotPublish."""
        version = self._version(page)
        if version is None:
            raise CannotPublish(f"the page {page} is gone")
        source = {"Bucket": self.bucket, "Key": PAGE, "VersionId": version}
        made = self.client("s3").copy_object(Bucket=self.bucket, Key=PAGE, CopySource=source)
        self._tell(made["VersionId"])

    def _version(self, page: str) -> str | None:
        found = self.client("s3").list_object_versions(Bucket=self.bucket, Prefix=PAGE)
        versions = (each for each in found.get("Versions", ()) if named(each) == page)
        return next((str(each["VersionId"]) for each in versions), None)

    def _put(self, built: Path, name: str, kept: str) -> Any:
        return self.client("s3").put_object(
            Bucket=self.bucket,
            Key=name,
            Body=(built / name).read_bytes(),
            ContentType=KINDS[Path(name).suffix],
            CacheControl=kept,
        )

    def _tell(self, version: str) -> None:
        """Every edge asks for the page anew; waits until all know."""
        edge = self.client("cloudfront")
        paths = ["/", f"/{PAGE}"]
        told = edge.create_invalidation(
            DistributionId=self.distribution,
            InvalidationBatch={
                "Paths": {"Quantity": len(paths), "Items": paths},
                "CallerReference": version,
            },
        )["Invalidation"]
        until = time.monotonic() + PATIENCE_S
        while told["Status"].lower() != "completed":
            if time.monotonic() > until:
                raise CannotPublish(f"an edge may show the page before: {told['Id']} goes on")
            time.sleep(PAUSE_S)
            asked = {"DistributionId": self.distribution, "Id": told["Id"]}
            told = edge.get_invalidation(**asked)["Invalidation"]

    def _forget(self, shown: set[str], since: datetime) -> None:
        """Take away what no deployment has shown since then: each writes all of its own anew."""
        s3 = self.client("s3")
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=ASSETS):
            for each in page.get("Contents", ()):
                if each["Key"] not in shown and each["LastModified"] < since:
                    s3.delete_object(Bucket=self.bucket, Key=each["Key"])


def assets_of(built: Path) -> Iterator[str]:
    """The assets of a build by their names; raises CannotPublish where it is none."""
    if not (built / PAGE).is_file():
        raise CannotPublish(f"there is no {PAGE} in {built}: bash scripts/web.sh")
    found = sorted(path for path in (built / ASSETS).rglob("*") if path.is_file())
    for path in found:
        if path.suffix not in KINDS:
            raise CannotPublish(f"what {path.name} is has to be said: KINDS in scripts/pages.py")
        yield path.relative_to(built).as_posix()


def named(page: Mapping[str, Any]) -> str:
    """A page by its content: shown again, it is the same."""
    return str(page["ETag"]).strip('"')


def _is_missing(error: ClientError) -> bool:
    return int(error.response["ResponseMetadata"]["HTTPStatusCode"]) == 404


def published(
    stage: str, client: Callable[[str], Any], built: Path = BUILT, now: datetime | None = None
) -> str:
    """The page, once everybody is shown it; raises CannotPublish."""
    desk = Desk.of(stage, client)
    if desk is None:
        raise CannotPublish(f"{stage} has no place for the desk: deploy its stacks first")
    try:
        return desk.publish(built, now or datetime.now(UTC))
    except (BotoCoreError, ClientError) as error:
        raise CannotPublish(f"the desk's files cannot be put in place: {error}") from None


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts.pages", description="Show the desk's new build.")
    parser.add_argument("--stage", default="dev")
    chosen = parser.parse_args(arguments)
    import boto3

    try:
        session: Any = boto3.Session(region_name=load(chosen.stage).region)
        page = published(chosen.stage, session.client)
    except (BadConfiguration, CannotPublish) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"== the desk of {chosen.stage} is shown, page {page}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
