"""Rule D6 between bases, and notes on what changed by more than the tolerance."""

from __future__ import annotations

from collections.abc import Iterator

from register.statistics.checks.notes import read_notes
from register.statistics.releases import Version
from register.statistics.revisions import changed_years, compare_files


def revision_faults(before: Version, now: Version, most_children: int) -> Iterator[str]:
    """Yield the authority-years that differ for so few children that the difference tells."""
    for year in changed_years(before, now):
        if year.child_count <= most_children:
            yield (
                f"{year.reporting_year} of {year.authority_code} differs from {before.name} for"
                f" {year.child_count} children: it must be carried over whole"
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
