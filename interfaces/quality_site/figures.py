"""Figures and where they come from: a mart, a filter, the rows behind them, the way to the files.

Only counts, codes and delivery ids are read. What a page alone shows it reads itself; what several
pages show is in `contents`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

from expectations import BOTH_EXPECTED, MartUnreadableError, Published
from register.publishing import TRACEABLE_COLUMNS

Row = dict[str, Any]
# Areas with fewer absences that both sources should record are not ranked.
LEAST_EPISODES = 20
STATUS_COUNTS = """
    count(*) filter (where status = 'both') as both_count,
    count(*) filter (where status = 'police_only') as police_only_count,
    count(*) filter (where status = 'authority_only') as authority_only_count,
    count(*) as total_count
"""


@dataclass(frozen=True)
class Source:
    """Where a figure comes from: enough to see its rows and to follow them to a file's line.

    `trace` is the column whose value `register trace` takes; empty where rows are not traced.
    `relation` is what is read in the mart's place where several are joined. `counts` is where the
    rows are that the mart counts. `sample` is the place on the site, below its root, of some of
    the rows with the lines behind them.
    """

    mart: str
    filter: str = "true"
    trace: str = ""
    relation: str = ""
    counts: Source | None = None
    sample: str = ""

    @property
    def query(self) -> str:
        """The SQL that shows the rows, for any reader of the published file."""
        relation = " ".join(self.relation.split()) or self.mart
        return f"select * from {relation} where {self.filter}"

    @property
    def command(self) -> str:
        """The command that follows the rows back to the files."""
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

    def narrowed(self, condition: str) -> Source:
        """The same mart with one more condition."""
        both = condition if self.filter == "true" else f"{self.filter} and {condition}"
        return replace(self, filter=both)


JUDGED = Source("agreement.fct_agreement", BOTH_EXPECTED, "agreement_id")
DISAGREED = JUDGED.narrowed("status <> 'both'")


@dataclass(frozen=True)
class Figures:
    """The rows of one query, with their source; a mart that is not published has none."""

    rows: list[Row]
    source: Source
    is_published: bool = True

    def narrowed(self, condition: str, rows: list[Row]) -> Figures:
        """Some of the rows, `rows`, which are those of one more condition."""
        return replace(self, rows=rows, source=self.source.narrowed(condition))


class FiguresBySupplier:
    """Figures whose rows are put together by supplier, so that each page finds its own."""

    def __init__(self, figures: Figures, column: str = "supplier_code") -> None:
        self._figures = figures
        self._column = column
        self._rows: dict[str, list[Row]] = defaultdict(list)
        for row in figures.rows:
            self._rows[str(row[column])].append(row)

    @property
    def source(self) -> Source:
        """Where the figures of all suppliers come from."""
        return self._figures.source

    @property
    def is_published(self) -> bool:
        """Whether the mart is in the generation."""
        return self._figures.is_published

    @property
    def all_rows(self) -> list[Row]:
        """The rows of all suppliers."""
        return self._figures.rows

    def rows(self, code: str) -> list[Row]:
        """The rows of one supplier."""
        return self._rows.get(code, [])

    def of(self, code: str) -> Figures:
        """The figures of one supplier."""
        return self._figures.narrowed(f"{self._column} = '{code}'", self.rows(code))


def read_figures(
    published: Published, source: Source, columns: str = "*", ending: str = ""
) -> Figures:
    """Read `columns` of a source; `ending` groups and orders them.

    A mart, or a column of it, that is not in this generation gives no rows and no error.
    """
    relation = source.relation or source.mart
    query = f"select {columns} from {relation} where {source.filter} {ending}"
    try:
        return Figures(published.read_records(query), source)
    except MartUnreadableError:
        return Figures([], source, is_published=False)


def read_nation(published: Published, mart: str, condition: str, order: str) -> Figures:
    """Rows of a mart of the schema `agreement` that are of the nation."""
    source = Source(f"agreement.{mart}", f"area_level_code = 'nation' and {condition}")
    return read_figures(published, source, ending=f"order by {order}")


def read_counts(
    published: Published, source: Source, counted: str, *groups: str, order: str = ""
) -> Figures:
    """Counts by `groups`, each of which is known; `counted` is one or more SQL aggregates."""
    listed = ", ".join(groups)
    known = " and ".join(f"{group} is not null" for group in groups)
    ending = f"and {known} group by {listed} order by {order or listed}"
    return read_figures(published, source, f"{listed}, {counted}", ending)


def read_reasons(published: Published, source: Source, group: str) -> Figures:
    """Absences that one source alone recorded by `group` and reason, the commonest first."""
    counted = "count(*) as episode_count"
    order = f"{group}, episode_count desc, reason_code"
    return read_counts(published, source, counted, group, "reason_code", order=order)
