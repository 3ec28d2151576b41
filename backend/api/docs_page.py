"""`/docs`: the endpoints for people to read, made from `/openapi.json` by files of our own, under a policy that allows
nothing else."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse

router = APIRouter(include_in_schema=False)

_FOLDER = Path(__file__).parent / "docs_files"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache"}


@router.get("/docs")
async def docs() -> FileResponse:
    """The page."""
    return FileResponse(_FOLDER / "docs.html", media_type="text/html", headers=_HEADERS)


@router.get("/docs/docs.js")
async def script() -> FileResponse:
    """What fills it."""
    return FileResponse(_FOLDER / "docs.js", media_type="text/javascript", headers=_HEADERS)


@router.get("/docs/docs.css")
async def style() -> FileResponse:
    """How it looks."""
    return FileResponse(_FOLDER / "docs.css", media_type="text/css", headers=_HEADERS)
