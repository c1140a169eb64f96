"""Small invented releases for the attack, written as the files that a producer publishes."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

PARENTS = {"201": "E12000001", "202": "E12000001", "203": "E12000001", "E12000001": "E92000001"}
PLACES = {"National": "country_code", "Regional": "region_code", "Local authority": "old_la_code"}
LEVELS = {"E92000001": "National", "E12000001": "Regional"}
ITEMS = ("Total", "Looked after", "Not looked after")
Figures = Mapping[str, Sequence[Mapping[str, str] | str]]


def write_release(
    folder: Path,
    files: Mapping[str, Figures],
    year: int = 2026,
    counts: Sequence[str] = ("child_count",),
    **changes: Any,
) -> Path:
    """Write files: by area, a figure (or figures by indicator) for each care status."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, figures in files.items():
        _write_file(folder, name, figures, year)
    description: dict[str, Any] = {
        "format": 1,
        "release": folder.name,
        "rounding": dict.fromkeys(PLACES, 1),
        "areas": {"regions": {"parents": PARENTS}},
        "files": {name: {"counts": list(counts)} for name in files},
        "ties": ties(*files),
    }
    description |= changes
    (folder / "ties.yaml").write_text(yaml.safe_dump(description), encoding="utf-8")
    return folder


def ties(*files: str) -> list[dict[str, Any]]:
    """Areas and items add up to their totals."""
    cells = {"files": list(files), "measures": ["child_count"]}
    care = {"over": "care_status", "total": ITEMS[0], "parts": list(ITEMS[1:])}
    return [
        {"name": "areas", "add": {"over": "regions"}, "cells": cells},
        {"name": "care", "add": care, "cells": cells},
    ]


def _write_file(folder: Path, name: str, figures: Figures, year: int) -> None:
    first = next(iter(figures.values()))[0]
    indicators = list(first) if isinstance(first, Mapping) else ["child_count"]
    with (folder / f"{name}.meta.csv").open("w", encoding="utf-8", newline="") as stream:
        meta = csv.writer(stream)
        meta.writerow(["col_name", "col_type", "filter_grouping_column"])
        meta.writerow(["care_status", "Filter", ""])
        meta.writerows([each, "Indicator", ""] for each in indicators)
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
        data = csv.writer(stream)
        data.writerow(
            ["time_period", "geographic_level", *PLACES.values(), "care_status", *indicators]
        )
        for area, rows in figures.items():
            level = LEVELS.get(area, "Local authority")
            codes = [area if each == level else "" for each in PLACES]
            for item, figure in zip(ITEMS, rows, strict=False):
                values = figure.values() if isinstance(figure, Mapping) else [figure]
                data.writerow([year, level, *codes, item, *values])
