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

from register.settings import PROJECT_ROOT

SEEDS = PROJECT_ROOT / "seeds"
# The register's own count of a reconciled figure is rounded as the release rounds regions.
AREA_UNIT = 10
BREAKS = """
    select distinct
        supplier_code, feed, break_month, is_announced, category_code = 'brief' as is_brief,
        case when level_ratio > 1 then 'up' when level_ratio < 1 then 'down' else 'unknown' end
            as direction
    from agreement.agg_recording_breaks_by_supplier
    where is_certain_step or (change_code is not null and category_code = 'every')
    order by break_month desc, supplier_code, feed, is_brief, direction, is_announced
"""
RECONCILED = """
    select
        figures.area_level_code, areas.area_name, figures.area_code, figures.collection_year,
        figures.measure_code, figures.category_code, figures.published_figure,
        figures.register_figure, figures.reason_code
    from agreement.agg_reconciliation_by_area_year as figures
    inner join bi.areas as areas
        on figures.area_level_code = areas.area_level_code
            and figures.area_code = areas.area_code
    where figures.area_level_code in ('nation', 'region')
        and figures.statistic_code = 'count'
        and figures.published_figure is not null
    order by
        figures.collection_year desc, figures.area_level_code, figures.area_code,
        figures.measure_code
"""


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
class ReconciledFigure:
    """A count of the department's own release, and the register's, each rounded to the nearest 10.

    `register` is None where too few children stand behind it or nobody delivered. `reason` is the
    first reason why the two differ beyond rounding, in words; None where they agree.
    """

    area: str
    year: str
    measure: str
    published: float
    register: int | None
    reason: str | None


@dataclass(frozen=True)
class QualityFacts:
    """What a generation says of its own quality, beside the public files."""

    breaks: tuple[RecordingBreak, ...] = ()
    reconciled: tuple[ReconciledFigure, ...] = ()


def read_quality_facts(register: Path, few_children_most: float) -> QualityFacts:
    """Return what the published marts of a generation say of its quality.

    `register` is the generation's `national_register.duckdb`, opened read-only. Of the
    reconciliation only counts of the nation and of regions are read. The register's are rounded,
    and left out where `few_children_most` children or fewer stand behind them.
    """
    with duckdb.connect(str(register), read_only=True) as connection:
        breaks = connection.execute(BREAKS).fetchall()
        reconciled = _dictionaries(connection, RECONCILED)
    return QualityFacts(
        breaks=tuple(
            RecordingBreak(body, feed, month, direction, announced, is_brief)
            for body, feed, month, announced, is_brief, direction in breaks
        ),
        reconciled=_reconciled(reconciled, few_children_most),
    )


def _dictionaries(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    found = connection.execute(query)
    columns = [column[0] for column in found.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def _reconciled(rows: list[dict[str, Any]], few: float) -> tuple[ReconciledFigure, ...]:
    measures = _names("map__published_measures", "measure_code", "measure_name")
    reasons = _names("ref__reconciliation_reasons", "reason_code", "reason_name")
    children = {
        (row["area_code"], row["collection_year"], row["category_code"]): row["register_figure"]
        for row in rows
        if row["measure_code"] in ("missing_children", "away_children")
    }
    found = []
    for row in rows:
        behind = children.get((row["area_code"], row["collection_year"], row["category_code"]))
        counts = [row["register_figure"], behind if behind is not None else row["register_figure"]]
        found.append(
            ReconciledFigure(
                area=row["area_name"],
                year=row["collection_year"],
                measure=measures[row["measure_code"]],
                published=row["published_figure"],
                register=_shown(counts, few),
                reason=reasons[row["reason_code"]] if row["reason_code"] else None,
            )
        )
    return tuple(found)


def _shown(counts: list[float | None], few: float) -> int | None:
    """The first count, rounded; None where one is unknown or stands for too few children."""
    if any(count is None or 0 < count <= few for count in counts):
        return None
    count = round(counts[0] or 0)
    return (2 * count + AREA_UNIT) // (2 * AREA_UNIT) * AREA_UNIT


def _names(seed: str, code: str, name: str) -> dict[str, str]:
    with (SEEDS / f"{seed}.csv").open(encoding="utf-8", newline="") as stream:
        return {row[code]: row[name] for row in csv.DictReader(stream)}
