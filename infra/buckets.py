"""The buckets: private, versioned, encrypted by our key, and reached by TLS only."""

from __future__ import annotations

from typing import Any

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.config import Config
from infra.reasons import accept

INFREQUENT, COLD = s3.StorageClass.INFREQUENT_ACCESS, s3.StorageClass.GLACIER_INSTANT_RETRIEVAL
#: Where Athena writes what was asked of the lake, in the bucket of artifacts.
ANSWERS = "athena/"
#: The bucket of the web client's files; it stands with its distribution, in another stack.
PAGES = "desk"


class Buckets(Construct):
    """The data lake, deployed artifacts and query results, exports, and audit digests."""

    def __init__(self, scope: Construct, config: Config, key: kms.IKey) -> None:
        super().__init__(scope, "Buckets")
        self._config, self._key = config, key
        self.access_logs = self._access_logs()
        self._let_log(PAGES)
        self.lake = self._bucket("lake", _colder(INFREQUENT, 90), _colder(COLD, 365), _old(90))
        self.artifacts = self._bucket(
            "artifacts",
            s3.LifecycleRule(id="answers", prefix=ANSWERS, expiration=Duration.days(30)),
            _old(30),
        )
        self.backups = self._bucket(
            "backups",
            s3.LifecycleRule(id="expire", expiration=Duration.days(config.backups_kept_days)),
            _old(7),
        )
        self.digests = self._bucket("digests", _colder(INFREQUENT, 90), locked=self._lock())

    def _lock(self) -> s3.ObjectLockRetention:
        """Nobody, root included, shortens it where the stage is to be kept."""
        kept = Duration.days(self._config.digests_kept_days)
        if self._config.kept:
            return s3.ObjectLockRetention.compliance(kept)
        return s3.ObjectLockRetention.governance(kept)

    def _bucket(
        self, name: str, *rules: s3.LifecycleRule, locked: s3.ObjectLockRetention | None = None
    ) -> s3.Bucket:
        return s3.Bucket(
            self,
            name.capitalize(),
            versioned=True,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=self._key,
            bucket_key_enabled=True,
            lifecycle_rules=[_unfinished(), *rules],
            object_lock_enabled=locked is not None,
            object_lock_default_retention=locked,
            server_access_logs_bucket=self.access_logs,
            server_access_logs_prefix=f"{name}/",
            # Athena and table exports may come by TLS 1.2; digests are touched by ourselves only.
            minimum_tls_version=1.3 if locked else 1.2,
            **self._closed(name),
        )

    def _access_logs(self) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            "AccessLogs",
            versioned=True,
            encryption=s3.BucketEncryption.S3_MANAGED,  # S3 writes access logs under no other key
            lifecycle_rules=[
                _unfinished(),
                s3.LifecycleRule(id="expire", expiration=Duration.days(400)),
                _old(30),
            ],
            minimum_tls_version=1.2,
            **self._closed("access-logs"),
        )
        accept(bucket, "Logging the writing of access logs would not end", "AwsSolutions-S1")
        return bucket

    def within(self, name: str, path: str) -> str:
        """The ARN of the objects under a path of a bucket, the same in every stack."""
        return f"arn:{Aws.PARTITION}:s3:::{self.named(name)}/{path}"

    def _let_log(self, name: str) -> None:
        """Accesses of a bucket that stands in another stack are logged here, too."""
        self.access_logs.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("logging.s3.amazonaws.com")],
                actions=["s3:PutObject"],
                resources=[self.access_logs.arn_for_objects(f"{name}/*")],
                conditions={
                    "ArnLike": {"aws:SourceArn": f"arn:{Aws.PARTITION}:s3:::{self.named(name)}"},
                    "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
                },
            )
        )

    def named(self, name: str) -> str:
        here = f"{Aws.ACCOUNT_ID}-{self._config.region}"  # a bucket's name is the world's
        return f"{self._config.prefix}{name}-{here}"

    # Any: these are named arguments of one constructor, each of its own type.
    def _closed(self, name: str) -> dict[str, Any]:
        return {
            "bucket_name": self.named(name),
            "block_public_access": s3.BlockPublicAccess.BLOCK_ALL,
            "object_ownership": s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            "enforce_ssl": True,
            "removal_policy": RemovalPolicy.RETAIN if self._config.kept else RemovalPolicy.DESTROY,
        }


def _colder(where: s3.StorageClass, days: int) -> s3.LifecycleRule:
    return s3.LifecycleRule(
        id=f"colder-after-{days}",
        transitions=[s3.Transition(storage_class=where, transition_after=Duration.days(days))],
    )


def _old(days: int) -> s3.LifecycleRule:
    return s3.LifecycleRule(id="old-versions", noncurrent_version_expiration=Duration.days(days))


def _unfinished() -> s3.LifecycleRule:
    return s3.LifecycleRule(
        id="unfinished", abort_incomplete_multipart_upload_after=Duration.days(7)
    )
