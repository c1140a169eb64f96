"""The facts that a release's documents state besides figures: people, dates, quality and notes.

Figures come from the data files (`public_files`). The other modules of this package write the
documents.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from official_statistics.data_sets import DataSet
from register.queries import read_query
from register.settings import PROJECT_ROOT
from register.yaml_file import read_yaml

NOTES = Path(__file__).with_name("notes.yaml")
MEASURES = PROJECT_ROOT / "seeds" / "map__published_measures.csv"
BREAKS = """
    select distinct
        supplier_code, feed, break_month, is_announced, category_code = 'brief' as is_brief,
        case when level_ratio > 1 then 'up' when level_ratio < 1 then 'down' else 'unknown' end
            as direction
    from agreement.agg_recording_breaks_by_supplier
    where is_certain_step or (change_code is not null and category_code = 'every')
    order by break_month desc, supplier_code, feed, is_brief, direction, is_announced
"""
# This query reads only the department's own figures. An exact count of the register here would
# reach a public page unprotected.
DEPARTMENT_FIGURES = read_query(__package__, "reconciled_figures")


@dataclass(frozen=True)
class ReleaseFacts:
    """The facts about one version of a release that its public documents state.

    `year` is the newest reporting year: 2026 ends on 31 March 2026. `release_at` and
    `next_release_at` are London times, or None until they are announced. `revision` is the public
    reason for a version other than the first.
    """

    title: str
    publication: str
    year: int
    version: int
    status: str
    contact: str
    release_at: datetime | None = None
    next_release_at: datetime | None = None
    provisional_reason: str | None = None
    is_simulated: bool = False
    revision: str | None = None

    @property
    def is_provisional(self) -> bool:
        """Whether any supplier has not delivered the full year."""
        return self.provisional_reason is not None

    @property
    def year_in_words(self) -> str:
        """The newest reporting year in words."""
        return f"the year ending 31 March {self.year}"

    @property
    def released_in_words(self) -> str:
        """The time of release in words."""
        return _write_day(self.release_at, ", %H:%M")

    @property
    def next_release_in_words(self) -> str:
        """The day of the next release in words."""
        return _write_day(self.next_release_at)


def _write_day(time: datetime | None, ending: str = "") -> str:
    """Return an announced day in words, followed by the part of the time in `ending`."""
    if time is None:
        return "not announced yet"
    return f"{time.day} {time:%B %Y}{time.strftime(ending)}"


@dataclass(frozen=True)
class HiddenCells:
    """Numbers of a file's cells: all, hidden by their own count (D1 and D2), and hidden by D5."""

    cells: int
    first: int
    second: int


@dataclass(frozen=True)
class Confidentiality:
    """The parameters of disclosure control, and what it hid.

    `files` has the hidden cells of each file. `too_narrow` and `exact` come from the audit of
    suppression. They count the hidden cells that a reader of the files could work out too closely,
    or exactly. Both are 0 in a release that may be published. `too_narrow_from_inside` counts those
    that only an authority or force could work out. In `years_combined_inside`, they were tested
    with all sums together.
    """

    rules: Mapping[str, float]
    files: Mapping[str, HiddenCells]
    too_narrow: int
    exact: int
    too_narrow_from_inside: int = 0
    years_combined_inside: tuple[int, ...] = ()


@dataclass(frozen=True)
class RecordingBreak:
    """A change in how one supplier records: its first month, and whether counts rose or fell.

    If `is_brief`, it concerns counts of brief absences.
    """

    body: str
    feed: str
    month: date
    direction: str
    is_announced: bool
    is_brief: bool = False


@dataclass(frozen=True)
class DepartmentFigure:
    """A count of England or a region in the department's own release, rounded to the nearest 10."""

    level: str
    area_code: str
    area: str
    year: str
    measure_code: str
    measure: str
    published: float


@dataclass(frozen=True)
class QualityFacts:
    """The facts about a generation's quality that are not in the public files."""

    breaks: tuple[RecordingBreak, ...] = ()
    department: tuple[DepartmentFigure, ...] = ()


def read_quality_facts(register: Path) -> QualityFacts:
    """Return the facts about a generation's quality from its published marts.

    `register` is the generation's `national_register.duckdb`. From the reconciliation, only the
    department's own counts of England and its regions are read.
    """
    with duckdb.connect(str(register), read_only=True) as connection:
        breaks = connection.sql(BREAKS).fetchall()
        department = connection.sql(DEPARTMENT_FIGURES).to_arrow_table().to_pylist()
    with MEASURES.open(encoding="utf-8", newline="") as stream:
        measures = {row["measure_code"]: row["measure_name"] for row in csv.DictReader(stream)}
    return QualityFacts(
        breaks=tuple(
            RecordingBreak(body, feed, month, direction, is_announced, is_brief)
            for body, feed, month, is_announced, is_brief, direction in breaks
        ),
        department=tuple(
            DepartmentFigure(
                level="National" if row["area_level_code"] == "nation" else "Regional",
                area_code=row["area_code"],
                area=row["area_name"],
                year=row["collection_year"],
                measure_code=row["measure_code"],
                measure=measures[row["measure_code"]],
                published=row["published_figure"],
            )
            for row in department
        ),
    )


@cache
def read_notes() -> Mapping[str, Any]:
    """Return the notes for readers: on `scope`, on `care_status`, and on each of the `files`."""
    notes: Mapping[str, Any] = read_yaml(NOTES)
    return notes


def read_scope() -> str:
    """Return the sentences that say which episodes all files count."""
    scope: str = read_notes()["scope"]
    return scope


def list_notes(data_set: DataSet) -> list[str]:
    """Return the notes on one file.

    They include the note on `care_status` if the file has this filter.
    """
    notes = list(read_notes()["files"][data_set.name])
    if any(part.name == "care_status" for part in data_set.filters):
        notes.append(read_notes()["care_status"])
    return notes
