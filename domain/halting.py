"""A run in whose contracts the broker and the platform differ: no new risk, all else goes on."""

from __future__ import annotations

from typing import Final

from domain.run import Run
from domain.run_terms import Stage

#: The alarm that stands as long as that lasts.
HALT_ALERT: Final = "HALTED"


def halt(run: Run, why: str) -> None:
    """An entry under way is undone; what is held is watched and left as before."""
    if run.stage.ended:
        return
    if HALT_ALERT not in run.alerts:
        run.alert(HALT_ALERT, why)
    if run.stage is Stage.ENTERING:
        run.request_exit("DRIFT", why)


def lift_halt(run: Run) -> None:
    """They agree again, or the trader has said why not."""
    if not run.stage.ended:
        run.clear_alert(HALT_ALERT)
