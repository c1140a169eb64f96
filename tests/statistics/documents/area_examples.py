"""Public files of four authorities and two forces, in which a test sets the figures of areas."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

RATES, INCIDENTS = "rates_by_area", "police_incidents_by_force"
COVERAGE = "source_coverage"
PER_CHILD, IN_CARE = "Per 1,000 children aged 0 to 17", "Per 100 looked-after children"
NATION, REGION = "E92000001", "E12000003"
LEEDS, YORK, DERBY, HULL, FORCE, SILENT_FORCE = "383", "816", "831", "810", "E23000010", "E23000011"
NAMES = {
    NATION: ("National", "country", "England"),
    REGION: ("Regional", "region", "Yorkshire and The Humber"),
    LEEDS: ("Local authority", "la", "Leeds"),
    YORK: ("Local authority", "la", "York"),
    DERBY: ("Local authority", "la", "Derby"),
    HULL: ("Local authority", "la", "Kingston upon Hull, City of"),
    FORCE: ("Police force area", "pfa", "West Yorkshire Police"),
    SILENT_FORCE: ("Police force area", "pfa", "South Yorkshire Police"),
}
CODE_COLUMNS = {"la": "old_la_code", "country": "country_code"}
# Area, year and item of a row: the basis of a rate, or the breakdown of incidents.
Key = tuple[str, str, str]
Figures = Mapping[Key, Mapping[str, str]]


def describe_rate(
    count: str, rate: str, limits: tuple[str, str], population: str
) -> dict[str, str]:
    """Return the figures of children in one row."""
    return {
        "child_count": count,
        "child_rate": rate,
        "child_rate_lower": limits[0],
        "child_rate_upper": limits[1],
        "population_count": population,
    }


HIDDEN = describe_rate("c", "c", ("c", "c"), "100000") | {
    "episode_count": "c",
    "episode_rate": "c",
    "cla_child_count": "c",
    "incident_count": "c",
    "incident_rate": "c",
    "incident_percent": "c",
}
NOT_DELIVERED = {name: text.replace("c", "x") for name, text in HIDDEN.items()}
USUAL: dict[Key, Mapping[str, str]] = {
    (NATION, "2026", PER_CHILD): describe_rate("900", "0.90", ("0.84", "0.96"), "1000000"),
    (REGION, "2026", PER_CHILD): describe_rate("400", "1.00", ("0.90", "1.10"), "400000"),
    (LEEDS, "2026", PER_CHILD): describe_rate("140", "1.40", ("1.18", "1.65"), "100000")
    | {"episode_count": "310", "episode_rate": "3.10"},
    (LEEDS, "2025", PER_CHILD): describe_rate("100", "1.00", ("0.81", "1.22"), "100000"),
    (LEEDS, "2026", IN_CARE): {
        "child_count": "60",
        "child_rate": "12.00",
        "child_rate_lower": "9.45",
        "child_rate_upper": "15.13",
        "cla_child_count": "500",
    },
    (YORK, "2026", PER_CHILD): describe_rate("30", "0.80", ("0.54", "1.14"), "37500"),
    (DERBY, "2026", PER_CHILD): describe_rate("60", "1.00", ("0.76", "1.29"), "60000"),
    (HULL, "2026", PER_CHILD): describe_rate("70", "1.20", ("0.94", "1.52"), "58000"),
    (NATION, "2026", "Total"): describe_rate("800", "0.80", ("0.74", "0.86"), "1000000"),
    (FORCE, "2026", "Total"): describe_rate("250", "0.50", ("0.44", "0.57"), "500000")
    | {"incident_count": "640", "incident_rate": "1.28"},
    (FORCE, "2025", "Total"): describe_rate("330", "0.66", ("0.59", "0.74"), "500000"),
    (FORCE, "2026", "High"): {"incident_percent": "12.5"},
    **{
        (area, "2026", "Total"): {"period_expected_count": "5", "period_delivered_count": "4"}
        for area in (LEEDS, YORK)
    },
}
NEIGHBOUR_COLUMNS = (
    *("old_la_code", "la_name", "neighbour_rank"),
    *("neighbour_old_la_code", "neighbour_la_name"),
)
# An authority, a neighbour of it, and the neighbour's name; the last neighbour is in no file.
NEIGHBOURS = (
    (LEEDS, YORK, "York"),
    (LEEDS, DERBY, "Derby"),
    (LEEDS, HULL, "Kingston upon Hull, City of"),
    (LEEDS, "330", "Birmingham"),
    (YORK, LEEDS, "Leeds"),
)
# The longest names of authorities, as the neighbours of every authority.
LONG_NAMES = (
    "Bournemouth, Christchurch and Poole",
    "Cheshire West and Chester",
    "Bath and North East Somerset",
    "Blackburn with Darwen",
    "Hammersmith and Fulham",
    "Westmorland and Furness",
    "Bristol, City of",
)
LONG_NEIGHBOURS = tuple(
    (code, other, name)
    for code in (LEEDS, YORK, DERBY, HULL)
    for other, name in (
        *((neighbour, name) for _, neighbour, name in NEIGHBOURS[:3]),
        *((f"9{place}", name) for place, name in enumerate(LONG_NAMES)),
    )
)


def write_areas(
    public: Path, figures: Figures, neighbours: Sequence[tuple[str, str, str]] = NEIGHBOURS
) -> None:
    """Write the files of areas with these figures, and the statistical neighbours."""
    _write_rows(public, RATES, figures)
    _write_rows(public, INCIDENTS, figures)
    _write_rows(public, COVERAGE, figures)
    with (public / "statistical_neighbours.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(NEIGHBOUR_COLUMNS)
        for rank, (code, other, name) in enumerate(neighbours, start=1):
            writer.writerow([code, NAMES[code][2], rank, other, name])


def _write_rows(public: Path, name: str, figures: Figures) -> None:
    path = public / "data" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        columns, rows = list(reader.fieldnames or ()), list(reader)
    # One row for each combination of items: its figures are those of any place, unless given.
    levels = {row["geographic_level"] for row in rows}
    samples = [row for row in rows if row["geographic_level"] == "National"]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, lineterminator="\n")
        writer.writeheader()
        for sample in samples:
            for code, (level, kind, area) in NAMES.items():
                if level not in levels:
                    continue
                blank = {column: "" for column in columns if column in PLACE_COLUMNS}
                code_column = CODE_COLUMNS.get(kind, f"{kind}_code")
                place = {"geographic_level": level, code_column: code, f"{kind}_name": area}
                if kind == "la":
                    place |= {"region_code": REGION, "region_name": NAMES[REGION][2]}
                writer.writerow({**sample, **blank, **place, **_choose(figures, code, sample)})


PLACE_COLUMNS = {
    *("country_code", "country_name", "region_code", "region_name"),
    *("old_la_code", "la_name", "pfa_code", "pfa_name"),
}


def _choose(figures: Figures, code: str, sample: Mapping[str, str]) -> dict[str, str]:
    """Return the figures of an area's row, if it is about missing children."""
    items = ("rate_basis", "breakdown", "source_feed")
    item = next(sample[name] for name in items if name in sample)
    if sample.get("absence_category", "Missing") != "Missing":
        return {}
    given_figures = figures.get((code, sample["time_period"], item), {})
    return {name: text for name, text in given_figures.items() if name in sample}
