"""Ids of generations: the form, which is the latest, and the next.

An id is the moment at which its build began, and counts on from the id before where the clock is
behind it. So ids are always in the order of their builds, whatever a clock says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

GENERATION = re.compile(r"^\d{8}T\d{6}-\d{6}$")
FORM = "%Y%m%dT%H%M%S-%f"
ONE_STEP = timedelta(microseconds=1)


def published_ids(published: Path) -> list[str]:
    """Return the ids of the generations that are kept and were current, the latest first."""
    if not published.is_dir():
        return []
    names = (path.name for path in published.iterdir())
    return sorted(filter(GENERATION.match, names), reverse=True)


def next_id(published: Path) -> str:
    """Return an id after every id that the folder has: kept, aside, failed, building or logged."""
    now = datetime.now(UTC).strftime(FORM)
    latest = max(_known_ids(published), default="")
    if latest < now:
        return now
    return (datetime.strptime(latest, FORM).replace(tzinfo=UTC) + ONE_STEP).strftime(FORM)


def _known_ids(published: Path) -> Iterator[str]:
    named = (path.read_text(encoding="utf-8") for path in published.glob(".*/generation_id"))
    paths = (*published.glob("*"), *published.glob("as-known-at/*/*"), *published.glob("keys/*"))
    for name in (*named, *(path.name.removeprefix(".failed-") for path in paths)):
        stem = name.removesuffix(".parquet")
        if GENERATION.match(stem):
            yield stem
