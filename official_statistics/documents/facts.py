"""What the documents of a release say that its data files do not: who, when, and how good.

The figures of a release are read from its files (`public_files`). Counting and the workflow of a
release do not belong here.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from register.queries import read_query
from register.settings import PROJECT_ROOT

SEEDS = PROJECT_ROOT / "seeds"
BREAKS = """
    select distinct
        supplier_code, feed, break_month, is_announced, category_code = 'brief' as is_brief,
        case when level_ratio > 1 then 'up' when level_ratio < 1 then 'down' else 'unknown' end
            as direction
    from agreement.agg_recording_breaks_by_supplier
    where is_certain_step or (change_code is not null and category_code = 'every')
    order by break_month desc, supplier_code, feed, is_brief, direction, is_announced
"""
# The register's own counts are not read: on a public page they are those of the public files.
RECONCILED = read_query(__package__, "reconciled_figures")


@dataclass(frozen=True)
class ReleaseFacts:
    """One version of a release, as its public documents name it.

    `year` is the reporting year that is new in it: 2026 ends on 31 March 2026. `release_at` and
    `next_release_at` are hours of London, or None where they are not announced yet. `revision` is
    the public reason for a version after the first.
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
        """Whether not every supplier has delivered the whole year."""
        return self.provisional_reason is not None


@dataclass(frozen=True)
class HiddenCells:
    """Count cells of one file: all, those hidden first (D1 and D2), and those hidden by D5."""

    cells: int
    first: int
    second: int


@dataclass(frozen=True)
class Confidentiality:
    """The parameters of disclosure control by name, what was hidden, and what an attack gave.

    `too_narrow` and `exact` are counts of hidden cells that the files give away; both are 0 in a
    release that may be published.
    """

    rules: Mapping[str, float]
    files: Mapping[str, HiddenCells]
    too_narrow: int
    exact: int


@dataclass(frozen=True)
class RecordingBreak:
    """A change in how one body recorded: its code, feed, first month, direction of its counts.

    With `is_brief` the counts are those of brief absences.
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
    """What a generation says of its own quality, beside the public files."""

    breaks: tuple[RecordingBreak, ...] = ()
    department: tuple[DepartmentFigure, ...] = ()


def read_quality_facts(register: Path) -> QualityFacts:
    """Return what the published marts of a generation say of its quality.

    `register` is the generation's `national_register.duckdb`, opened read-only. Of the
    reconciliation only the department's own counts of England and its regions are read: no count
    of the register leaves it here.
    """
    with duckdb.connect(str(register), read_only=True) as connection:
        breaks = connection.execute(BREAKS).fetchall()
        department = _dictionaries(connection, RECONCILED)
    measures = _names("map__published_measures", "measure_code", "measure_name")
    return QualityFacts(
        breaks=tuple(
            RecordingBreak(body, feed, month, direction, announced, is_brief)
            for body, feed, month, announced, is_brief, direction in breaks
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


def _dictionaries(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    found = connection.execute(query)
    columns = [column[0] for column in found.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def _names(seed: str, code: str, name: str) -> dict[str, str]:
    with (SEEDS / f"{seed}.csv").open(encoding="utf-8", newline="") as stream:
        return {row[code]: row[name] for row in csv.DictReader(stream)}
