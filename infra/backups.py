"""Copies of the tables that outlive the tables; between them, recovery to any second of 35 days."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_backup as backup
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.config import Config
from infra.reasons import accept
from infra.tables import Tables

MANAGED = "service-role/AWSBackupServiceRolePolicyForBackup"


class Backups(Construct):
    """Every night after the market's day, and each month for a year."""

    def __init__(self, scope: Construct, config: Config, key: kms.IKey, tables: Tables) -> None:
        super().__init__(scope, "Backup")
        self._config = config
        self.vault = backup.BackupVault(
            self,
            "Vault",
            backup_vault_name=f"{config.prefix}tables",
            encryption_key=key,
            block_recovery_point_deletion=config.kept,
            removal_policy=RemovalPolicy.RETAIN if config.kept else RemovalPolicy.DESTROY,
        )
        kept = Duration.days(config.backups_kept_days)
        self.plan = backup.BackupPlan(
            self,
            "Plan",
            backup_plan_name=f"{config.prefix}tables",
            backup_vault=self.vault,
            backup_plan_rules=[
                self._rule("nightly", kept, hour="20", minute="30"),
                self._rule("monthly", Duration.days(366), hour="21", minute="30", day="1"),
            ],
        )
        self.plan.add_selection(
            "Tables",
            backup_selection_name=f"{config.prefix}tables",
            resources=[backup.BackupResource.from_dynamo_db_table(one) for one in tables.all],
            role=self._role(),
            disable_default_backup_policy=True,
        )

    def _rule(
        self, name: str, kept: Duration, *, hour: str, minute: str, day: str | None = None
    ) -> backup.BackupPlanRule:
        elsewhere = self._config.backup_copy_vault
        copies = [
            backup.BackupPlanCopyActionProps(
                destination_backup_vault=backup.BackupVault.from_backup_vault_arn(
                    self, f"Elsewhere-{name}", elsewhere
                ),
                delete_after=kept,
            )
            for elsewhere in ([elsewhere] if elsewhere else [])
        ]
        return backup.BackupPlanRule(
            rule_name=name,
            schedule_expression=events.Schedule.cron(hour=hour, minute=minute, day=day),  # UTC
            start_window=Duration.hours(1),
            completion_window=Duration.hours(4),
            delete_after=kept,
            copy_actions=copies,
        )

    def _role(self) -> iam.Role:
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("backup.amazonaws.com"),
            description="What AWS Backup needs to copy tables",
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(MANAGED)],
        )
        accept(
            role,
            "AWS keeps this policy in step with what AWS Backup calls; only that service is let in",
            f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{MANAGED}]",
        )
        return role
