"""What pages are made of: text of figures, tables, charts, sections, and the page itself.

Nothing is read here, and no HTML is written: that is `rendering`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from interfaces.quality_site.figures import Figures, Row, Source

CAPITALS = {"dfe": "DfE", "dob": "date of birth", "duc": "DUC", "upn": "UPN"}
MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)")
NOTHING = "\N{EN DASH}"


def counted(value: float | None) -> str:
    """A count with separators; a dash where there is none."""
    return NOTHING if value is None else f"{value:,.0f}"


def percent(value: float | None) -> str:
    """A share (0-1) as a percentage to 1 decimal; a dash where there is none."""
    return NOTHING if value is None else f"{value:.1%}"


def number(value: float | None, digits: int = 2) -> str:
    """A coefficient or a mean; a dash where there is none."""
    return NOTHING if value is None else f"{value:,.{digits}f}"


def bounds(lower: float | None, upper: float | None) -> str:
    """A least and a greatest count."""
    return counted(lower) if lower == upper else f"{counted(lower)} to {counted(upper)}"


def interval(row: Row, share: str) -> str:
    """A share with the interval that its mart states; bounds alone where it states no share."""
    value, lower, upper = (row.get(f"{share}{end}") for end in ("", "_lower", "_upper"))
    if lower is None or upper is None:
        return NOTHING if value is None else percent(value)
    if value is None:
        return f"{percent(lower)} to {percent(upper)}"
    return f"{percent(value)} ({percent(lower)} to {percent(upper)})"


def possible(row: Row, share: str) -> str:
    """The least and the greatest that a share can be."""
    lowest, highest = (row.get(f"{share}_{end}") for end in ("lowest", "highest"))
    if lowest is None or highest is None:
        return NOTHING
    return f"{percent(lowest)} to {percent(highest)}"


def words(code: str | None) -> str:
    """A code as words: `police_reports` is "Police reports"."""
    if not code:
        return NOTHING
    parts = [CAPITALS.get(part, part) for part in str(code).split("_")]
    text = " ".join(parts)
    return text[:1].upper() + text[1:]


def moment(generation: str) -> str:
    """A generation's moment, short enough for an axis: its id begins with it."""
    found = MOMENT.match(generation)
    return "{}-{}-{} {}:{}:{}".format(*found.groups()) if found else generation


@dataclass(frozen=True)
class To:
    """A cell or a line that leads to another place of the site; `path` is below its root."""

    text: str
    path: str
    beside: str = ""


Cell = str | To
# Headings of a table with the cell of each for a row. Headings that begin with `#` are of figures.
Columns = dict[str, Callable[[Row], Cell]]


def text_of(column: str) -> Callable[[Row], Cell]:
    """A cell that shows a column as it is."""
    return lambda row: row[column]


def words_of(column: str) -> Callable[[Row], Cell]:
    """A cell that shows a code as words."""
    return lambda row: words(row[column])


def count_of(column: str) -> Callable[[Row], Cell]:
    """A cell that shows a count."""
    return lambda row: counted(row[column])


def expected_of(column: str) -> Callable[[Row], Cell]:
    """A cell that shows a count of what is expected; a dash where nothing is."""
    return lambda row: counted(row[column] or None)


def share_of(column: str) -> Callable[[Row], Cell]:
    """A cell that shows a share."""
    return lambda row: percent(row[column])


def number_of(column: str, digits: int = 2) -> Callable[[Row], Cell]:
    """A cell that shows a coefficient or a mean."""
    return lambda row: number(row[column], digits)


def delivered_of(row: Row) -> Cell:
    """A cell that says how far each source has delivered a collection year."""
    if "is_year_delivered" not in row:
        return NOTHING
    if row["is_year_delivered"]:
        return "the whole year"
    police, authority = (
        row[f"{source}_delivered_to_date"] or "nothing" for source in ("police", "authority")
    )
    return f"in progress: police to {police}, authorities to {authority}"


def interval_of(share: str) -> Callable[[Row], Cell]:
    """A cell that shows a share with its interval."""
    return lambda row: interval(row, share)


def possible_share(share: str) -> Callable[[Row], Cell]:
    """A cell that shows the least and the greatest that a share can be."""
    return lambda row: possible(row, share)


@dataclass(frozen=True)
class Table:
    """A table: headings that begin with `#` are of figures; the first cell heads its row."""

    caption: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    is_folded: bool = False

    @property
    def figure_columns(self) -> list[bool]:
        """Which columns are of figures."""
        return [heading.startswith("#") for heading in self.headings]


def table_of(caption: str, columns: Columns, rows: Sequence[Row], is_folded: bool = False) -> Table:
    """Rows as a table."""
    cells = [[cell(row) for cell in columns.values()] for row in rows]
    return Table(caption, list(columns), cells, is_folded)


@dataclass(frozen=True)
class Chart:
    """A drawn picture with its caption."""

    caption: str
    drawn: str


@dataclass(frozen=True)
class Section:
    """One section of a page: words, then charts, then the same figures as tables."""

    anchor: str
    title: str
    words: Sequence[str] = ()
    charts: Sequence[Chart] = ()
    tables: Sequence[Table] = ()
    sources: Sequence[Source] = ()
    links: Sequence[To] = field(default=())


@dataclass(frozen=True)
class TableSection:
    """A section that shows the rows of one mart as one table.

    `caption` may name columns in braces, which are those of the first row.
    """

    anchor: str
    title: str
    text: str
    caption: str
    columns: Columns

    def of(self, figures: Figures, charts: Sequence[Chart] = ()) -> Section:
        """The section with these figures, or with what is missing."""
        if not figures.rows:
            return absent(self.anchor, self.title, figures)
        caption = self.caption.format_map(figures.rows[0])
        table = table_of(caption, self.columns, figures.rows)
        return Section(self.anchor, self.title, (self.text,), charts, (table,), (figures.source,))


def absent(anchor: str, title: str, figures: Figures) -> Section:
    """The section where there is nothing to show: no such mart in the generation, or no row."""
    mart = figures.source.mart
    words = f"Nothing to show: {mart} holds no such row."
    if not figures.is_published:
        words = f"Not measured: this generation does not hold {mart}."
    return Section(anchor, title, (words,))


@dataclass(frozen=True)
class Headline:
    """One large figure at the head of a page."""

    label: str
    text: str
    beside: str


@dataclass(frozen=True)
class Page:
    """One page: its place below the site, its template, its title and what it shows.

    `section` is the entry of the navigation that it belongs to.
    """

    path: str
    template: str
    title: str
    section: str
    content: dict[str, Any]


def sections_page(path: str, title: str, lead: str, sections: Sequence[Section]) -> Page:
    """A page made of sections, which is an entry of the navigation of its own."""
    return Page(path, "sections.html", title, path, {"lead": lead, "sections": sections})
