"""An export as DynamoDB writes one to a bucket: manifests, and gzipped files of items."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import md5
from typing import Any

PREFIX = "events/AWSDynamoDB/01700000000000-abcdef01/"


def export(items: Sequence[Mapping[str, Any]], files: int = 2) -> dict[str, bytes]:
    """The objects of an export of these items, by key."""
    objects: dict[str, bytes] = {}
    manifest = []
    for number in range(files):
        some = items[number::files]
        packed = gzip.compress("".join(_line(item) for item in some).encode())
        key = f"{PREFIX}data/{number:026x}.json.gz"
        objects[key] = packed
        told = {
            "itemCount": len(some),
            "md5Checksum": b64encode(md5(packed, usedforsecurity=False).digest()).decode(),
            "etag": f"{number}-1",
            "dataFileS3Key": key,
        }
        manifest.append(json.dumps(told))
    objects[f"{PREFIX}manifest-files.json"] = "\n".join(manifest).encode()
    summary = {
        "version": "2020-06-30",
        "outputFormat": "DYNAMODB_JSON",
        "itemCount": len(items),
        "manifestFilesS3Key": f"{PREFIX}manifest-files.json",
    }
    objects[f"{PREFIX}manifest-summary.json"] = json.dumps(summary).encode()
    return objects


def _line(item: Mapping[str, Any]) -> str:
    return json.dumps({"Item": item}, default=lambda raw: b64encode(raw).decode()) + "\n"
