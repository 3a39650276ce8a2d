"""The desk's pages, as they are served beside the API."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from adapters.api.desk import serve_desk
from tests.adapters.api.practice import Practice, refused

PAGE = '<!doctype html><script type="module" src="/assets/desk-1a2b.js"></script>'


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "built"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(PAGE)
    (folder / "assets" / "desk-1a2b.js").write_text("export {};")
    return folder


@pytest.fixture
def client(practice: Practice, built: Path) -> TestClient:
    serve_desk(practice.app, built)
    return practice.anybody()


def test_the_page_may_run_and_load_nothing_but_our_own_files(client: TestClient) -> None:
    answer = client.get("/")

    policy = dict(
        each.strip().partition(" ")[::2]
        for each in answer.headers["content-security-policy"].split(";")
    )
    assert answer.text == PAGE
    assert (policy["default-src"], policy["script-src"]) == ("'none'", "'self'")
    assert (policy["style-src"], policy["connect-src"]) == ("'self'", "'self'")
    assert (policy["frame-ancestors"], policy["base-uri"]) == ("'none'", "'none'")
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_the_page_is_looked_at_anew_each_time(client: TestClient) -> None:
    assert client.get("/").headers["cache-control"] == "no-cache"


def test_files_named_by_their_content_never_change(client: TestClient) -> None:
    answer = client.get("/assets/desk-1a2b.js")

    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/assets/../index.html", "/assets/%2e%2e/index.html",
                                  "/assets/none.js", "/index.html"])  # fmt: skip
def test_no_other_file_is_served(client: TestClient, path: str) -> None:
    refused(client.get(path), 404, "no-such-path")


def test_the_api_stays_where_it_was(client: TestClient) -> None:
    refused(client.get("/baskets"), 401, "not-signed-in")


def test_nothing_is_there_where_the_desk_was_not_built(practice: Practice, tmp_path: Path) -> None:
    serve_desk(practice.app, tmp_path / "nowhere")

    refused(practice.anybody().get("/"), 404, "no-such-path")
