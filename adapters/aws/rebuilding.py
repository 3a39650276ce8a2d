"""Views filled anew from the event store while the stage is at work.

`python -m adapters.aws.rebuilding orders runs` rebuilds these; without names, those whose rows were
written by another edition of their code. It may be broken off and goes on when it is called again
with the same names. It takes longer than a function may: it runs as a task of the watcher's image
(`aws ecs run-task`, the command replaced), or wherever the stage's administrator is.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable, Sequence
from typing import Final

from adapters.aws.platform import AwsPlatform, open_platform
from adapters.aws.settings import AwsSettings
from adapters.runtime import projector_of
from adapters.views.dynamodb import DynamoDBTables
from adapters.views.dynamodb_keeping import Keeping
from projections.advance import AnyModel
from projections.catalogue import BY_NAME, CATALOGUE
from projections.replay import Progress, outdated, rebuild

LOG: Final = logging.getLogger("atp.rebuilding")


def keeping_of(settings: AwsSettings) -> Keeping:
    """How the stage keeps its tables: see infra/tables.py."""
    tags = {"atp:stage": settings.stage, "atp:made-by": "rebuild"}
    return Keeping(key=f"alias/{settings.prefix}records", tags=tags)


def rebuilt(
    platform: AwsPlatform, names: Sequence[str], told: Callable[[Progress], None]
) -> Sequence[str]:
    """Rebuild these views, or those that are outdated; answers which they were."""
    settings = platform.settings
    tables = DynamoDBTables(platform.recorder.client, settings.prefix, keeping_of(settings))
    models: Sequence[AnyModel] = [BY_NAME[name] for name in names] or outdated(CATALOGUE, tables)
    if models:
        projector = projector_of(tables, platform.source, platform.alarm)
        for progress in rebuild(models, projector, tables, platform.source):
            told(progress)
    return [model.name for model in models]


def main() -> None:
    """Says how far it is, chunk by chunk."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("names", nargs="*", choices=[[], *BY_NAME], metavar="view")
    names = asked.parse_args().names
    platform = open_platform(AwsSettings())
    done = rebuilt(platform, names, lambda each: print(f"{each.done:,} events", flush=True))
    print(f"rebuilt: {', '.join(done) or 'nothing was outdated'}")
    platform.close()


if __name__ == "__main__":
    main()
