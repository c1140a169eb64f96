"""Every route of the application, with a path that it matches, so that no page is forgotten."""

from __future__ import annotations

import re

from interfaces.web.app import ROUTERS
from tests.review.cases import pair_id

PLACES = {
    "request_id": "A0123456789",
    "pair_id": pair_id("1", "5"),
    "body_code": "370",
    "delivery_id": "D",
    "sample_id": "S",
    "number": "1",
    "supplier_code": "370",
    "file_name": "x.csv",
    "path:path": "index.html",
    "year": "2026",
    "version_number": "1",
    "step": "sign",
    "upload_id": "A" * 32,
}


def paths_of(method: str) -> dict[str, str]:
    """The routes of a method, each with a path."""
    found = {
        route.path: re.sub(r"\{([^}]+)\}", lambda match: PLACES[match[1]], route.path)
        for router in ROUTERS
        for route in router.routes
        if method in getattr(route, "methods", ())
    }
    assert len(found) > 10
    return found
