"""The API and the desk served by the test's own process, for what no platform at work would do."""

from __future__ import annotations

from threading import Thread
from typing import Final

import uvicorn
from fastapi import FastAPI

from adapters.api.desk import serve_desk
from bench.free_port import free_port
from tests.adapters.notify.stage import until
from tests.web.platform_at_work import PlatformAtWork

STARTED_WITHIN_S: Final = 20


class Served(PlatformAtWork):
    """An application at an address: what lies behind it belongs to the test."""

    def __init__(self, app: FastAPI, one_time_password: str = "") -> None:
        self.one_time_password = one_time_password
        serve_desk(app)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.server = uvicorn.Server(uvicorn.Config(app, port=self.port, log_level="warning"))
        self.thread = Thread(target=self.server.run)
        self.thread.start()
        until(lambda: self.server.started, STARTED_WITHIN_S)

    def stop(self) -> None:
        self.server.should_exit = self.server.force_exit = True
        self.thread.join(STARTED_WITHIN_S)
