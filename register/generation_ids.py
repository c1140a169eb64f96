"""Ids of generations: their form, the published ones, and the next one.

An id is the time at which the build began. If the clock is behind the latest id, the next id is one
microsecond later than that. So ids always sort in the order of the builds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

GENERATION = re.compile(r"^\d{8}T\d{6}-\d{6}$")
FORM = "%Y%m%dT%H%M%S-%f"
ONE_STEP = timedelta(microseconds=1)


def list_published_ids(published: Path) -> list[str]:
    """Return the ids of the published generations, the latest first."""
    if not published.is_dir():
        return []
    names = (path.name for path in published.iterdir())
    return sorted(filter(GENERATION.match, names), reverse=True)


def make_next_id(published: Path) -> str:
    """Return an id that is later than any id in the folder, whatever became of its build."""
    present = datetime.now(UTC).strftime(FORM)
    latest = max(_list_known_ids(published), default="")
    if latest < present:
        return present
    return (parse_build_time(latest) + ONE_STEP).strftime(FORM)


def parse_build_time(generation_id: str) -> datetime:
    """Return the time at which the build of a generation began."""
    return datetime.strptime(generation_id, FORM).replace(tzinfo=UTC)


def _list_known_ids(published: Path) -> Iterator[str]:
    building = (path.read_text(encoding="utf-8") for path in published.glob(".*/generation_id"))
    paths = (*published.glob("*"), *published.glob("as-known-at/*/*"), *published.glob("keys/*"))
    for name in (*building, *(path.name.removeprefix(".failed-") for path in paths)):
        stem = name.removesuffix(".parquet")
        if GENERATION.match(stem):
            yield stem
