"""The differences between two versions: years that were taken over, and changed shown values.

dbt decides whether a year is replaced (rule D6) when it makes the base table. This module reads the
result.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from official_statistics.data_files import encode_csv, read_table
from official_statistics.data_sets import DataSet, read_data_sets
from official_statistics.releases import Version
from register.queries import read_query

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
# For each authority and year, the number of children whose rows differ between two base tables.
CHANGED_CHILDREN = read_query(__package__, "changed_children")
# Bands of hours as a version can compare them with one that did not count months: that version has
# fewer narrow bands.
HOURS = "hours_band"
COMPARED_HOURS = f"""
case when {HOURS} in ('8_to_16_hours', '16_to_24_hours') then '8_to_24_hours'
    when {HOURS} = 'over_48_hours' then 'over_24_hours'
    else {HOURS} end
"""


@dataclass(frozen=True)
class ChangedYear:
    """A year of an authority that differs between two versions, and how many children differ."""

    authority_code: str
    reporting_year: int
    child_count: int


def find_changed_years(before: Version, now: Version) -> list[ChangedYear]:
    """Return each authority and year whose rows differ between the base tables of two versions.

    Columns that the earlier version lacks are not compared.
    """
    paths = {"before": str(before.base_file), "now": str(now.base_file)}
    with duckdb.connect() as connection:
        known = connection.read_parquet(paths["before"]).columns
        has_same_hours = "start_month" in known
        columns = ", ".join(
            name if has_same_hours or name != HOURS else f"{COMPARED_HOURS} as {name}"
            for name in known
        )
        query = CHANGED_CHILDREN.format(columns=columns)
        rows = connection.execute(query, paths).fetchall()
    return [ChangedYear(*row) for row in rows]


def find_carried_years(before: Version, now: Version) -> set[tuple[str, int]]:
    """Return each authority and year that is the same in both versions."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select distinct authority_code_dfe, reporting_year from read_parquet($path)",
            {"path": str(before.base_file)},
        ).fetchall()
    changed = find_changed_years(before, now)
    return {(row[0], row[1]) for row in rows} - {
        (year.authority_code, year.reporting_year) for year in changed
    }


@dataclass(frozen=True)
class Comparison:
    """How the shown counts of one file, year and geographic level changed between two versions."""

    file: str
    time_period: str
    level: str
    changes: tuple[int, ...]
    largest_percent: float
    newly_hidden: int
    newly_shown: int

    def build_row(self, reason: str) -> list[str]:
        """Return the comparison as a row of `revisions.csv`."""
        changed_count = sum(1 for change in self.changes if change)
        mean = sum(abs(change) for change in self.changes) / (len(self.changes) or 1)
        largest = max((abs(change) for change in self.changes), default=0)
        return [
            self.file,
            self.time_period,
            self.level,
            str(len(self.changes)),
            str(changed_count),
            f"{mean:.1f}",
            str(largest),
            str(self.newly_hidden),
            str(self.newly_shown),
            reason if changed_count or self.newly_hidden or self.newly_shown else "",
        ]


def compare_files(before: Version, now: Version) -> Iterator[Comparison]:
    """Yield a comparison for each file, year and level that both versions have."""
    for data_set in read_data_sets():
        old, new = (_index_counts(version, data_set) for version in (before, now))
        groups: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        for key in old.keys() & new.keys():
            groups[key[0], key[1]].append((old[key], new[key]))
        for (period, level), pairs in sorted(groups.items(), reverse=True):
            yield _compare_counts(data_set.name, period, level, pairs)


def write_revisions(version: Version, before: Version | None, reason: str) -> None:
    """Write `revisions.csv`. For a first release, it has only its heading."""
    rows = [list(REVISION_COLUMNS)]
    if before is not None:
        rows += [comparison.build_row(reason) for comparison in compare_files(before, version)]
    (version.public / "revisions.csv").write_bytes(encode_csv(rows))


def _compare_counts(file: str, period: str, level: str, pairs: list[tuple[str, str]]) -> Comparison:
    both = [(int(old), int(new)) for old, new in pairs if old.isdigit() and new.isdigit()]
    return Comparison(
        file=file,
        time_period=period,
        level=level,
        changes=tuple(new - old for old, new in both),
        largest_percent=max((100 * abs(new - old) / max(old, 1) for old, new in both), default=0.0),
        newly_hidden=sum(1 for old, new in pairs if old.isdigit() and new == "c"),
        newly_shown=sum(1 for old, new in pairs if old == "c" and new.isdigit()),
    )


def _index_counts(version: Version, data_set: DataSet) -> dict[tuple[str, ...], str]:
    """Return every count of a file as shown (or its symbol), by year, level, row and measure."""
    table = read_table(version.data / f"{data_set.name}.csv")
    if not table:
        return {}
    columns, *rows = table
    measures = {indicator.name: columns.index(indicator.name) for indicator in data_set.counts}
    first_indicator = columns.index(data_set.indicators[0].name)
    # Compare without this code: it changes when an authority's boundary changes, and the authority
    # is the same.
    key_columns = [i for i in range(first_indicator) if columns[i] != "new_la_code"]
    return {
        (row[0], row[2], *(row[i] for i in key_columns), measure): row[position]
        for row in rows
        for measure, position in measures.items()
    }
