"""Checks of figures: hiding and rounding, derivation from shown counts, and sums."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import duckdb

from official_statistics.data_files import Release, build_data_table, read_table
from official_statistics.data_sets import TOTAL, DataSet, Filter, read_data_sets
from official_statistics.public_figures import AREA_CODE_COLUMNS, ShownCounts
from official_statistics.release_rules import Rules, get_rounding_unit, round_count
from official_statistics.releases import Version

# The year, geographic level and area code of a row.
Place = tuple[int, str, str]
# The filters of a row with their items, except the filter whose items are summed.
Row = tuple[tuple[str, str], ...]
# Breaches of disclosure rule D7: all files must show the same count of the same episodes or
# children in an area and year.
SHOWN_DIFFERENTLY = """
select reporting_year, geographic_level, area_code, min(dataset), min(measure), condition_id
from statistics.protected_cells
where counted_on = 'base' and symbol is distinct from 'x'
    and filter_values not like '%absence_frequency=%'
group by reporting_year, geographic_level, area_code, unit, condition_id
having count(distinct coalesce(cast(shown as varchar), symbol)) > 1
order by all
"""


def find_unprotected_cells(version: Version, rules: Rules) -> Iterator[str]:
    """Yield the cells that break rules D1 to D3 or D7, judged by their true counts."""
    with duckdb.connect(str(version.cells_file), read_only=True) as connection:
        cells = connection.sql(
            "select * from statistics.protected_cells"
            " where counted_on != 'coverage' and shown is not null order by all"
        ).to_arrow_table()
        shown_differently = connection.sql(SHOWN_DIFFERENTLY).fetchall()
    for cell in cells.to_pylist():
        if fault := _find_rule_fault(cell, rules):
            yield (
                f"{cell['dataset']}: {cell['measure']} at {cell['reporting_year']}"
                f" {cell['geographic_level']} {cell['area_code']} {cell['filter_values']} {fault}"
            )
    for year, level, area, dataset, measure, _ in shown_differently:
        yield f"{dataset}: {measure} at {year} {level} {area} is shown in two ways"


def find_narrow_intervals(version: Version) -> Iterator[str]:
    """Yield the years whose audit states hidden counts with too few possible values (rule D5)."""
    audit = json.loads((version.internal / "audit.json").read_text(encoding="utf-8"))
    for year in audit["years"]:
        if year["too_narrow"] or year["exact"]:
            yield (
                f"{year['year']}: {year['too_narrow']} hidden counts have too few possible values,"
                f" {year['exact']} of them only one"
            )


def _find_rule_fault(cell: Mapping[str, Any], rules: Rules) -> str | None:
    value, children = cell["value"], cell["child_count"]
    if value is None or children is None:
        return "has no true count"
    if value and children <= rules["few_children_most"]:
        return "is shown although few children are behind it"
    if float(cell["top_two_share"] or 0) >= rules["dominance_share"]:
        return "is shown although two children dominate it"
    if cell["shown"] != round_count(value, get_rounding_unit(rules, cell["geographic_level"])):
        return "is not its true count to the nearest unit"
    return None


def find_wrong_figures(version: Version, release: Release) -> Iterator[str]:
    """Yield rows whose figures do not follow from the counts shown in the files (rule D4).

    `release` gives areas and the clerical sample; counts are read from the files.
    """
    counts = ShownCounts(
        cell for data_set in read_data_sets() for cell in read_cells(version, data_set)
    )
    recomputed = replace(release, counts=counts)
    for data_set in read_data_sets():
        rows = read_table(version.data / f"{data_set.name}.csv")
        expected_rows = build_data_table(data_set, recomputed)
        if len(rows) != len(expected_rows):
            yield f"{data_set.name} has {len(rows) - 1} rows and not {len(expected_rows) - 1}"
            continue
        for number, (row, expected) in enumerate(zip(rows, expected_rows, strict=True), start=1):
            if row != expected:
                columns = [
                    name
                    for name, text, other in zip(rows[0], row, expected, strict=True)
                    if text != other
                ]
                yield f"{data_set.name} line {number}: {', '.join(columns)} cannot be made again"


def read_cells(version: Version, data_set: DataSet) -> Iterator[dict[str, Any]]:
    """Yield the counts of a public file as cells, each with its `shown` value or its `symbol`."""
    columns, *rows = read_table(version.data / f"{data_set.name}.csv")
    for texts in rows:
        row = dict(zip(columns, texts, strict=True))
        items = ";".join(f"{part.name}={row[part.name]}" for part in data_set.filters)
        for indicator in data_set.counts:
            text = row[indicator.name]
            yield {
                "dataset": data_set.name,
                "reporting_year": int(row["time_period"]),
                "geographic_level": row["geographic_level"],
                "area_code": row[AREA_CODE_COLUMNS[row["geographic_level"]]],
                "filter_values": items,
                "measure": indicator.name,
                "shown": int(text) if text.isdigit() else None,
                "symbol": None if text.isdigit() else text,
            }


def find_broken_sums(version: Version, rules: Rules) -> Iterator[str]:
    """Yield sums of shown counts that differ from their total by more than rounding allows."""
    for data_set in read_data_sets():
        if data_set.counted_on != "base":
            continue
        counts_by_row: dict[tuple[str, str], dict[Place, int | None]] = defaultdict(dict)
        for cell in read_cells(version, data_set):
            place = (cell["reporting_year"], cell["geographic_level"], cell["area_code"])
            counts_by_row[cell["measure"], cell["filter_values"]][place] = cell["shown"]
        for indicator in data_set.counts:
            for part in data_set.filters:
                if not _adds_up(part, str(indicator.of)):
                    continue
                for place, total, items in _list_sums(
                    data_set, part, indicator.name, counts_by_row
                ):
                    unit = get_rounding_unit(rules, place[1])
                    if abs(total - sum(items)) > (len(items) + 1) * unit / 2:
                        yield (
                            f"{data_set.name}: {indicator.name} over {part.name} at"
                            f" {place[0]} {place[1]} {place[2]} is not the sum of its items"
                        )


def _adds_up(part: Filter, unit: str) -> bool:
    """Return whether the items of a filter add up to the Total when counting this unit."""
    has_total = TOTAL in part.item_names and part.groups is None
    is_divided = unit == "episodes" or (unit == "children" and part.one_a_child)
    return has_total and part.divides and is_divided


def _list_sums(
    data_set: DataSet,
    part: Filter,
    measure: str,
    counts_by_row: Mapping[tuple[str, str], Mapping[Place, int | None]],
) -> Iterator[tuple[Place, int, list[int]]]:
    """Yield, for each area and year, a Total and its items, if all of them are shown.

    This is done for each set of items of the other filters. A filter can depend on the counts of
    the cell, such as how often a child was missing in this care status. A child can then have one
    of that filter's items among the parts, and another in the Total. So such filters are kept at
    their own Total.
    """
    in_cell = [other.name for other in data_set.filters if other.in_cell and other != part]
    groups: dict[tuple[Place, Row], dict[str, int | None]] = defaultdict(dict)
    for combination in data_set.combinations():
        values = dict(combination.values)
        if any(values[name] != TOTAL for name in in_cell):
            continue
        item = values.pop(part.name)
        for place, count in counts_by_row.get((measure, combination.filter_values), {}).items():
            groups[place, tuple(values.items())][item] = count
    for (place, _), counts in groups.items():
        total = counts.pop(TOTAL, None)
        items = [count for count in counts.values() if count is not None]
        if total is not None and items and len(items) == len(counts):
            yield place, total, items
