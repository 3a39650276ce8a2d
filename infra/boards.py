"""Dashboards: is trading well, is what it stands on well, and does the product serve its use."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from adapters.aws.measured import Name
from infra.availability import BUDGET
from infra.figures import MAXIMUM, Figures, in_session, reckoned
from infra.kpis import KPIS, Kpi
from infra.watches import DUE_TO_BROKER_MS, TRADED_AT
from infra.watches_beneath import ANSWER_MS

Widgets = Sequence[cloudwatch.IWidget]
WHOLE, HALF, THIRD = 24, 12, 8


class Boards(Construct):
    """`alarms` are shown by their states at the head of the first."""

    def __init__(
        self, scope: Construct, figures: Figures, alarms: Sequence[cloudwatch.IAlarm]
    ) -> None:
        super().__init__(scope, "Boards")
        self._figures = figures
        states = cloudwatch.AlarmStatusWidget(
            title="Alarms", alarms=list(alarms), width=WHOLE, height=6
        )
        self._board("trading", [[states], *self._trading()])
        self._board("platform", self._platform())
        self._board("product", self._product())

    def _board(self, name: str, rows: Sequence[Widgets]) -> None:
        cloudwatch.Dashboard(
            self,
            name.capitalize(),
            dashboard_name=self._figures.named(name),
            default_interval=Duration.days(1),
            widgets=[list(row) for row in rows],
        )

    def _trading(self) -> Sequence[Widgets]:
        ours = self._figures.ours
        return [
            [
                _graph(
                    "From due to broker, ms",
                    [ours(Name.DUE_TO_BROKER, each) for each in ("p50", "p99", MAXIMUM)],
                    bound=DUE_TO_BROKER_MS,
                ),
                _graph("Wait in the lane, ms", [ours(Name.LANE_WAIT, e) for e in ("p50", "p99")]),
                _graph("Schedule", [ours(Name.SCHEDULE_BEATS), ours(Name.SLOTS_PLANNED)]),
            ],
            [
                _graph("Runs", self._all("RunsOpened RunsEntered RunsSkipped RunsClosed")),
                _graph(
                    "Orders", self._all("SlicesReleased SlicesRejected SlicesUnsent SlicesUnknown")
                ),
                _graph(
                    "In danger",
                    self._all("UncoveredShorts ExitsBlocked SlicesLost DriftsFound SlotsMissed"),
                ),
            ],
            [
                _graph("Market hours: good minutes", [self._figures.good_minutes()], width=HALF),
                _graph("Bad minutes left of the month's", [self._budget_left()], width=HALF),
            ],
        ]

    def _all(self, names: str) -> Sequence[cloudwatch.Metric]:
        return [self._figures.ours(Name(name), minutes=5) for name in names.split()]

    def _budget_left(self) -> cloudwatch.MathExpression:
        """Over what is shown; minutes are kept for 15 days, the objective itself counts 30."""
        bad = f"IF({in_session('asked')}, IF(asked - FILL(failed, 0) >= 1, 0, 1), 0)"
        return reckoned(
            f"{BUDGET:.1f} - RUNNING_SUM({bad})",
            "minutes left",
            asked=self._figures.probe,
            failed=self._figures.api("5XXError", path="/health"),
        )

    def _platform(self) -> Sequence[Widgets]:
        figures = self._figures
        kinds = (("Errors", "Sum"), ("Throttles", "Sum"), ("Duration", "p95"))
        return [
            [
                _graph("Requests", [figures.api(n) for n in ("Count", "4XXError", "5XXError")]),
                _graph(
                    "Answers, ms",
                    [figures.api("Latency", each) for each in ("p50", "p95", "p99")],
                    bound=ANSWER_MS,
                ),
                _graph(
                    "Stopped at the wall, refused at the door",
                    [figures.stopped_at_the_wall, figures.refused_at_the_door],
                ),
            ],
            [
                _graph(
                    f"Functions: {name}",
                    [figures.function(label, name, how, 5) for label in figures.functions],
                )
                for name, how in kinds
            ],
            [
                _graph(
                    "Behind the stream, ms",
                    [figures.function(n, "IteratorAge", MAXIMUM) for n in ("projector", "reactor")],
                ),
                _graph(
                    "Set aside, behind, astray", self._all("StreamsParked HeadsBehind SlotsAstray")
                ),
                _graph(
                    "Work that could not be done",
                    [
                        figures.queue(one, "ApproximateNumberOfMessagesVisible")
                        for one in figures.dead_letters
                    ],
                ),
            ],
            [
                _graph("Tables: turned away", [figures.turned_away(t) for t in TABLES]),
                _graph(
                    "Tables: write units",
                    [figures.table(one, "ConsumedWriteCapacityUnits") for one in TABLES],
                ),
                _graph(
                    "Workflows and watchers",
                    [figures.workflow("orders", "ExecutionsFailed"), figures.watchers()],
                ),
            ],
        ]

    def _product(self) -> Sequence[Widgets]:
        figures, day = self._figures, 24 * 60
        volume = (Name.ORDERS_COMPLETE, Name.ORDERS_FAILED, Name.ORDERS_CANCELLED)
        return [
            [
                _graph("Order success, % (> 99.5)", [figures.order_success(TRADED_AT)], bound=99.5),
                _graph(
                    "Order volume, daily",
                    [figures.ours(one, minutes=day, broker=TRADED_AT) for one in volume],
                ),
                _graph(
                    "Turnover, ₹ daily",
                    [figures.ours(Name.TURNOVER, minutes=day, broker=TRADED_AT)],
                ),
            ],
            [self._asked(one) for one in KPIS[:3]],
            [self._asked(one) for one in KPIS[3:]],
        ]

    def _asked(self, kpi: Kpi) -> cloudwatch.IWidget:
        view = cloudwatch.LogQueryVisualizationType
        return cloudwatch.LogQueryWidget(
            title=f"{kpi.name} ({kpi.wanted})",
            log_group_names=[f"/aws/lambda/{self._figures.named('reactor')}"],
            query_lines=list(kpi.query),
            view=view.BAR if kpi.graph else view.TABLE,
            width=THIRD,
            height=6,
        )


TABLES = ("events", "lanes", "runs", "orders", "due_slots", "audit_logs")


def _graph(
    title: str,
    metrics: Sequence[cloudwatch.IMetric],
    *,
    bound: float | None = None,
    width: int = THIRD,
) -> cloudwatch.IWidget:
    lines = [cloudwatch.HorizontalAnnotation(value=bound, label="bound")] if bound else []
    return cloudwatch.GraphWidget(
        title=title, left=list(metrics), left_annotations=lines, width=width, height=6
    )
