"""Figures to watch: what is measured, of whom, over how long, and what is reckoned from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aws_cdk import Aws, Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from adapters.aws.measured import BROKER, NAMESPACE, STAGE, Name
from domain.market_facts import HOURS
from infra.api import STAGE as API_STAGE
from infra.config import Config
from infra.jobs import AT_DESK, CENTRAL, WORK
from infra.queues import FIFO

SUM, MAXIMUM = "Sum", "Maximum"
HEALTH: Final = "/health"
#: Where filters count what they find in logs.
LOGGED: Final = f"{NAMESPACE}/logs"
ERRORS, REFUSED = "errors", "refused"
#: Of the newest session's hours, in minutes of the day, UTC: 03:45 to 10:00.
SESSION: Final = max((row for row in HOURS if row.segment == "FNO"), key=lambda row: row.valid_from)


def _utc_minute(hour: int, minute: int) -> int:
    return hour * 60 + minute - 330  # India has kept one offset since 1945


OPENS: Final = _utc_minute(SESSION.open.hour, SESSION.open.minute)
CLOSES: Final = _utc_minute(SESSION.close.hour, SESSION.close.minute)


def in_session(figure: str) -> str:
    """Whether a point of this figure lies between open and close, Monday to Friday.

    Holidays are not known here: the schedule beats and health is asked for on them, too.
    """
    minute = f"(HOUR({figure})*60+MINUTE({figure}))"
    return f"(DAY({figure})<6 AND {minute}>={OPENS} AND {minute}<{CLOSES})"


@dataclass(frozen=True)
class Figures:
    """Every metric of one stage; names follow from the stage's, so that stacks stay apart.

    With a `family`, of what is behind that family's egress alone.
    """

    config: Config
    family: str | None = None

    # ── ours ──────────────────────────────────────────────────────────────────────────────

    def ours(
        self, name: Name, statistic: str = SUM, minutes: int = 1, broker: str | None = None
    ) -> cloudwatch.Metric:
        by_broker = {BROKER: broker} if broker else {}
        return cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=name.value,
            dimensions_map={STAGE: self.config.stage, **by_broker},
            statistic=statistic,
            period=Duration.minutes(minutes),
            label=f"{name.value} {broker}" if broker else name.value,
        )

    # ── AWS's ─────────────────────────────────────────────────────────────────────────────

    def aws(
        self,
        service: str,
        name: str,
        of: Mapping[str, str],
        statistic: str = SUM,
        minutes: int = 1,
        label: str | None = None,
    ) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=f"AWS/{service}",
            metric_name=name,
            dimensions_map=dict(of),
            statistic=statistic,
            period=Duration.minutes(minutes),
            label=label or name,
        )

    def function(
        self, label: str, name: str, statistic: str = SUM, minutes: int = 1
    ) -> cloudwatch.Metric:
        of = {"FunctionName": self.named(label)}
        return self.aws("Lambda", name, of, statistic, minutes, label=f"{label} {name}")

    def api(
        self, name: str, statistic: str = SUM, minutes: int = 1, path: str | None = None
    ) -> cloudwatch.Metric:
        of = {"ApiName": self.named("api"), "Stage": API_STAGE}
        one = {"Resource": path, "Method": "GET"} if path else {}
        return self.aws("ApiGateway", name, {**of, **one}, statistic, minutes)

    def queue(self, label: str, name: str, statistic: str = MAXIMUM) -> cloudwatch.Metric:
        of = {"QueueName": self.named(label)}
        return self.aws("SQS", name, of, statistic, label=f"{label} {name}")

    def table(self, table: str, name: str, operation: str | None = None) -> cloudwatch.Metric:
        by = {"Operation": operation} if operation else {}
        of = {"TableName": self.named(table), **by}
        return self.aws("DynamoDB", name, of, label=f"{table} {operation or name}")

    # ── reckoned ──────────────────────────────────────────────────────────────────────────

    @property
    def probe(self) -> cloudwatch.Metric:
        """How often health was asked for in a minute: at least once, day and night."""
        return self.api("Count", path=HEALTH)

    def good_minutes(self, otherwise: str | None = None) -> cloudwatch.MathExpression:
        """1 where health was answered in a minute of the session, 0 where not.

        Health fails where the schedule stands still, so this is both. `otherwise` is what minutes
        outside of the session count for; None: they do not count.
        """
        good = "IF(asked - FILL(failed, 0) >= 1, 1, 0)"
        rest = f", {otherwise}" if otherwise else ""
        return reckoned(
            f"IF({in_session('asked')}, {good}{rest})",
            "good minutes",
            asked=self.probe,
            failed=self.api("5XXError", path=HEALTH),
        )

    def order_success(self, broker: str) -> cloudwatch.MathExpression:
        """Of the orders that ended by themselves, how many % were complete, in a day."""
        day = 24 * 60
        done, lost = "FILL(complete, 0)", "FILL(failed, 0)"
        return reckoned(
            f"IF({done} + {lost} > 0, 100 * {done} / ({done} + {lost}), 100)",
            "order success, %",
            minutes=day,
            complete=self.ours(Name.ORDERS_COMPLETE, minutes=day, broker=broker),
            failed=self.ours(Name.ORDERS_FAILED, minutes=day, broker=broker),
        )

    @property
    def logged_errors(self) -> cloudwatch.Metric:
        """Lines of level ERROR and worse, of all functions."""
        return cloudwatch.Metric(
            namespace=LOGGED,
            metric_name=f"{self.config.prefix}{ERRORS}",
            statistic=SUM,
            period=Duration.minutes(5),
            label="errors logged",
        )

    @property
    def refused_at_the_door(self) -> cloudwatch.Metric:
        """Requests without a token, or without the right to what they asked for."""
        return cloudwatch.Metric(
            namespace=LOGGED,
            metric_name=f"{self.config.prefix}{REFUSED}",
            statistic=SUM,
            period=Duration.minutes(5),
            label="401 and 403",
        )

    @property
    def stopped_at_the_wall(self) -> cloudwatch.Metric:
        of = {"WebACL": self.named("api"), "Region": self.config.region, "Rule": "ALL"}
        return self.aws("WAFV2", "BlockedRequests", of, minutes=5)

    def workflow(self, label: str, *names: str) -> cloudwatch.MathExpression:
        """So many executions that ended so."""
        arn = f"arn:{Aws.PARTITION}:states:{Aws.REGION}:{Aws.ACCOUNT_ID}:stateMachine"
        of = {"StateMachineArn": f"{arn}:{self.named(label)}"}
        using = {f"m{n}": self.aws("States", name, of) for n, name in enumerate(names)}
        return over(using, " + ".join(f"FILL({one}, 0)" for one in using), f"{label} broken")

    def watchers(self, desk: str = "") -> cloudwatch.Metric:
        """Running tasks of the watcher of a desk; a family's ends in its egress: `-rao`."""
        label = f"watcher{desk}"
        of = {"ClusterName": self.named(f"desk{desk}"), "ServiceName": self.named(label)}
        return cloudwatch.Metric(
            namespace="ECS/ContainerInsights",
            metric_name="RunningTaskCount",
            dimensions_map=of,
            statistic=MAXIMUM,
            period=Duration.minutes(1),
            label=label,
        )

    def turned_away(self, table: str) -> cloudwatch.MathExpression:
        """Reads and writes beyond what the table gives at once."""
        reads, writes = f"reads_{table}", f"writes_{table}"
        using = {
            reads: self.table(table, "ReadThrottleEvents"),
            writes: self.table(table, "WriteThrottleEvents"),
        }
        return over(using, f"FILL({reads}, 0) + FILL({writes}, 0)", f"{table} turned away")

    # ── what there is ─────────────────────────────────────────────────────────────────────

    def named(self, label: str) -> str:
        return f"{self.config.prefix}{label}"

    @property
    def desk(self) -> str:
        """The end of the names of what is there once for each egress."""
        return f"-{self.family}" if self.family else ""

    @property
    def functions(self) -> tuple[str, ...]:
        at_desk = [f"{job.label}{self.desk}" for job in AT_DESK]
        central = [] if self.family else [job.label for job in CENTRAL]
        return (*central, *at_desk)

    @property
    def dead_letters(self) -> tuple[str, ...]:
        """Queues of what could not be done."""
        central = () if self.family else ("projector-dead", "reactor-dead", "woken-dead")
        work = [
            f"{name}{self.desk}-dead{FIFO if one.fifo else ''}" for name, (one, _) in WORK.items()
        ]
        return (*work, *central)


def reckoned(
    expression: str, label: str, minutes: int = 1, **using: cloudwatch.IMetric
) -> cloudwatch.MathExpression:
    """An expression over metrics by their short names."""
    return over(using, expression, label, minutes)


def over(
    using: Mapping[str, cloudwatch.IMetric], expression: str, label: str, minutes: int = 1
) -> cloudwatch.MathExpression:
    """The same, where the short names are made as well."""
    return cloudwatch.MathExpression(
        expression=expression,
        using_metrics=dict(using),
        label=label,
        period=Duration.minutes(minutes),
    )
