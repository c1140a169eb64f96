"""The quality site and the documents, served as built files to people who are signed in.

Each page may run only the scripts that were built into it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from html import unescape
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from interfaces.web.authorisation import SignedIn
from interfaces.web.delivery_views import list_own_deliveries
from interfaces.web.pages import NotFoundError, Visitor, get_settings
from register.settings import Settings

router = APIRouter()
SITE, DOCUMENTS = "site", "docs"
# Folders of the site with pages of rows of one area or of the nation, and of single deliveries.
ROWS, DELIVERIES = "rows", "deliveries"
# The name of a page of rows: the code of its area, and its number from the second page on.
ROWS_PAGE, NATION = re.compile(r"^([A-Za-z0-9]+)(-\d+)?\.html$"), "nation"
NO_PAGE = "There is no such page. A load builds the quality site, register docs the documents."
# The content policy for a page that declares none: no script may run.
SITE_POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " font-src 'self'; base-uri 'none'; form-action 'none'"
)
# Finds the policy that a page of the site declares near its top. This policy allows only the
# site's script, identified by its hash.
OWN_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">')
TOP_BYTES = 4096
# The documents' search runs in a web worker, which fetches the search index from this server.
DOCUMENTS_POLICY = f"{SITE_POLICY}; connect-src 'self'; worker-src 'self'; script-src 'self'"
INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


@router.get("/quality/{path:path}")
def show_quality_site(request: Request, visitor: SignedIn, path: str) -> Response:
    """Return a file of the quality site."""
    settings = get_settings(request)
    file = find_built_file(settings.quality / SITE, path)
    if not _may_read(settings, visitor, file.relative_to((settings.quality / SITE).resolve())):
        raise NotFoundError(NO_PAGE)
    return build_file_page(file, _read_site_policy(file))


@router.get("/documents/{path:path}")
def show_documents(request: Request, visitor: SignedIn, path: str) -> Response:
    """Return a file of the documentation, which `register docs` builds."""
    file = find_built_file(get_settings(request).quality / DOCUMENTS, path)
    return build_file_page(file, _build_documents_policy(file))


def find_built_file(folder: Path, path: str) -> Path:
    """Return a file of a folder with pages. Raises `NotFoundError` if it has none of this name."""
    root = folder.resolve()
    file = (root / (path or "index.html")).resolve()
    if file.is_dir():
        file /= "index.html"
    if not file.is_relative_to(root) or not file.is_file():
        raise NotFoundError(NO_PAGE)
    return file


def _may_read(settings: Settings, visitor: Visitor, page: Path) -> bool:
    """Return whether the visitor may read a page of the site.

    Pages of rows and of deliveries need a grant for their area. All other pages have figures.
    """
    if page.parts[0] == ROWS:
        match = ROWS_PAGE.match(page.name)
        code = match[1] if match else NATION
        return visitor.access.sees_area("exact", None if code == NATION else code)
    if page.parts[0] == DELIVERIES:
        own = {entry.delivery_id for entry in list_own_deliveries(settings, visitor, "exact")}
        return page.stem in own or visitor.access.sees_everything("exact")
    return True


def build_file_page(path: Path, policy: str) -> Response:
    """Return a file as a response with this content policy."""
    headers = {
        "Content-Security-Policy": f"{policy}; frame-ancestors 'none'",
        "Cache-Control": "private, no-cache",
    }
    return FileResponse(path, headers=headers)


def _read_site_policy(path: Path) -> str:
    """Return the content policy that a page of the site declares, or else the strictest one."""
    if path.suffix != ".html":
        return SITE_POLICY
    with path.open("rb") as file:
        top = file.read(TOP_BYTES).decode("utf-8", "replace")
    match = OWN_POLICY.search(top)
    return unescape(match[1]).rstrip("; ") if match else SITE_POLICY


def _build_documents_policy(path: Path) -> str:
    """Build the content policy of a documentation page, with the hashes of its own scripts."""
    if path.suffix != ".html":
        return DOCUMENTS_POLICY
    scripts = INLINE_SCRIPT.findall(path.read_text(encoding="utf-8"))
    digests = (base64.b64encode(hashlib.sha256(each.encode()).digest()) for each in scripts)
    return " ".join([DOCUMENTS_POLICY, *(f"'sha256-{each.decode()}'" for each in digests)])
