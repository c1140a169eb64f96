"""Public data files of an invented release, in which a test sets the figures that it asks for."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from official_statistics.data_sets import (
    TOTAL,
    DataSet,
    Indicator,
    data_set_named,
    read_data_sets,
)
from official_statistics.documents import (
    Confidentiality,
    HiddenCells,
    QualityFacts,
    ReleaseFacts,
)

LONDON = ZoneInfo("Europe/London")
YEARS = ("2026", "2025")
PLACES = {
    "National": [("country", "E92000001", "England")],
    "Regional": [
        ("region", "E12000001", "North East"),
        ("region", "E12000002", "North West"),
        ("region", "E13000001", "Inner London"),
    ],
    "Local authority": [("la", "301", "Barking and Dagenham"), ("la", "302", "Barnet")],
    "Police force area": [("pfa", "E23000001", "Metropolitan Police")],
}
COLUMNS = {
    "country": ("country_code", "country_name"),
    "region": ("region_code", "region_name"),
    "la": ("old_la_code", "la_name"),
    "pfa": ("pfa_code", "pfa_name"),
}
DEFAULTS = {0: "100", 1: "50.0", 2: "2.00", 3: "0.500"}
RULES = {
    "few_children_most": 7,
    "dominance_share": 0.9,
    "rounding_unit_authority": 5,
    "rounding_unit_area": 10,
    "hidden_width_least": 5,
    "revision_children_most": 7,
}

# A figure: file, indicator, year, and the items of its row that are not the default.
Key = tuple[str, str, str, tuple[tuple[str, str], ...]]
Figures = Mapping[Key, str]
MakeRelease = Callable[..., Path]


def figure(file: str, indicator: str, year: str = "2026", **items: str) -> Key:
    """Name one figure of England."""
    return file, indicator, year, tuple(sorted(items.items()))


@pytest.fixture
def facts() -> ReleaseFacts:
    """The facts of a first version, final and simulated."""
    return ReleaseFacts(
        title="Children who go missing in England: 2026",
        publication="missing_children",
        year=2026,
        version=1,
        status="official statistics in development",
        contact="statistics@register.example",
        release_at=datetime(2026, 11, 26, 9, 30, tzinfo=LONDON),
        next_release_at=datetime(2027, 11, 25, 9, 30, tzinfo=LONDON),
        is_simulated=True,
    )


@pytest.fixture
def done() -> Confidentiality:
    """What was done for confidentiality, with other numbers for every file."""
    files = {
        one.name: HiddenCells(100 + one.number, 10 + one.number, one.number)
        for one in read_data_sets()
    }
    return Confidentiality(RULES, files, too_narrow=0, exact=0)


@pytest.fixture
def quality() -> QualityFacts:
    """No break, and nothing to reconcile."""
    return QualityFacts()


@pytest.fixture(scope="session")
def default_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`public/` of a release in which each figure is a default; only to be copied."""
    public = tmp_path_factory.mktemp("release") / "public"
    (public / "data").mkdir(parents=True)
    for data_set in read_data_sets():
        _write(data_set, {}, public / "data")
        (public / "data" / f"{data_set.name}.meta.csv").write_text("col_name\n")
    for name in (
        "revisions.csv",
        "pre_release_access.csv",
        "statistical_neighbours.csv",
        "ties.yaml",
    ):
        (public / name).write_text("\n")
    return public


@pytest.fixture
def make_release(default_release: Path, tmp_path: Path) -> MakeRelease:
    """Return what writes `public/` of a release, each figure a default but those given."""

    def make(figures: Figures | None = None, name: str = "public") -> Path:
        public = tmp_path / name
        shutil.copytree(default_release, public)
        for file in {key[0] for key in figures or {}}:
            _write(data_set_named(file), figures or {}, public / "data")
        return public

    return make


def _write(data_set: DataSet, figures: Figures, folder: Path) -> None:
    defaults = {one.name: one.default or TOTAL for one in data_set.filters}
    # A file has only the columns of its levels; authorities have those of their region too.
    kinds = {kind for level in data_set.levels for kind, _, _ in PLACES[level]}
    kinds |= {"country", *(["region"] if "la" in kinds else [])}
    places = [name for kind, pair in COLUMNS.items() if kind in kinds for name in pair]
    columns = ["time_period", "geographic_level", *places]
    columns += [*defaults, *(one.name for one in data_set.indicators)]
    with (folder / f"{data_set.name}.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
        writer.writeheader()
        for year in YEARS:
            for level in data_set.levels:
                for kind, code, area in PLACES[level]:
                    place = dict(zip(COLUMNS[kind], (code, area), strict=True))
                    for values in data_set.combinations():
                        items = dict(values.values)
                        chosen_items = tuple(
                            sorted((k, v) for k, v in items.items() if defaults[k] != v)
                        )
                        row = {"time_period": year, "geographic_level": level, **place, **items}
                        for one in data_set.indicators:
                            key = (data_set.name, one.name, year, chosen_items)
                            figure_text = figures.get(key) if level == "National" else None
                            row[one.name] = figure_text or _default(one)
                        writer.writerow(row)


def _default(indicator: Indicator) -> str:
    return DEFAULTS[indicator.dp]
