"""Where figures come from: a mart and a filter, the rows behind them, and the way to the files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from expectations.read import MartUnreadableError, Published
from register.publishing import FOLLOWED

Row = dict[str, Any]


@dataclass(frozen=True)
class Source:
    """Where a figure comes from: enough to see its rows and to follow them to a file's line.

    `trace` is the column whose value `register trace` takes; empty where rows are not traced.
    `relation` is what is read in the mart's place where several are set side by side. `counts`
    is where the rows are that the mart counts. `sample` is the place on the site, below its root,
    of some of the rows with the lines behind them.
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
        if self.trace not in FOLLOWED:
            return ""
        if self.relation:
            return f"register trace <{self.trace}>"
        where = "" if self.filter == "true" else f' --where "{" ".join(self.filter.split())}"'
        return f"register trace --mart {self.mart}{where}"

    def narrowed(self, condition: str) -> Source:
        """The same mart with one more condition."""
        both = condition if self.filter == "true" else f"{self.filter} and {condition}"
        return replace(self, filter=both)


@dataclass(frozen=True)
class Figures:
    """The rows of one query, with their source; a mart that is not published has none."""

    rows: list[Row]
    source: Source
    is_published: bool = True


def read_figures(
    published: Published, source: Source, columns: str = "*", ending: str = ""
) -> Figures:
    """Read `columns` of a source; `ending` groups and orders them.

    A mart, or a column of it, that this generation does not hold is said and is no error.
    """
    relation = source.relation or source.mart
    query = f"select {columns} from {relation} where {source.filter} {ending}"
    try:
        return Figures(published.records(query), source)
    except MartUnreadableError:
        return Figures([], source, is_published=False)


def by_supplier(rows: Iterable[Row], key: str = "supplier_code") -> dict[str, list[Row]]:
    """Rows put together by supplier."""
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[str(row[key])].append(row)
    return grouped
