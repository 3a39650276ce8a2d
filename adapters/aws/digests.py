"""Seals in a bucket under Object Lock, beside the public key they are verified with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from adapters.sealed_before import key_text
from adapters.sealing import WITNESS, examined
from projections.verify import Seal

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from adapters.aws.platform import AwsPlatform

SEALS: Final = "seals/"
PUBLIC: Final = "seal.pub"
#: What S3 answers where there is such an object already, or somebody is just writing it.
TAKEN: Final = frozenset(("PreconditionFailed", "ConditionalRequestConflict"))
MISSING: Final = frozenset(("NoSuchKey", "404"))


class S3Seals:
    """One numbered object each; the bucket refuses to let one be replaced."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket
        self._texts: dict[int, bytes] = {}

    def numbers(self) -> list[int]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=SEALS
        )
        keys = (each["Key"] for page in pages for each in page.get("Contents", []))
        return sorted(int(key.removeprefix(SEALS).removesuffix(".json")) for key in keys)

    def text(self, number: int) -> bytes:
        """As it is there: a forged version of it does not have the signature."""
        if number not in self._texts:
            self._texts[number] = self._read(_key(number))
        return self._texts[number]

    def add(self, number: int, text: bytes) -> bool:
        """Keep a seal; False where another has that number."""
        return self._write(_key(number), text)

    def publish(self, public: Ed25519PublicKey) -> None:
        """Say which key verifies the seals; once said, it stays."""
        self._write(PUBLIC, key_text(public))

    def public(self) -> Ed25519PublicKey | None:
        """The key that verifies the seals; None before the first."""
        try:
            return Ed25519PublicKey.from_public_bytes(bytes.fromhex(self._read(PUBLIC).decode()))
        except ClientError as error:
            if _code(error) in MISSING:
                return None
            raise

    def _read(self, key: str) -> bytes:
        return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()

    def _write(self, key: str, content: bytes) -> bool:
        try:
            # Locked buckets take nothing without a checksum, which the client adds.
            self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=content,
                IfNoneMatch="*",
                ChecksumAlgorithm="SHA256",
            )
        except ClientError as error:
            if _code(error) in TAKEN:
                return False
            raise
        return True


def examined_digests(platform: AwsPlatform) -> tuple[Sequence[Seal], Sequence[str]]:
    """The good seals of the stage, and what is wrong with the others."""
    seals = S3Seals(platform.clients.s3, platform.settings.told("digests_bucket"))
    public, witness = seals.public(), platform.tables.recall(*WITNESS)
    if public is None:
        return (), () if witness is None else (f"{PUBLIC} is missing",)
    return examined(seals, public, witness)


def _key(number: int) -> str:
    return f"{SEALS}{number:08d}.json"


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
