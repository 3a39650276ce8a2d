"""`python -m adapters.aws.watcher`: the service of one desk, until it is told to end."""

from __future__ import annotations

import logging
import signal
from threading import Event

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.utils import copy_config_to_registered_loggers

from adapters.aws.platform import platform
from adapters.aws.watching import Watching

LOG = logging.getLogger("atp")


def main() -> None:
    """Watch until SIGTERM, as the service sends it before it replaces a task."""
    over = Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: over.set())
    copy_config_to_registered_loggers(Logger(service="watcher"), include={"atp"})
    watching = Watching(platform())
    watching.start()
    LOG.info("watching")
    over.wait()
    watching.stop()


if __name__ == "__main__":
    main()
