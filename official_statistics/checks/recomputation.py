"""Rule D4: every made figure can be made again from the counts of the same files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from official_statistics.data_files import Release, data_table, read_table
from official_statistics.data_sets import DataSet, read_data_sets
from official_statistics.releases import Version
from official_statistics.screening import CODES
from official_statistics.shown import ShownCounts


def wrong_figures(version: Version, release: Release) -> Iterator[str]:
    """Yield the rows of files whose figures do not follow from the counts that the files show.

    `release` gives places and the clerical sample; the counts are read from the files.
    """
    counts = ShownCounts(_cells(version))
    recomputed = replace(release, counts=counts)
    for data_set in read_data_sets():
        found = read_table(version.data / f"{data_set.name}.csv")
        wanted = data_table(data_set, recomputed)
        if len(found) != len(wanted):
            yield f"{data_set.name} has {len(found) - 1} rows and not {len(wanted) - 1}"
            continue
        for number, (row, again) in enumerate(zip(found, wanted, strict=True), start=1):
            if row != again:
                columns = [
                    name
                    for name, one, other in zip(found[0], row, again, strict=True)
                    if one != other
                ]
                yield f"{data_set.name} line {number}: {', '.join(columns)} cannot be made again"


def read_cells(version: Version, data_set: DataSet) -> Iterator[Mapping[str, object]]:
    """Yield the counts of a file as cells with `shown` and `symbol`, as the public sees them."""
    columns, *rows = read_table(version.data / f"{data_set.name}.csv")
    filters = [one.name for one in data_set.filters]
    for texts in rows:
        row = dict(zip(columns, texts, strict=True))
        for indicator in data_set.counts:
            text = row[indicator.name]
            yield {
                "dataset": data_set.name,
                "reporting_year": int(row["time_period"]),
                "geographic_level": row["geographic_level"],
                "area_code": row[CODES[row["geographic_level"]]],
                "filter_values": ";".join(f"{name}={row[name]}" for name in filters),
                "measure": indicator.name,
                "shown": int(text) if text.isdigit() else None,
                "symbol": None if text.isdigit() else text,
            }


def _cells(version: Version) -> Iterator[Mapping[str, object]]:
    for data_set in read_data_sets():
        yield from read_cells(version, data_set)
