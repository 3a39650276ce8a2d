"""What the product is judged by: each figure with its formula, over what events told.

Users and strategies are counted distinctly, from the lines in which the reactor measures, so that
no record that was delivered twice counts twice. Days are UTC: a trading day lies within one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Kpi:
    """One figure, what the PRD wants of it, and the query of the reactor's log that answers it."""

    name: str
    wanted: str
    query: tuple[str, ...]
    graph: bool = False


KPIS: Final = (
    Kpi(
        "Active users, daily",
        "trend",
        (
            "filter ispresent(active_user)",
            "stats count_distinct(active_user) as users by bin(1d)",
        ),
        graph=True,
    ),
    Kpi(
        "Deployment success, % of strategies",
        "> 95",
        (
            "filter ispresent(deployed_ms) or ispresent(refused_ms)",
            "stats max(deployed_ms) as deployed by strategy_id",
            "stats 100 * count(deployed) / count(*) as success, count(*) as strategies",
        ),
    ),
    Kpi(
        "Deployment time, minutes from draft to first activation",
        "< 2",
        (
            "filter ispresent(drafted_ms) or ispresent(deployed_ms)",
            "stats min(drafted_ms) as began, min(deployed_ms) as ended by strategy_id",
            "filter ispresent(began) and ispresent(ended)",
            "fields (ended - began) / 60000 as minutes",
            "stats pct(minutes, 50) as median, pct(minutes, 95) as p95, count(*) as strategies",
        ),
    ),
    Kpi(
        "Onboarding, % of registered users that are ready to trade",
        "> 90",
        (
            "filter ispresent(registered_ms) or ispresent(ready_ms)",
            "stats min(registered_ms) as began, min(ready_ms) as ended by user_id",
            "filter ispresent(began)",
            "stats 100 * count(ended) / count(began) as completed, count(began) as registered",
        ),
    ),
    Kpi(
        "Onboarding time, minutes from registration to ready",
        "< 10",
        (
            "filter ispresent(registered_ms) or ispresent(ready_ms)",
            "stats min(registered_ms) as began, min(ready_ms) as ended by user_id",
            "filter ispresent(began) and ispresent(ended)",
            "fields (ended - began) / 60000 as minutes",
            "stats pct(minutes, 50) as median, pct(minutes, 95) as p95, count(*) as users",
        ),
    ),
)
