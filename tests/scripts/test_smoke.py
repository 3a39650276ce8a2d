"""What a smoke test sees of a real server: one that is well, and ones that only seem to be."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from adapters.api.app import create_app
from adapters.api.context import Pulse
from adapters.api.desk import serve_desk
from domain.user import Role
from scripts.smoke import Visitor, main, well
from tests.adapters.api.practice import PASSWORD, Practice, ok
from tests.scripts.played_desk import built

EMAIL = "visitor@example.com"


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The application behind a real server on a free port."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


@pytest.fixture
def practice(tmp_path: Path) -> Practice:
    return Practice(tmp_path)


def looked_at(url: str, visitor: Visitor | None = None, **known: object) -> tuple[bool, list[str]]:
    told: list[str] = []
    found = well(url, visitor, patience_s=0, pause_s=0.01, say=told.append, **known)  # type: ignore[arg-type]  # a clock
    return found, told


def test_a_platform_that_is_well_is_told_so_line_by_line(practice: Practice) -> None:
    with served(practice.app) as url:
        found, told = looked_at(url)

    assert found, told
    assert [each.partition(":")[0] for each in told] == [
        "healthy",
        "documented",
        "closed",
        "private",
    ]


def test_a_visitor_signs_in_with_a_code_and_looks_around(practice: Practice) -> None:
    person = practice.admit(EMAIL, Role.VIEWER)
    secret = ok(person.post("/auth/totp", {"password": PASSWORD}))["secret"]
    code = pyotp.TOTP(secret).at(practice.wall)
    assert person.post("/auth/totp/confirm", {"otp": code}).status_code == 204
    practice.wall += timedelta(minutes=1)

    with served(practice.app) as url:
        found, told = looked_at(url, Visitor(EMAIL, PASSWORD, secret), now=lambda: practice.wall)

    assert found, told
    assert told[-1] == "lived_in: a viewer looked around"


def test_a_visitor_who_may_trade_is_none(practice: Practice) -> None:
    practice.admit(EMAIL, Role.TRADER)

    with served(practice.app) as url:
        found, told = looked_at(url, Visitor(EMAIL, PASSWORD))

    assert not found
    assert "roles" in told[0]


def test_a_schedule_that_stands_still_is_not_well(practice: Practice) -> None:
    last = practice.clock.now() - timedelta(minutes=10)
    context = replace(practice.context(), pulse=lambda: Pulse(beat=last))

    with served(create_app(context)) as url:
        found, told = looked_at(url)

    assert (found, told) == (False, ["NOT well: Unwell: /health: 503, expected 200"])


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/baskets", Response("[]", 200)),
        ("/users/profile", JSONResponse({"message": "Unauthorized"}, 401)),
        ("/health", Response("<html>", 200)),
        ("/openapi.json", JSONResponse({}, 200)),
    ],
)
def test_a_platform_that_answers_otherwise_than_ours_is_not_well(
    practice: Practice, path: str, answer: Response
) -> None:
    app = practice.app

    @app.middleware("http")
    async def otherwise(request: Request, call_next: object) -> Response:
        return answer if request.url.path == path else await call_next(request)  # type: ignore[operator]  # as starlette calls it

    with served(app) as url:
        found, told = looked_at(url)

    assert not found
    assert told[0].startswith("NOT well")


def test_where_nobody_answers_it_says_so_and_ends(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"

        assert main([url, "--patience", "0"]) == 1

    assert "NOT well: ConnectError" in capsys.readouterr().out


def test_a_password_is_never_printed() -> None:
    assert PASSWORD not in repr(Visitor(EMAIL, PASSWORD, "JBSWY3DPEHPK3PXP"))


def test_the_desk_is_looked_at_with_all_that_its_page_asks_for(
    practice: Practice, tmp_path: Path
) -> None:
    serve_desk(practice.app, built(tmp_path / "desk", "a"))

    with served(practice.app) as url:
        found, told = looked_at(url, desk=True)

    assert found, told
    assert told[-1] == "shown: a page and 1 files"


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        ("assets/index-a.js", "/assets/index-a.js: 404"),
        ("index.html", "asks for no script"),
    ],
)
def test_a_desk_that_would_stay_blank_is_not_well(
    practice: Practice, tmp_path: Path, spoilt: str, said: str
) -> None:
    folder = built(tmp_path / "desk", "a")
    (folder / spoilt).unlink()
    if spoilt == "index.html":
        (folder / spoilt).write_text("<p>Soon</p>")
    serve_desk(practice.app, folder)

    with served(practice.app) as url:
        found, told = looked_at(url, desk=True)

    assert not found
    assert said in told[0]


def test_where_no_desk_is_shown_it_is_missed(practice: Practice) -> None:
    with served(practice.app) as url:
        found, _ = looked_at(url, desk=True)

    assert not found
