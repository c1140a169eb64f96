"""An invented release with complete data files, beside which files for machines are written."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from official_statistics import data_set_named, read_data_sets
from official_statistics.data_files import Release, encode_csv, read_table, write_files
from official_statistics.data_sets import TOTAL
from official_statistics.documents import ReleaseFacts
from official_statistics.machine_readable import write_machine_files
from official_statistics.public_figures import Area, ShownCounts
from official_statistics.revisions import REVISION_COLUMNS
from tests.statistics.documents.conftest import Figures
from tests.statistics.documents.test_headlines import FIGURES

YORKSHIRE = ("E12000003", "Yorkshire and The Humber")
INNER_LONDON = ("E13000001", "Inner London")
YEARS = (2026, 2025)
PLACES = tuple(
    Area(year, *place)
    for year in YEARS
    for place in (
        ("National", "E92000001", "England", "E92000001"),
        ("Regional", *YORKSHIRE, YORKSHIRE[0]),
        ("Regional", "E12000007", "London", "E12000007"),
        ("Regional", *INNER_LONDON, INNER_LONDON[0]),
        ("Police force area", "E23000009", "North Yorkshire Police", "E23000009"),
        ("Local authority", "202", "Camden", "E09000007", *INNER_LONDON),
        ("Local authority", "815", "North Yorkshire", "E06000065", *YORKSHIRE),
    )
)
# Every so many counts below England one is hidden.
HIDDEN_EVERY = 7
BY_AREA = "missing_children_by_area"
# A table beside the data, which is not about children.
NEIGHBOURS = (
    ("old_la_code", "la_name", "neighbour_rank", "neighbour_old_la_code", "neighbour_la_name"),
    ("202", "Camden", "1", "815", "North Yorkshire"),
)
FIGURES_END = ("_count", "_percent")
# What `write_release` takes: figures of England that are not the usual ones, and a name.
WriteRelease = Callable[..., Path]


def _build_release() -> Release:
    """Places with a count of 100 on rows of Total alone, and 50 on all others."""
    cells = [
        {
            "dataset": data_set.name,
            "reporting_year": place.reporting_year,
            "geographic_level": place.level,
            "area_code": place.code,
            "filter_values": combination.filter_values,
            "measure": indicator.name,
            "shown": 100 if set(combination.values.values()) == {TOTAL} else 50,
            "symbol": None,
        }
        for data_set in read_data_sets()
        for place in PLACES
        for combination in data_set.combinations()
        for indicator in data_set.counts
        if indicator.exists_on(combination.values)
    ]
    return Release(PLACES, ShownCounts(cells), low_denominator=20)


def _vary_counts(path: Path) -> None:
    """Give every count of a data file another number, and hide some below England.

    The counts of regions by area stay, because a headline names the region with the most children.
    """
    shown_levels = {"National", "Regional"} if path.stem == BY_AREA else {"National"}
    columns, *rows = read_table(path)
    for number, row in enumerate(rows):
        for position, text in enumerate(row):
            if columns[position].endswith("_count") and text.isdigit():
                row[position] = str(10 * ((number * 37 + position) % 211))
            if row[2] not in shown_levels and (number + position) % HIDDEN_EVERY == 0:
                row[position] = "c" if columns[position].endswith(FIGURES_END) else text
    path.write_bytes(encode_csv([columns, *rows]))


FACTS = ReleaseFacts(
    title="Children who go missing in England",
    publication="missing_children",
    year=2026,
    version=1,
    status="official statistics in development",
    contact="the statistics team",
    release_at=datetime(2026, 11, 26, 9, 30, tzinfo=ZoneInfo("Europe/London")),
    is_simulated=True,
)


@pytest.fixture
def facts() -> ReleaseFacts:
    """The facts of a first version, final and simulated."""
    return FACTS


@pytest.fixture
def provisional(facts: ReleaseFacts) -> ReleaseFacts:
    """The same facts of a year that is not complete."""
    return replace(facts, provisional_reason="Two forces have not delivered")


@pytest.fixture(scope="session")
def data_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`public/` of a release with its data files alone; only to be copied."""
    public = tmp_path_factory.mktemp("machine_release") / "public"
    write_files(read_data_sets(), _build_release(), public / "data")
    for data_set in read_data_sets():
        _vary_counts(public / "data" / f"{data_set.name}.csv")
    (public / "revisions.csv").write_bytes(encode_csv([REVISION_COLUMNS]))
    (public / "statistical_neighbours.csv").write_bytes(encode_csv(NEIGHBOURS))
    return public


@pytest.fixture
def write_release(data_files: Path, tmp_path: Path) -> WriteRelease:
    """Return what writes a release with its files for machines."""

    def write(
        figures: Figures | None = None, of: ReleaseFacts = FACTS, name: str = "public"
    ) -> Path:
        public = tmp_path / name
        shutil.copytree(data_files, public)
        set_figures(public, {**FIGURES, **(figures or {})})
        write_machine_files(of, public)
        return public

    return write


@pytest.fixture(scope="session")
def public_once(data_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`public/` of a release with its files for machines; only to be read or copied."""
    public = tmp_path_factory.mktemp("machine_release") / "public"
    shutil.copytree(data_files, public)
    set_figures(public, FIGURES)
    write_machine_files(FACTS, public)
    return public


@pytest.fixture
def public(public_once: Path, tmp_path: Path) -> Path:
    """The same in a folder that a test may change."""
    return Path(shutil.copytree(public_once, tmp_path / "public"))


def set_figures(public: Path, figures: Figures) -> None:
    """Write figures of England into data files."""
    for file in {key[0] for key in figures}:
        path = public / "data" / f"{file}.csv"
        columns, *rows = read_table(path)
        defaults = {part.name: part.default or TOTAL for part in data_set_named(file).filters}
        for (name, indicator, year, items), text in figures.items():
            if name != file:
                continue
            wanted = {
                "geographic_level": "National",
                "time_period": year,
                **defaults,
                **dict(items),
            }
            for row in rows:
                if all(row[columns.index(each)] == value for each, value in wanted.items()):
                    row[columns.index(indicator)] = text
        path.write_bytes(encode_csv([columns, *rows]))


def change_cell(public: Path, file: str, column: str, text: str, line: int = 1) -> None:
    """Write another text into one cell of a data file."""
    path = public / "data" / f"{file}.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    rows[line][rows[0].index(column)] = text
    path.write_bytes(encode_csv(rows))
