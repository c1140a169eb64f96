"""Figures with their origin: mart, condition, rows behind them, and the path to delivered files.

Only counts, codes and delivery ids are read. A page reads its own figures; figures for several
pages are in `contents`.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from expectations import BOTH_EXPECTED, MartUnreadableError, Published
from register.publishing import TRACEABLE_COLUMNS
from register.settings import PROJECT_ROOT

Row = dict[str, Any]
MEASURES = PROJECT_ROOT / "seeds" / "ref__measures.csv"
# An area is not ranked if both sources should have recorded fewer of its absences than this. Years
# with fewer absences are left out.
MIN_RANKED_ABSENCES = 20
STATUS_COUNTS = """
    count(*) filter (where status = 'both') as both_count,
    count(*) filter (where status = 'police_only') as police_only_count,
    count(*) filter (where status = 'authority_only') as authority_only_count,
    count(*) as total_count
"""


@dataclass(frozen=True)
class Source:
    """The origin of a figure, from which its rows can be listed and traced to lines of files.

    `trace` is the column whose value `register trace` accepts; it is empty where rows are not
    traced. If several marts are joined, `relation` replaces the mart. If the mart contains counts,
    `counts` is the source of the counted rows. `rows_path` is the page of these rows, relative to
    the site root.
    """

    mart: str
    filter: str = "true"
    trace: str = ""
    relation: str = ""
    counts: Source | None = None
    rows_path: str = ""

    @property
    def query(self) -> str:
        """Return the SQL that lists the rows of the published file."""
        relation = " ".join(self.relation.split()) or self.mart
        return f"select * from {relation} where {self.filter}"

    @property
    def command(self) -> str:
        """Return the command that traces the rows to delivered files; empty if not traced."""
        if self.counts is not None:
            return self.counts.command
        if self.trace == "delivery_id":
            return "register feedback <delivery_id>"
        if self.trace not in TRACEABLE_COLUMNS:
            return ""
        if self.relation:
            return f"register trace <{self.trace}>"
        where = "" if self.filter == "true" else f' --where "{" ".join(self.filter.split())}"'
        return f"register trace --mart {self.mart}{where}"

    def narrow(self, condition: str) -> Source:
        """Return a source with the same rows, restricted by one more condition."""
        filters = condition if self.filter == "true" else f"{self.filter} and {condition}"
        return replace(self, filter=filters)


EXPECTED_OF_BOTH = Source("agreement.fct_agreement", BOTH_EXPECTED, "agreement_id")
DISAGREEMENTS = EXPECTED_OF_BOTH.narrow("status <> 'both'")


@dataclass(frozen=True)
class Figures:
    """The rows of one query with their source. There are no rows if the mart is not published."""

    rows: list[Row]
    source: Source
    is_published: bool = True


class FiguresByCode:
    """Figures grouped by the code of a supplier, area or delivery."""

    def __init__(self, figures: Figures, column: str = "supplier_code") -> None:
        self.source = figures.source
        self.all_rows = figures.rows
        self._figures = figures
        self._column = column
        self._rows: dict[str, list[Row]] = defaultdict(list)
        for row in figures.rows:
            self._rows[str(row[column])].append(row)

    def rows_of(self, code: str) -> list[Row]:
        """Return the rows for one code."""
        return self._rows.get(code, [])

    def figures_of(self, code: str) -> Figures:
        """Return the figures for one code, with their source."""
        source = self.source.narrow(f"{self._column} = '{code}'")
        return replace(self._figures, rows=self.rows_of(code), source=source)


def read_figures(
    published: Published, source: Source, columns: str = "*", ending: str = ""
) -> Figures:
    """Return `columns` of a source; `ending` is the query's end, such as its grouping and order.

    If this generation lacks the mart or a column, there are no rows and no error.
    """
    relation = source.relation or source.mart
    query = f"select {columns} from {relation} where {source.filter} {ending}"
    try:
        return Figures(published.read_records(query), source)
    except MartUnreadableError:
        return Figures([], source, is_published=False)


def read_nation(published: Published, mart: str, condition: str, order: str) -> Figures:
    """Return the national rows of a mart of the schema `agreement`."""
    source = Source(f"agreement.{mart}", f"area_level_code = 'nation' and {condition}")
    return read_figures(published, source, ending=f"order by {order}")


def read_counts(
    published: Published, source: Source, aggregates: str, *groups: str, order: str = ""
) -> Figures:
    """Return counts by `groups`; an unknown group is left out.

    `aggregates` are one or more SQL expressions.
    """
    listed = ", ".join(groups)
    known = " and ".join(f"{group} is not null" for group in groups)
    ending = f"and {known} group by {listed} order by {order or listed}"
    return read_figures(published, source, f"{listed}, {aggregates}", ending)


def read_reasons(published: Published, source: Source, group: str) -> Figures:
    """Count absences that only one source recorded, by `group` and reason, most common first."""
    order = f"{group}, episode_count desc, reason_code"
    return read_counts(
        published, source, "count(*) as episode_count", group, "reason_code", order=order
    )


@cache
def read_measures() -> dict[str, dict[str, str]]:
    """Return the name and definition of each measure by its code, in the order of display."""
    with MEASURES.open(encoding="utf-8", newline="") as lines:
        return {row["measure_code"]: row for row in csv.DictReader(lines)}


def name_measure(code: str) -> str:
    """Return the name of a measure. All pages use the same name."""
    return read_measures()[code]["measure_name"]
