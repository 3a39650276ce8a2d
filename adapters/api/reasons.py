"""What the codes of stages, skips, exits and alarms mean, and what can be done about each."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter
from starlette.responses import Response

from adapters.api.callers import Reading
from adapters.api.documents import Shown
from adapters.api.reading import answer
from projections.notice_words import (
    ALERTS,
    EXITS,
    PLANNED_EXITS,
    PLANNED_SKIPS,
    SKIPS,
    STAGES,
    Words,
)

router = APIRouter(prefix="/runs")


class WordsShown(Shown):
    """Both without a full stop; `do` is empty where nothing is to be done."""

    means: str
    do: str
    planned: bool


class ReasonsShown(Shown):
    """By code; `planned` ones follow from the schedule or a wish, and alarm nobody."""

    stages: dict[str, str]
    skips: dict[str, WordsShown]
    exits: dict[str, WordsShown]
    alerts: dict[str, WordsShown]


@router.get("/reasons", response_model=ReasonsShown)
def reasons(_: Reading) -> Response:
    """The words for where a run stands, why it was not entered or was left, and what is wrong."""
    shown = ReasonsShown(
        stages={stage.value: word for stage, word in STAGES.items()},
        skips=_shown(SKIPS, PLANNED_SKIPS),
        exits=_shown(EXITS, PLANNED_EXITS),
        alerts=_shown(ALERTS, frozenset()),
    )
    return answer(shown.model_dump())


def _shown(words: Mapping[str, Words], planned: frozenset[str]) -> dict[str, WordsShown]:
    return {
        code: WordsShown(means=each.means, do=each.do, planned=code in planned)
        for code, each in words.items()
    }
