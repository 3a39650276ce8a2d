"""The data lake as Athena sees it: every event a row, a folder a day."""

from __future__ import annotations

from typing import Final

from aws_cdk import Aws
from aws_cdk import aws_athena as athena
from aws_cdk import aws_glue as glue
from constructs import Construct

from adapters.lake_form import COLUMNS, DAY, EVENTS
from infra.buckets import ANSWERS, Buckets
from infra.config import Config

#: The day of the first event there can be; Athena looks at no folder before it.
FIRST_DAY: Final = "2026-01-01"
#: What one query may read, in bytes: beyond it somebody forgot to name the days.
QUERY_BYTES: Final = 100 * 1024**3


class Lake(Construct):
    """The catalog's database and table, and the workgroup in which one asks."""

    def __init__(self, scope: Construct, config: Config, buckets: Buckets, key_arn: str) -> None:
        super().__init__(scope, "Lake")
        self.database_name = config.prefix.replace("-", "_") + "lake"
        self.database = glue.CfnDatabase(
            self,
            "Database",
            catalog_id=Aws.ACCOUNT_ID,
            database_input=glue.CfnDatabase.DatabaseInputProperty(
                name=self.database_name, description="Every event of the platform"
            ),
        )
        self.events = self._events(f"s3://{buckets.lake.bucket_name}/{EVENTS}")
        self.workgroup = self._workgroup(
            config, f"s3://{buckets.artifacts.bucket_name}/{ANSWERS}", key_arn
        )

    def _events(self, place: str) -> glue.CfnTable:
        table = glue.CfnTable(
            self,
            "Events",
            catalog_id=Aws.ACCOUNT_ID,
            database_name=self.database_name,
            table_input=glue.CfnTable.TableInputProperty(
                name="events",
                description="One row an event; body is JSON",
                table_type="EXTERNAL_TABLE",
                parameters=_days(place),
                partition_keys=[glue.CfnTable.ColumnProperty(name=DAY, type="date")],
                storage_descriptor=glue.CfnTable.StorageDescriptorProperty(
                    columns=[
                        glue.CfnTable.ColumnProperty(name=name, type=kind)
                        for name, kind in COLUMNS.items()
                    ],
                    location=place,
                    input_format="org.apache.hadoop.mapred.TextInputFormat",
                    output_format="org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
                    serde_info=glue.CfnTable.SerdeInfoProperty(
                        serialization_library="org.openx.data.jsonserde.JsonSerDe"
                    ),
                ),
            ),
        )
        table.add_resource_dependency(self.database)
        return table

    def _workgroup(self, config: Config, answers: str, key_arn: str) -> athena.CfnWorkGroup:
        return athena.CfnWorkGroup(
            self,
            "Workgroup",
            name=f"{config.prefix}lake",
            recursive_delete_option=not config.kept,
            work_group_configuration=athena.CfnWorkGroup.WorkGroupConfigurationProperty(
                enforce_work_group_configuration=True,
                publish_cloud_watch_metrics_enabled=True,
                bytes_scanned_cutoff_per_query=QUERY_BYTES,
                result_configuration=athena.CfnWorkGroup.ResultConfigurationProperty(
                    output_location=answers,
                    encryption_configuration=athena.CfnWorkGroup.EncryptionConfigurationProperty(
                        encryption_option="SSE_KMS", kms_key=key_arn
                    ),
                ),
            ),
        )


def _days(place: str) -> dict[str, str]:
    """Athena works the folders out from the day; no crawler has to find them."""
    return {
        "classification": "json",
        "EXTERNAL": "TRUE",
        "projection.enabled": "true",
        f"projection.{DAY}.type": "date",
        f"projection.{DAY}.format": "yyyy-MM-dd",
        f"projection.{DAY}.range": f"{FIRST_DAY},NOW+1DAYS",
        "storage.location.template": f"{place}{DAY}=${{{DAY}}}/",
    }
