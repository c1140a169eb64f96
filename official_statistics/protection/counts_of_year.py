"""The counts that a year has: those of the first release that published the year."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

# A reporting year, data set, geographic level, items of filters, and measure.
Count = tuple[int, str, str, str, str]
COLUMNS = ("reporting_year", "dataset", "geographic_level", "filter_values", "measure")


def withhold_later_counts(cells: pa.Table, earlier: Sequence[pa.Table]) -> pa.Table:
    """Return the cells with a count not available if the first release of its year lacks it.

    A count that divides a published count more finely raises the least value of that count. So a
    count that is safe alone may give away what an older release hides. `earlier` has the cells of
    the earlier releases, oldest first.
    """
    first_counts: dict[int, set[Count]] = {}
    for table in earlier:
        counts: dict[int, set[Count]] = {}
        for count in _list_counts(table):
            counts.setdefault(count[0], set()).add(count)
        first_counts = counts | first_counts
    is_counted = [count in first_counts.get(count[0], {count}) for count in _list_counts(cells)]
    if all(is_counted):
        return cells
    column = "is_available"
    if column in cells.column_names:
        was_available = cells[column].to_pylist()
        cells = cells.drop_columns([column])
        is_counted = [a and b for a, b in zip(was_available, is_counted, strict=True)]
    return cells.append_column(column, pa.array(is_counted))


def _list_counts(table: pa.Table) -> list[Count]:
    return list(zip(*(table[name].to_pylist() for name in COLUMNS), strict=True))
