"""What became of a day on AWS: the simulator's ledger against the runs as they are stored."""

from __future__ import annotations

from adapters.brokers.paper.ledger import Judge
from domain.run import Run
from tests.adapters.aws.flows.cloud import Cloud
from tests.chaos.judge import Court
from tests.kill.judging import Case


def runs(cloud: Cloud) -> list[Run]:
    ids = sorted(s for s, _ in cloud.desk.source.heads() if s.startswith("RUN-"))
    return [cloud.desk.trading.load(run_id, Run) for run_id in ids]


def case_of(cloud: Cloud) -> Case:
    found, judge = runs(cloud), Judge(cloud.ledger)
    try:
        return Case(
            runs={run.id: run for run in found},
            events={run.id: cloud.desk.trading.history(run.id) for run in found},
            placed=tuple(judge.placed()),
            fills=tuple(judge.fills()),
            twice=tuple(judge.sent_twice()),
        )
    finally:
        judge.close()


def faults(cloud: Cloud) -> str:
    """What may never be, with everything that happened; empty after a good day."""
    case = case_of(cloud)
    wrong = [*Court(case=case, sent=tuple(cloud.sent), jumped=False).violations()]
    wrong += [f"the simulator could not answer: {fault!r}" for fault in cloud.kite.broken]
    if cloud.counts["faults"]:
        wrong.append(f"{cloud.counts['faults']} calls failed")
    return "\n".join([*wrong, *cloud.told, *cloud.place.alarms, case.told()]) if wrong else ""
