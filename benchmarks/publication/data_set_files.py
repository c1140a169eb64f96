"""The files that the attacker reads, made from protected cells. They have counts but no shares."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

AREA_COLUMNS = {
    "National": "country_code",
    "Regional": "region_code",
    "Local authority": "old_la_code",
    "Police force area": "pfa_code",
}


def write_files(cells: pa.Table, folder: Path) -> None:
    """Write the data and metadata files of each data set in `cells` (with shown and symbol)."""
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    rows: Mapping[str, dict[tuple[Any, ...], dict[str, str]]] = defaultdict(dict)
    measures: Mapping[str, dict[str, None]] = defaultdict(dict)
    for cell in cells.to_pylist():
        key = (
            cell["reporting_year"],
            cell["geographic_level"],
            cell["area_code"],
            cell["filter_values"],
        )
        figure = cell["symbol"] or str(cell["shown"])
        rows[cell["dataset"]].setdefault(key, {})[cell["measure"]] = figure
        measures[cell["dataset"]][cell["measure"]] = None
    for name in rows:
        _write(data, name, rows[name], list(measures[name]))


def _write(
    data: Path, name: str, rows: Mapping[tuple[Any, ...], dict[str, str]], measures: list[str]
) -> None:
    first = next(iter(rows))
    filters = [each.split("=")[0] for each in first[3].split(";")]
    places = list(AREA_COLUMNS.values())
    with (data / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        columns = ["time_period", "time_identifier", "geographic_level", *places]
        writer.writerow([*columns, *filters, *measures])
        for (year, level, area, items), figures in rows.items():
            codes = [area if AREA_COLUMNS[level] == each else "" for each in places]
            chosen = [each.split("=", 1)[1] for each in items.split(";")]
            cells = [figures.get(each, "z") for each in measures]
            writer.writerow([year, "Reporting year", level, *codes, *chosen, *cells])
    with (data / f"{name}.meta.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["col_name", "col_type", "label", "filter_grouping_column"])
        writer.writerows([each, "Filter", each, ""] for each in filters)
        writer.writerows([each, "Indicator", each, ""] for each in measures)
