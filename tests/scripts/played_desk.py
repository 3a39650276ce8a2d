"""Where the desk's files go in an account that moto plays, and builds of a desk to put there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from scripts.pages import PARAMETER, Desk

BUCKET = "atp-dev-desk"
ORIGIN = {
    "Id": "files",
    "DomainName": f"{BUCKET}.s3.amazonaws.com",
    "S3OriginConfig": {"OriginAccessIdentity": ""},
}
ASKED = {"TargetOriginId": "files", "ViewerProtocolPolicy": "https-only"}


# Any: clients of several services.
def laid_out(client: Callable[[str], Any]) -> Desk:
    """As the API's stack leaves it: a bucket with versions, a distribution, their names."""
    s3, edge = client("s3"), client("cloudfront")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-south-1"})
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    config = {
        "CallerReference": "desk",
        "Comment": "desk",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [ORIGIN]},
        "DefaultCacheBehavior": ASKED,
    }
    distribution = edge.create_distribution(DistributionConfig=config)["Distribution"]["Id"]
    for what, value in (("bucket", BUCKET), ("distribution", distribution)):
        name = PARAMETER.format(stage="dev", what=what)
        client("ssm").put_parameter(Name=name, Value=value, Type="String")
    return Desk(BUCKET, distribution, client)


def built(folder: Path, edition: str) -> Path:
    """A build whose script is named by its edition; its style is the same in each."""
    (folder / "assets").mkdir(parents=True)
    (folder / ".vite").mkdir()
    (folder / ".vite" / "manifest.json").write_text("{}")
    (folder / "assets" / f"index-{edition}.js").write_text(f"console.info('{edition}')")
    (folder / "assets" / "index-same.css").write_text("body {}")
    (folder / "index.html").write_text(f'<script src="/assets/index-{edition}.js"></script>')
    return folder
