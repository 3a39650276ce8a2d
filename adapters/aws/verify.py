"""`python -m adapters.aws.verify --stage dev`: recompute every chain from the event table.

For an auditor who may read tables and digests; ends with 1 and names the first event that was
altered, removed or cut off.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError

from adapters.aws.deployed import settings_of
from adapters.aws.digests import examined_digests
from adapters.aws.platform import AwsPlatform, open_platform
from adapters.aws.settings import NotConfigured
from projections.verify import Report, verify


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="adapters.aws.verify", description=__doc__)
    parser.add_argument("--stage", required=True)
    try:
        report = verified(open_platform(settings_of(parser.parse_args(arguments).stage)))
    except (NotConfigured, BotoCoreError, ClientError) as error:
        print(f"the log could not be read: {error}", file=sys.stderr)
        return 2
    told = {
        "sound": report.sound,
        "first": report.first,
        "streams": report.streams,
        "events": report.events,
        "unaudited": report.unaudited,
        "faults": [*map(str, report.findings), *report.seal_faults],
    }
    print(json.dumps(told, indent=2))
    return 0 if report.sound else 1


def verified(aws: AwsPlatform) -> Report:
    """What the whole log comes to, against audit rows and seals."""
    seals, faults = examined_digests(aws)
    *_, report = verify(aws.source, aws.tables, seals, faults)
    return report


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
