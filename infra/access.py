"""What functions may do, in words of the platform: each word is a few actions on named things."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum, auto
from typing import Final

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from adapters.lake_form import EVENTS
from adapters.views.dynamodb import FIRST, REMEMBERED, SECOND
from infra.config import Config
from infra.data import Data
from infra.foundation import Foundation
from infra.keys import USES
from infra.reasons import accept, legible
from infra.security import Security
from infra.tables import LANES
from projections.catalogue import CATALOGUE

#: Where the broker's lists of contracts lie in the bucket of artifacts.
INSTRUMENTS: Final = "instruments/"
READS: Final = ("GetItem", "BatchGetItem", "Query")
ROWS: Final = ("PutItem", "DeleteItem")
PEOPLE: Final = (
    "AdminInitiateAuth",
    "AdminRespondToAuthChallenge",
    "AdminGetUser",
    "AdminCreateUser",
    "AdminSetUserPassword",
    "AdminSetUserMFAPreference",
    "AdminUserGlobalSignOut",
    "AdminAddUserToGroup",
    "AdminRemoveUserFromGroup",
    "AdminListGroupsForUser",
    "ListUsers",
)


class May(Enum):
    """What a function may do beyond writing its own log and trace."""

    READ_STREAMS = auto()
    APPEND = auto()
    SCAN_STREAMS = auto()
    SCAN_VIEWS = auto()
    READ_VIEWS = auto()
    PROJECT = auto()
    REMEMBER = auto()
    TAKE_PLACES = auto()
    ANSWER_ONCE = auto()
    READ_SECRETS = auto()
    KEEP_SECRETS = auto()
    READ_CONTRACTS = auto()
    KEEP_CONTRACTS = auto()
    READ_LAKE = auto()
    FEED_LAKE = auto()
    READ_SEALS = auto()
    SEAL = auto()
    ANNOUNCE = auto()
    KNOW_PEOPLE = auto()


#: Words about views: a policy's name, and the actions.
VIEWS: Final = {
    May.READ_VIEWS: ("ReadViews", *READS),
    May.SCAN_VIEWS: ("ScanViews", "Scan"),
    May.PROJECT: ("Project", *ROWS),
}


#: Words about objects: the bucket, what their names begin with, and the actions.
OBJECTS: Final = {
    May.READ_CONTRACTS: ("artifacts", INSTRUMENTS, ("GetObject",)),
    May.KEEP_CONTRACTS: ("artifacts", INSTRUMENTS, ("GetObject", "PutObject")),
    May.READ_LAKE: ("lake", EVENTS, ("GetObject",)),
    May.FEED_LAKE: ("lake", EVENTS, ("GetObject", "PutObject")),
    May.READ_SEALS: ("digests", "", ("GetObject",)),
    May.SEAL: ("digests", "", ("GetObject", "PutObject")),
}


class Access:
    """Turns words into statements; ARNs are spelt from names, so that stacks stay apart."""

    def __init__(
        self,
        scope: Construct,
        config: Config,
        security: Security,
        foundation: Foundation,
        data: Data,
    ) -> None:
        self.config = config
        self.security = security
        self.foundation = foundation
        self.data = data
        self._views = {word: self._of_views(scope, word) for word in VIEWS}

    def give(self, role: iam.Role, words: Iterable[May]) -> None:
        """Add what these words mean to a role."""
        chosen = frozenset(words)
        for word in May:  # in one order, whatever is asked: templates are the same every time
            if word in chosen:
                if word in self._views:
                    role.add_managed_policy(self._views[word])
                for statement in self._statements(word):
                    role.add_to_policy(statement)
        accept(
            role,
            "Objects are many: a day's events, lists of contracts, seals",
            *[
                f"AwsSolutions-IAM5[Resource::{legible(self._objects(word))}]"
                for word in OBJECTS
                if word in chosen
            ],
        )
        if May.KEEP_SECRETS in chosen:
            role.add_managed_policy(self.security.vault_writer)
        elif May.READ_SECRETS in chosen:
            role.add_managed_policy(self.security.vault_reader)
        role.add_to_policy(self._use_of("dynamodb", self.security.keys.records, USES))

    def _statements(self, word: May) -> Sequence[iam.PolicyStatement]:
        return [*self._of_tables(word), *self._of_buckets(word), *self._of_services(word)]

    def _of_views(self, scope: Construct, word: May) -> iam.ManagedPolicy:
        """One policy for all who read, or write, the views: their tables are many."""
        views = self._tables(*(m.name + turn for m in CATALOGUE for turn in (FIRST, SECOND)))
        indexes = [f"{view}/index/*" for view in views] if word is May.READ_VIEWS else []
        tables = [*views, *indexes, *self._tables(REMEMBERED)]
        policy = iam.ManagedPolicy(
            scope, VIEWS[word][0], statements=[_on_tables(VIEWS[word][1:], tables)]
        )
        accept(
            policy,
            "Every index of a view is asked",
            *[f"AwsSolutions-IAM5[Resource::{legible(one)}]" for one in indexes],
        )
        return policy

    def _of_tables(self, word: May) -> Sequence[iam.PolicyStatement]:
        events, remembered = self._tables("events"), self._tables(REMEMBERED)
        lanes, answered = self._tables(LANES), self._tables("answered")
        return {
            May.READ_STREAMS: [_on_tables(READS, events)],
            May.APPEND: [_on_tables((*READS, "PutItem"), events)],
            May.SCAN_STREAMS: [_on_tables(("Scan",), events)],
            May.REMEMBER: [_on_tables(ROWS, remembered)],
            May.TAKE_PLACES: [_on_tables(("GetItem", "PutItem"), lanes)],
            May.ANSWER_ONCE: [_on_tables(("GetItem", "UpdateItem", *ROWS), answered)],
        }.get(word, [])

    def _of_buckets(self, word: May) -> Sequence[iam.PolicyStatement]:
        """Some objects; and to be told that one is not there, rather than that one may not ask."""
        if word not in OBJECTS:
            return []
        bucket, prefix, actions = OBJECTS[word]
        buckets, records = self.foundation.buckets, self.security.keys.records
        listing = _allow(["s3:ListBucket"], [getattr(buckets, bucket).bucket_arn])
        if prefix:
            listing.add_condition("StringLike", {"s3:prefix": f"{prefix}*"})
        objects = _allow([f"s3:{action}" for action in actions], [self._objects(word)])
        using = self._use_of("s3", records, ["kms:Decrypt", "kms:GenerateDataKey"])
        return [listing, objects, using]

    def _objects(self, word: May) -> str:
        bucket, prefix, _ = OBJECTS[word]
        return self.foundation.buckets.within(bucket, f"{prefix}*")

    def _of_services(self, word: May) -> Sequence[iam.PolicyStatement]:
        bus = self._arn("events", f"event-bus/{self.data.announcements.bus.name}")
        pool = self.security.people.pool.user_pool_arn
        sealing, secrets = self.security.sealing.ref, self.security.keys.secrets
        return {
            May.SEAL: [
                _allow(["secretsmanager:GetSecretValue"], [sealing]),
                self._use_of("secretsmanager", secrets, ["kms:Decrypt"]),
            ],
            May.ANNOUNCE: [_allow(["events:PutEvents"], [bus])],
            May.KNOW_PEOPLE: [_allow([f"cognito-idp:{one}" for one in PEOPLE], [pool])],
        }.get(word, [])

    def _tables(self, *names: str) -> list[str]:
        return [self._arn("dynamodb", f"table/{self.config.prefix}{name}") for name in names]

    def _arn(self, service: str, resource: str) -> str:
        return f"arn:{Aws.PARTITION}:{service}:{Aws.REGION}:{Aws.ACCOUNT_ID}:{resource}"

    def _use_of(self, service: str, key: kms.IKey, actions: Sequence[str]) -> iam.PolicyStatement:
        """A key may be used through this service only, never by hand."""
        statement = _allow(actions, [key.key_arn])
        through = f"{service}.{Aws.REGION}.amazonaws.com"
        statement.add_condition("StringEquals", {"kms:ViaService": through})
        return statement


def _on_tables(actions: Iterable[str], tables: Sequence[str]) -> iam.PolicyStatement:
    return _allow([f"dynamodb:{action}" for action in actions], tables)


def _allow(actions: Sequence[str], resources: Sequence[str]) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=list(actions), resources=list(resources))
