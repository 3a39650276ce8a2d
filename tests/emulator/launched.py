"""Runs in the emulator's own process: starts it, set right where it differs from AWS and matters.

Called with the folder that MiniStack is installed in.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from typing import Any

# Any: the emulator's own code, which is not installed beside ours.


def tell_names_of_users(cognito: Any) -> None:
    """Who signs in by an alias, AWS tells by their own name (USER_ID_FOR_SRP)."""
    told = cognito._password_auth_result

    def by_name(pool: Any, pid: str, cid: str, user: Any, _: str, **more: Any) -> Any:
        return told(pool, pid, cid, user, user["Username"], **more)

    cognito._password_auth_result = by_name


def give_each_its_folder(runtime: Any) -> None:
    """Every process of a function has a /tmp of its own."""
    known = runtime.execution_credentials

    def told(config: Any) -> dict[str, str]:
        return {**known(config), "TMPDIR": tempfile.mkdtemp(prefix="execution-")}

    runtime.execution_credentials = told


def stop_the_clock(scheduler: Any) -> None:
    """Schedules are kept by the tests, in the time that is rehearsed."""
    scheduler.start_scheduler = lambda: None


def main(folder: str) -> None:
    sys.path.insert(0, folder)
    tell_names_of_users(importlib.import_module("ministack.services.cognito"))
    give_each_its_folder(importlib.import_module("ministack.core.lambda_runtime"))
    stop_the_clock(importlib.import_module("ministack.services.scheduler"))
    importlib.import_module("ministack.app").main()


if __name__ == "__main__":
    place = sys.argv.pop()
    del sys.path[0]  # ours; functions find what is in their bundles
    main(place)
