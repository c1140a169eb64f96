"""Rule D6 between bases, and notes on what changed by more than the tolerance."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from official_statistics.checks.notes import read_notes
from official_statistics.releases import Version
from official_statistics.revisions import ChangedYear, changed_years, compare_files
from register.queries import read_query

# The cells of one authority's year whose true counts two versions have differently.
MOVED = read_query(__package__, "moved_cells")


def revision_faults(before: Version, now: Version, most_children: int) -> Iterator[str]:
    """Yield the authority-years that differ for so few children that the difference tells.

    After each, the cells of every file that the few children moved, by file and key, never a count.
    """
    for year in changed_years(before, now):
        if year.child_count <= most_children:
            yield (
                f"{year.reporting_year} of {year.authority_code} differs from {before.name} for"
                f" {year.child_count} children: it must be carried over whole"
            )
            yield from _moved_cells(before, now, year)


def _moved_cells(before: Version, now: Version, year: ChangedYear) -> Iterator[str]:
    with duckdb.connect() as connection:
        for name, version in (("before", before), ("now", now)):
            path = version.internal / "cells.duckdb"
            connection.execute(f"attach '{path}' as {name} (read_only)")
        moved = connection.execute(
            MOVED, {"area": year.authority_code, "year": year.reporting_year}
        ).fetchall()
    for dataset, measure, filter_values in moved:
        yield (
            f"{dataset}: {measure} at {year.reporting_year} Local authority {year.authority_code}"
            f" {filter_values} is not what it was in {before.name}"
        )


def unnoted_changes(before: Version, now: Version, percent: float) -> Iterator[str]:
    """Yield the files with a larger change than `percent` and no note on why."""
    notes = read_notes(now)
    largest: dict[str, float] = {}
    for one in compare_files(before, now):
        largest[one.file] = max(largest.get(one.file, 0.0), one.largest_percent)
    for file, found in sorted(largest.items()):
        if found > percent and file not in notes:
            yield f"{file} changed by up to {found:.0f} %, and no note says why"
