"""What changed between two versions: which years were carried over, and which shown values moved.

Whether a year is replaced is decided where the base is made (rule D6); here it is looked up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from official_statistics.data_files import as_csv, read_table
from official_statistics.data_sets import DataSet, read_data_sets
from official_statistics.releases import Version
from register.queries import read_query

BASE = "base.parquet"
REVISION_COLUMNS = (
    "file",
    "time_period",
    "geographic_level",
    "shown_in_both",
    "changed",
    "mean_change",
    "largest_change",
    "newly_hidden",
    "newly_shown",
    "reason",
)
# Which rows two bases do not share, by authority and year, with the children that they are about.
CHANGED = read_query(__package__, "changed_children")


@dataclass(frozen=True)
class ChangedYear:
    """An authority's year that two bases have differently, and how many children differ."""

    authority_code: str
    reporting_year: int
    child_count: int


def changed_years(before: Version, now: Version) -> list[ChangedYear]:
    """Return the authority-years of which the bases of two versions differ."""
    paths = {"before": str(before.internal / BASE), "now": str(now.internal / BASE)}
    with duckdb.connect() as connection:
        rows = connection.execute(CHANGED, paths).fetchall()
    return [ChangedYear(*row) for row in rows]


def carried_years(before: Version, now: Version) -> set[tuple[str, int]]:
    """Return authority and year of every year that both versions have alike."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select distinct authority_code_dfe, reporting_year from read_parquet($path)",
            {"path": str(before.internal / BASE)},
        ).fetchall()
    changed = {(one.authority_code, one.reporting_year) for one in changed_years(before, now)}
    return {(row[0], row[1]) for row in rows} - changed


@dataclass(frozen=True)
class Comparison:
    """How the shown counts of one file, year and level moved between two versions."""

    file: str
    time_period: str
    level: str
    shown_in_both: int
    changes: tuple[int, ...]
    largest_percent: float
    newly_hidden: int
    newly_shown: int

    @property
    def changed(self) -> int:
        """The number of counts that are not what they were."""
        return sum(1 for change in self.changes if change)

    def row(self, reason: str) -> list[str]:
        """The comparison as a row of `revisions.csv`."""
        mean = sum(abs(change) for change in self.changes) / (len(self.changes) or 1)
        largest = max((abs(change) for change in self.changes), default=0)
        return [
            self.file,
            self.time_period,
            self.level,
            str(self.shown_in_both),
            str(self.changed),
            f"{mean:.1f}",
            str(largest),
            str(self.newly_hidden),
            str(self.newly_shown),
            reason if self.changed or self.newly_hidden or self.newly_shown else "",
        ]


def compare_files(before: Version, now: Version) -> Iterator[Comparison]:
    """Yield how each file, year and level that two versions have moved, from shown counts alone."""
    for data_set in read_data_sets():
        old, new = (_counts(version, data_set) for version in (before, now))
        groups: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        for key in old.keys() & new.keys():
            groups[key[0], key[1]].append((old[key], new[key]))
        for (period, level), pairs in sorted(groups.items(), reverse=True):
            yield _comparison(data_set.name, period, level, pairs)


def write_revisions(version: Version, before: Version | None, reason: str) -> Path:
    """Write `revisions.csv`, which has no row in a first release; return its path."""
    rows = [list(REVISION_COLUMNS)]
    if before is not None:
        rows += [comparison.row(reason) for comparison in compare_files(before, version)]
    path = version.public / "revisions.csv"
    path.write_bytes(as_csv(rows))
    return path


def _comparison(file: str, period: str, level: str, pairs: list[tuple[str, str]]) -> Comparison:
    both = [(int(old), int(new)) for old, new in pairs if old.isdigit() and new.isdigit()]
    return Comparison(
        file=file,
        time_period=period,
        level=level,
        shown_in_both=len(both),
        changes=tuple(new - old for old, new in both),
        largest_percent=max((100 * abs(new - old) / max(old, 1) for old, new in both), default=0.0),
        newly_hidden=sum(1 for old, new in pairs if old.isdigit() and new == "c"),
        newly_shown=sum(1 for old, new in pairs if old == "c" and new.isdigit()),
    )


def _counts(version: Version, data_set: DataSet) -> dict[tuple[str, ...], str]:
    """Every shown count of a file by year, level, place, row and measure; none without the file."""
    path = version.data / f"{data_set.name}.csv"
    if not path.exists():
        return {}
    columns, *rows = read_table(path)
    measures = {one.name: columns.index(one.name) for one in data_set.counts}
    first = columns.index(data_set.indicators[0].name)
    # An authority's ONS code changes with its boundary; the authority is the same.
    changing = columns.index("new_la_code") if "new_la_code" in columns else -1
    found = {}
    for row in rows:
        place = tuple(text for number, text in enumerate(row[:first]) if number != changing)
        for name, number in measures.items():
            found[row[0], row[2], *place, name] = row[number]
    return found
