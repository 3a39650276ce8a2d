"""The bucket of the web client's files, and that of the edge's log."""

from __future__ import annotations

from typing import Any, Final

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.buckets import PAGES, Buckets
from infra.config import Config
from infra.front import PAGES_KEPT_DAYS
from infra.reasons import accept

KEPT: Final = Duration.days(PAGES_KEPT_DAYS)
LOGGED: Final = Duration.days(400)


class PageFiles(Construct):
    """Under S3's own key: the files are shown to everybody who asks, and no key of ours need be
    opened to the edge for them.
    """

    def __init__(self, scope: Construct, config: Config, buckets: Buckets) -> None:
        super().__init__(scope, "Files")
        self._config, self._buckets = config, buckets
        logged = s3.Bucket.from_bucket_name(self, "Accesses", buckets.access_logs.bucket_name)
        self.files = self._bucket(
            PAGES,
            s3.LifecycleRule(id="old-versions", noncurrent_version_expiration=KEPT),
            server_access_logs_bucket=logged,
            server_access_logs_prefix=f"{PAGES}/",
        )

    def log(self) -> s3.Bucket:
        """Where the edge writes down who asked what; it does so by a grant on the bucket."""
        bucket = self._bucket(
            "desk-log",
            s3.LifecycleRule(id="expire", expiration=LOGGED, noncurrent_version_expiration=KEPT),
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,
        )
        accept(bucket, "Logging the writing of access logs would not end", "AwsSolutions-S1")
        return bucket

    # Any: named arguments of one constructor, each of its own type.
    def _bucket(self, name: str, rule: s3.LifecycleRule, **others: Any) -> s3.Bucket:
        unfinished = s3.LifecycleRule(
            id="unfinished", abort_incomplete_multipart_upload_after=Duration.days(7)
        )
        told = {
            "object_ownership": s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            "removal_policy": RemovalPolicy.RETAIN if self._config.kept else RemovalPolicy.DESTROY,
            **others,
        }
        return s3.Bucket(
            self,
            name.title().replace("-", ""),
            bucket_name=self._buckets.named(name),
            versioned=True,
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            lifecycle_rules=[unfinished, rule],
            **told,
        )
