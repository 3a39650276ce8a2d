"""The desk: the pages of the web client, as `make up` builds them, served under `/`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fastapi import FastAPI
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

#: Where the build is.
BUILT: Final = Path(__file__).parents[2] / "web" / "dist"

#: Nothing but our own files, no script or style inside a page, and nobody may frame it.
POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


class Assets(StaticFiles):
    """Files named by their content: they never change."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def serve_desk(app: FastAPI, built: Path = BUILT) -> None:
    """Serve the pages in this folder; there is nothing at `/` where they were not built."""
    page = built / "index.html"
    if not page.is_file():
        return

    def desk() -> Response:
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
        return FileResponse(page, headers=headers)

    app.add_api_route("/", desk, methods=["GET", "HEAD"], include_in_schema=False)
    app.mount("/assets", Assets(directory=built / "assets"), name="assets")
