"""`python -m adapters.aws.restore --stage STAGE …`: make a lost stage again, step by step.

    events --table NAME | --export s3://BUCKET/…/AWSDynamoDB/ID/    its events, into a new stage
    views [--share 1/4]                                             its views, by replay
    audit [--seals BUCKET]                                          its chains, against the seals
    people                                                          its users, into an empty pool
    compare                                                         its accounts, with their brokers
    release --reason … [--accept NAME]                              it may send again

For whoever may deploy the stage. Without --stage it is the one whose environment this is, as in a
watcher's task: there `compare` and `release` ask brokers from the address that they know.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from adapters.aws.deployed import settings_of
from adapters.aws.digests import S3Seals
from adapters.aws.exports import Export, RestoreFault, Spelt, scanned
from adapters.aws.gates import Gates
from adapters.aws.identity import identity_of
from adapters.aws.platform import AwsPlatform, open_platform
from adapters.aws.releasing import Restart
from adapters.aws.restoring import NewStage, Part, audited, complete, fill
from adapters.aws.settings import AwsSettings, NotConfigured
from adapters.identity.terms import AddressTaken, IdentityAway
from adapters.reconciling import StillHalted
from adapters.runtime import projector_of
from adapters.sealing import examined
from adapters.vault.vault import VaultError
from adapters.views.dynamodb import REMEMBERED
from domain.user import User, UserStatus
from projections.advance import Projector
from projections.tables import Source
from projections.users import USERS

#: Parts of the event table that are replayed side by side.
PARTS: Final = 16


def main(arguments: Sequence[str]) -> int:
    asked = parsed(arguments)
    try:
        aws = open_platform(settings_of(asked.stage) if asked.stage else AwsSettings())
        for line in told(aws, asked):
            print(line, flush=True)
    except (
        NotConfigured, RestoreFault, StillHalted, VaultError, IdentityAway, BotoCoreError,
        ClientError, OSError,
    ) as error:  # fmt: skip
        print(f"stopped: {error}", file=sys.stderr)
        return 1
    return 0


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="adapters.aws.restore",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--stage")
    steps = parser.add_subparsers(dest="step", required=True)
    events = steps.add_parser("events")
    source = events.add_mutually_exclusive_group(required=True)
    source.add_argument("--table")
    source.add_argument("--export")
    views = steps.add_parser("views")
    views.add_argument("--share", default="1/1", help="of several machines, each with its own")
    audit = steps.add_parser("audit")
    audit.add_argument("--seals", help="the bucket of digests; the stage's own unless named")
    steps.add_parser("people")
    steps.add_parser("compare")
    release = steps.add_parser("release")
    release.add_argument("--reason", required=True)
    release.add_argument("--accept", action="append", default=[])
    return parser.parse_args(arguments)


def told(aws: AwsPlatform, asked: argparse.Namespace) -> Iterator[str]:
    """Do the step, and say what came of it."""
    now = datetime.now(UTC)
    if asked.step == "events":
        named = asked.table or asked.export
        done = new_stage(aws).take(named, items_of(aws, asked), now)
        yield f"{done.events} events of {done.streams} streams; the newest of {done.newest}"
        yield "the stage is halted until every account was compared"
    elif asked.step == "views":
        yield from replayed(aws, asked.share)
    elif asked.step == "audit":
        yield from looked_through(aws, asked.seals)
    elif asked.step == "people":
        yield from let_in(aws)
    elif asked.step == "compare":
        for report in restart(aws).reports():
            wrong = [report.trouble] if report.trouble else report.names
            yield f"{report.account_id}: {'; '.join(wrong) or 'agrees'}"
        yield f"nobody is logged in, nothing is open: {', '.join(restart(aws).left_out()) or '-'}"
    else:
        again = restart(aws)
        record = again.release(again.reports(), asked.reason, now, asked.accept)
        yield record or "it was not halted"


def items_of(aws: AwsPlatform, asked: argparse.Namespace) -> Iterable[Spelt]:
    if asked.table:
        return scanned(aws.recorder.client, asked.table)
    bucket, _, prefix = asked.export.removeprefix("s3://").partition("/")
    return Export(client=aws.clients.s3, bucket=bucket, prefix=prefix).items()


def new_stage(aws: AwsPlatform) -> NewStage:
    client = aws.recorder.client
    return NewStage(
        client=client,
        events=aws.settings.events_table,
        tables=aws.tables,
        gates=Gates(client, aws.settings.prefix + REMEMBERED),
        halting=aws.halting,
    )


def replayed(aws: AwsPlatform, share: str) -> Iterator[str]:
    def projector(source: Source) -> Projector:
        return projector_of(aws.tables, source, aws.alarm)

    number, of = (int(each) for each in share.split("/"))
    parts = {part: Part(aws.recorder, part, PARTS) for part in range(number - 1, PARTS, of)}
    yield f"{fill(projector, aws.tables, parts)} events replayed"
    if of == 1:
        complete(projector(aws.source), aws.tables)
        yield "the views are complete"
    else:
        yield "when all have done their share: views, without --share, which completes them"


def looked_through(aws: AwsPlatform, bucket: str | None) -> Iterator[str]:
    kept = S3Seals(aws.clients.s3, bucket or aws.settings.told("digests_bucket"))
    public = kept.public()
    seals, faults = examined(kept, public, None) if public else ((), ())
    report = audited(aws.source, aws.tables, seals, faults)
    yield f"{report.streams} streams, {report.events} events, {len(seals)} seals"
    yield from map(str, (*report.findings, *report.seal_faults))


def let_in(aws: AwsPlatform) -> Iterator[str]:
    """Everybody who may sign in, with a one-time password each, where the pool was lost as well."""
    identity = identity_of(aws.settings, aws.clients.people, aws.vault)
    for head in aws.tables.live(USERS.shape).heads():
        user = aws.trading.load(head.stream, User)
        if user.status is not UserStatus.ACTIVE:
            continue
        try:
            admitted = identity.admit(user.email, lambda user_id=user.id: user_id)  # type: ignore[misc]  # bound at once
        except AddressTaken:
            yield f"{user.email} can sign in already"
            continue
        identity.assign(user.id, user.roles)
        yield f"{user.email} {admitted.one_time_password}"


def restart(aws: AwsPlatform) -> Restart:
    return Restart(
        trading=aws.trading,
        tables=aws.tables,
        halting=aws.halting,
        open_runs=aws.platform.runs.of_account,
        broker=aws.broker,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
