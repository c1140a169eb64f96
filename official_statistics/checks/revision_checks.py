"""Checks of revisions (rule D6), and the producer's notes on why a file changed."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import duckdb

from official_statistics.data_files import encode_csv
from official_statistics.data_sets import data_set_named
from official_statistics.releases import Version
from official_statistics.revisions import ChangedYear, compare_files, find_changed_years
from register.durable import write_whole
from register.queries import read_query

# Counts whose exact values differ between two versions, for an authority and year.
CHANGED_CELLS = read_query(__package__, "moved_cells")
NOTES_FILE = "notes.csv"


def find_partial_revisions(before: Version, now: Version, most_children: int) -> Iterator[str]:
    """Yield each authority and year in which the records of too few children changed.

    A comparison of the two versions would reveal these children. Each authority and year is
    followed by the cells that changed, by file and key, without counts.
    """
    for year in find_changed_years(before, now):
        if year.child_count <= most_children:
            yield (
                f"{year.reporting_year} of {year.authority_code} differs from {before.name} for"
                f" {year.child_count} children: it must be carried over whole"
            )
            yield from _list_changed_cells(before, now, year)


def _list_changed_cells(before: Version, now: Version, year: ChangedYear) -> Iterator[str]:
    with duckdb.connect() as connection:
        for name, version in (("before", before), ("now", now)):
            connection.execute(f"attach '{version.cells_file}' as {name} (read_only)")
        cells = connection.execute(
            CHANGED_CELLS, {"area": year.authority_code, "year": year.reporting_year}
        ).fetchall()
    for dataset, measure, filter_values in cells:
        yield (
            f"{dataset}: {measure} at {year.reporting_year} Local authority {year.authority_code}"
            f" {filter_values} is not what it was in {before.name}"
        )


def find_unexplained_changes(before: Version, now: Version, percent: float) -> Iterator[str]:
    """Yield the files that changed by more than `percent` and have no note of the reason."""
    notes = read_notes(now)
    largest: dict[str, float] = {}
    for comparison in compare_files(before, now):
        previous = largest.get(comparison.file, 0.0)
        largest[comparison.file] = max(previous, comparison.largest_percent)
    for file, change in sorted(largest.items()):
        if change > percent and file not in notes:
            yield f"{file} changed by up to {change:.0f} %, and no note says why"


def read_notes(version: Version) -> dict[str, str]:
    """Return the latest note about each file of a version."""
    path = version.internal / NOTES_FILE
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as stream:
        return {row["file"]: row["words"] for row in csv.DictReader(stream)}


def add_note(version: Version, file: str, words: str) -> None:
    """Record why a file changed. Raises `ValueError` for an unknown file or an empty note."""
    data_set_named(file)
    if not words.strip():
        raise ValueError("a note says why")
    notes = {**read_notes(version), file: words.strip()}
    content = encode_csv([("file", "words"), *sorted(notes.items())])
    write_whole(version.internal / NOTES_FILE, content, mode=0o600)
