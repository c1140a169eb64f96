"""The quality site behind the same sign-in: its files as they are, under one address."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from orchestration.web.asking import SignedIn
from orchestration.web.pages import NotHereError, settings_of

router = APIRouter()
SITE = "site"
# Of a page without a policy of its own: it runs no script.
SITE_POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " font-src 'self'; base-uri 'none'; form-action 'none'"
)
# The site's pages lock their script by its hash, in a policy near the top of the page.
OWN_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">')
TOP_BYTES = 4096


@router.get("/quality/{path:path}")
def quality_site(request: Request, visitor: SignedIn, path: str) -> Response:
    """One file of the site."""
    site = (settings_of(request).quality / SITE).resolve()
    found = (site / (path or "index.html")).resolve()
    if found.is_dir():
        found /= "index.html"
    if not found.is_relative_to(site) or not found.is_file():
        raise NotHereError("The quality site has no such page. A load builds it.")
    policy = f"{_policy_of(found)}; frame-ancestors 'none'"
    headers = {"Content-Security-Policy": policy, "Cache-Control": "private, no-cache"}
    return FileResponse(found, headers=headers)


def _policy_of(path: Path) -> str:
    """The policy that a page of the site declares, for its header; the strictest without one."""
    if path.suffix != ".html":
        return SITE_POLICY
    with path.open("rb") as file:
        top = file.read(TOP_BYTES).decode("utf-8", "replace")
    found = OWN_POLICY.search(top)
    return unescape(found[1]).rstrip("; ") if found else SITE_POLICY
