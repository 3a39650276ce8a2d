"""The data stack: tables, the lake's catalog, the bus of executions, backups, and who may audit."""

from __future__ import annotations

from aws_cdk import Environment, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.announcements import Announcements
from infra.auditors import Auditors
from infra.backups import Backups
from infra.config import Config
from infra.foundation import Foundation
from infra.lake import Lake
from infra.security import Security
from infra.tables import Tables


class Data(Stack):
    """Everything that is kept, and what is announced of it."""

    def __init__(
        self,
        scope: Construct,
        config: Config,
        env: Environment,
        security: Security,
        foundation: Foundation,
    ) -> None:
        super().__init__(
            scope,
            "Data",
            stack_name=f"{config.prefix}data",
            env=env,
            description="Events, views, the lake's catalog, announcements and backups",
            termination_protection=config.kept,
        )
        iam.PermissionsBoundary.of(self).apply(foundation.boundary)
        records = security.keys.records
        self.tables = Tables(self, config, records)
        self.lake = Lake(self, config, foundation.buckets, records.key_arn)
        self.announcements = Announcements(self, config, security.keys.operations)
        self.backups = Backups(self, config, records, self.tables)
        self.auditors = Auditors(self, security.people, foundation.buckets, self.lake, records)
