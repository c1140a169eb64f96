"""The quality site and the documents behind the same sign-in: their files as they were built.

Each page runs the scripts that were built into it, and no other.
"""

from __future__ import annotations

import base64
import hashlib
import re
from html import unescape
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from interfaces.web.asking import SignedIn
from interfaces.web.pages import NotHereError, settings_of

router = APIRouter()
SITE, DOCUMENTS = "site", "docs"
# Of a page without a policy of its own: it runs no script.
SITE_POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " font-src 'self'; base-uri 'none'; form-action 'none'"
)
# The site's pages lock their script by its hash, in a policy near the top of the page.
OWN_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">')
TOP_BYTES = 4096
# The documents search in a worker, with an index that they fetch from here.
DOCUMENTS_POLICY = f"{SITE_POLICY}; connect-src 'self'; worker-src 'self'; script-src 'self'"
INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


@router.get("/quality/{path:path}")
def quality_site(request: Request, visitor: SignedIn, path: str) -> Response:
    """One file of the quality site."""
    found = _file(settings_of(request).quality / SITE, path)
    return _answer(found, _site_policy(found))


@router.get("/documents/{path:path}")
def documents(request: Request, visitor: SignedIn, path: str) -> Response:
    """One file of the documents, which `register docs` builds."""
    found = _file(settings_of(request).quality / DOCUMENTS, path)
    return _answer(found, _documents_policy(found))


def _file(folder: Path, path: str) -> Path:
    root = folder.resolve()
    found = (root / (path or "index.html")).resolve()
    if found.is_dir():
        found /= "index.html"
    if not found.is_relative_to(root) or not found.is_file():
        raise NotHereError("There is no such page. A load builds the site, register docs the rest.")
    return found


def _answer(found: Path, policy: str) -> Response:
    headers = {
        "Content-Security-Policy": f"{policy}; frame-ancestors 'none'",
        "Cache-Control": "private, no-cache",
    }
    return FileResponse(found, headers=headers)


def _site_policy(path: Path) -> str:
    """The policy that a page of the site declares, for its header; the strictest without one."""
    if path.suffix != ".html":
        return SITE_POLICY
    with path.open("rb") as file:
        top = file.read(TOP_BYTES).decode("utf-8", "replace")
    found = OWN_POLICY.search(top)
    return unescape(found[1]).rstrip("; ") if found else SITE_POLICY


def _documents_policy(path: Path) -> str:
    """The policy of a document: its own scripts are named by their hashes."""
    if path.suffix != ".html":
        return DOCUMENTS_POLICY
    scripts = INLINE_SCRIPT.findall(path.read_text(encoding="utf-8"))
    digests = (base64.b64encode(hashlib.sha256(each.encode()).digest()) for each in scripts)
    return " ".join([DOCUMENTS_POLICY, *(f"'sha256-{each.decode()}'" for each in digests)])
