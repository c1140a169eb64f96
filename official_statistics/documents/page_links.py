"""Checks of a folder of pages: every link leads somewhere, and no page loads anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from official_statistics.documents.file_list import ADDED_LATER
from official_statistics.documents.release_pages import ALL_RELEASES, LICENCE

LINK = re.compile(r'\b(href|src)="([^"]*)"')
ANCHOR = re.compile(r'\bid="([^"]+)"')
OUTSIDE = re.compile(r"^(?:[a-z]+:)?//|^(?:https?|ftp|data):", re.IGNORECASE)
SCRIPT = re.compile(r"<script|@import|url\(", re.IGNORECASE)
# Files that a page may link to before they exist. An export adds the page of all releases.
WRITTEN_LATER = (*ADDED_LATER, ALL_RELEASES)


def find_page_problems(folder: Path) -> list[str]:
    """Return the faults of all pages in a folder: links that lead nowhere, scripts, resources."""
    anchors = {
        path: set(ANCHOR.findall(path.read_text(encoding="utf-8")))
        for path in sorted(folder.rglob("*.html"))
    }
    allowed = {(folder / name).resolve() for name in WRITTEN_LATER}
    return [
        f"{path.relative_to(folder).as_posix()} {problem}"
        for path in anchors
        for problem in _find_problems_of_page(path, anchors, allowed)
    ]


def _find_problems_of_page(
    path: Path, anchors: dict[Path, set[str]], allowed: set[Path]
) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    if SCRIPT.search(text):
        yield "has a script, or loads a resource"
    for kind, target in dict.fromkeys(LINK.findall(text)):
        if kind == "href" and (target == LICENCE or target.startswith("mailto:")):
            continue
        if OUTSIDE.match(target):
            yield "links to something outside the release"
            continue
        name, _, anchor = target.partition("#")
        linked = (path.parent / name).resolve() if name else path.resolve()
        if linked not in allowed and not linked.exists():
            yield f"links to {target}, which is not there"
        elif anchor and anchor not in anchors.get(path.parent / name if name else path, ()):
            yield f"has a link to {target}, which is not there"
