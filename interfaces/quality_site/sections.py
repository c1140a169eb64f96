"""The parts of a page: formatted figures, links, tables, charts, sections, and the page itself.

Captions, headings and the columns of each cell are in `tables.yaml`. This module reads no marts and
writes no HTML, which is the task of `rendering`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from interfaces.quality_site.figures import Figures, Row, Source, read_measures
from register import labels
from register.yaml_file import read_yaml

TABLES = Path(__file__).with_name("tables.yaml")
GENERATION_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)")
EMPTY_CELL = "\N{EN DASH}"
# A change of a rate from the year before, by the codes of `bi.rates_by_area_year`.
CHANGES = {
    "higher": "\N{UPWARDS ARROW} higher",
    "lower": "\N{DOWNWARDS ARROW} lower",
    "no_clear_change": "no clear change",
    "recording_changed": "recording changed",
}


def format_count(value: float | None) -> str:
    """Format a count with thousands separators, or a dash if there is none."""
    return EMPTY_CELL if value is None else f"{value:,.0f}"


def format_percent(value: float | None) -> str:
    """Format a share (0-1) as a percentage with 1 decimal, or a dash if there is none."""
    return EMPTY_CELL if value is None else f"{value:.1%}"


def format_number(value: float | None, digits: int = 2) -> str:
    """Format a coefficient or mean, or a dash if there is none."""
    return EMPTY_CELL if value is None else f"{value:,.{digits}f}"


def format_ratio(part: float, total: float | None) -> str:
    """Format a part of a total as a percentage, or a dash if the total is 0 or None."""
    return format_percent(part / total if total else None)


def format_range(
    lower: float | None,
    upper: float | None,
    format_value: Callable[[float | None], str] = format_count,
) -> str:
    """Format the lowest and highest possible value, or one value if they are equal."""
    if lower == upper:
        return format_value(lower)
    return f"{format_value(lower)} to {format_value(upper)}"


def format_share_with_interval(row: Row, share: str) -> str:
    """Format a share with its interval, or only the interval if there is no share."""
    value, lower, upper = (row.get(f"{share}{end}") for end in ("", "_lower", "_upper"))
    if lower is None or upper is None:
        return format_percent(value)
    interval = f"{format_percent(lower)} to {format_percent(upper)}"
    return interval if value is None else f"{format_percent(value)} ({interval})"


def format_possible_range(row: Row, share: str) -> str:
    """Format the lowest and the highest value that a share can have."""
    lowest, highest = (row.get(f"{share}_{end}") for end in ("lowest", "highest"))
    if lowest is None or highest is None:
        return EMPTY_CELL
    return f"{format_percent(lowest)} to {format_percent(highest)}"


def format_rate(value: float | None, beside: float | None = None) -> str:
    """Format a rate with as many decimals as a rate `beside` it, or as its own size needs."""
    if value is None:
        return EMPTY_CELL
    size = value if beside is None else beside
    return format_number(value, 1 if size >= 10 else 2 if size >= 0.1 or not size else 3)


def format_rate_with_interval(row: Row, rate: str) -> str:
    """Format a rate with its 95% interval, or a dash if there is none."""
    value, lower, upper = (row.get(f"{rate}{end}") for end in ("", "_lower", "_upper"))
    if value is None:
        return EMPTY_CELL
    return f"{format_rate(value)} ({format_rate(lower, value)} to {format_rate(upper, value)})"


def format_change(row: Row, column: str) -> str:
    """Format a change from the year before, with an arrow only if it is outside noise."""
    return CHANGES.get(row.get(column) or "", EMPTY_CELL)


def code_to_label(code: str | None) -> str:
    """Return a code as words, or a dash if there is none: `police_reports` is "Police reports"."""
    return labels.code_to_label(code) or EMPTY_CELL


def format_generation_time(generation: str) -> str:
    """Return the time in a generation's id in a short form for an axis."""
    match = GENERATION_TIME.match(generation)
    return "{}-{}-{} {}:{}:{}".format(*match.groups()) if match else generation


def describe_delivery_progress(row: Row) -> str:
    """Describe the day up to which each source has delivered a collection year."""
    if "is_year_delivered" not in row:
        return EMPTY_CELL
    if row["is_year_delivered"]:
        return "the whole year"
    # A source has delivered to the day before the year if it has not delivered the year's start.
    first_day = f"{row.get('collection_year', '')[:4]}-04-01"
    delivered = []
    for source, name in (("police", "police"), ("authority", "authorities")):
        day = row[f"{source}_delivered_to_date"]
        if day and str(day) < first_day:
            delivered.append(f"{name} have not delivered its start")
        else:
            delivered.append(f"{name} to {day}" if day else f"{name} have delivered nothing")
    return f"in progress: {', '.join(delivered)}"


@dataclass(frozen=True)
class PageLink:
    """A link to another page of the site. `path` is relative to the site root."""

    text: str
    path: str
    note: str = ""


Cell = str | PageLink
# Functions that format a cell, by their names in `tables.yaml`. There, each format is followed by
# the columns that use it.
FORMATS: dict[str, Callable[..., Cell]] = {
    "text": lambda row, column: row[column],
    "label": lambda row, column: code_to_label(row[column]),
    "population": lambda row, column: labels.name_population(row[column]),
    "count": lambda row, column: format_count(row[column]),
    "count_or_dash": lambda row, column: format_count(row[column] or None),
    "count_range": lambda row, lower, upper: format_range(row[lower], row[upper]),
    "share": lambda row, column: format_percent(row[column]),
    "ratio": lambda row, part, total: format_ratio(row[part], row[total]),
    "share_with_interval": format_share_with_interval,
    "possible_range": format_possible_range,
    "rate": lambda row, column: format_rate(row.get(column)),
    "rate_with_interval": format_rate_with_interval,
    "change": format_change,
    "number": lambda row, column: format_number(row[column]),
    "decimal": lambda row, column: format_number(row[column], 1),
    "decimal_range": lambda row, *columns: " to ".join(
        format_number(row[column], 1) for column in columns
    ),
    "delivery_progress": describe_delivery_progress,
}


@dataclass(frozen=True)
class Table:
    """A table, whose first column heads each row.

    A heading that begins with `#` marks a column of figures.
    """

    caption: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    is_folded: bool = False

    @property
    def figure_columns(self) -> list[bool]:
        """Return for each column whether it has figures."""
        return [heading.startswith("#") for heading in self.headings]


@dataclass(frozen=True)
class Chart:
    """A drawn chart with its caption."""

    caption: str
    drawn: str


@dataclass(frozen=True)
class Section:
    """One section of a page: paragraphs, charts, and tables of the figures in the charts."""

    anchor: str
    title: str
    paragraphs: Sequence[str] = ()
    charts: Sequence[Chart] = ()
    tables: Sequence[Table] = ()
    sources: Sequence[Source] = ()
    links: Sequence[PageLink] = field(default=())


@dataclass(frozen=True)
class TableText:
    """The texts of one table and of its section, from `tables.yaml`.

    `columns` are the headings, each with the format and the columns of its cell. Names in braces in
    `text` and `caption` are replaced by values of the caller or of the first row.
    """

    anchor: str
    caption: str
    columns: dict[str, str]
    title: str = ""
    text: str = ""

    def read_cell(self, heading: str, row: Row) -> Cell:
        """Return the content of one cell of a row."""
        name, *columns = self.columns[heading].split()
        return FORMATS[name](row, *columns)


@cache
def read_table_texts() -> dict[str, TableText]:
    """Return the texts of every table by page and anchor, such as `areas.children`.

    In a heading, a measure's code in braces, such as `{children_missing}`, is replaced by the
    measure's name.
    """
    names = {code: row["measure_name"] for code, row in read_measures().items()}
    texts = {}
    for page, tables in read_yaml(TABLES).items():
        for anchor, table in tables.items():
            columns = {
                heading.format_map(names): cell for heading, cell in table.pop("columns").items()
            }
            texts[f"{page}.{anchor}"] = TableText(anchor, columns=columns, **table)
    return texts


def build_table(name: str, rows: Sequence[Row], is_folded: bool = False, **names: object) -> Table:
    """Build a table of `tables.yaml` with these rows; `names` replace the braces in its caption."""
    words = read_table_texts()[name]
    caption = words.caption.format_map({**(rows[0] if rows else {}), **names})
    cells = [[words.read_cell(heading, row) for heading in words.columns] for row in rows]
    return Table(caption, list(words.columns), cells, is_folded)


def build_section(
    name: str,
    figures: Figures,
    charts: Sequence[Chart] = (),
    tables: Sequence[Table] | None = None,
    is_folded: bool = False,
    **names: object,
) -> Section:
    """Build a section with its text from `tables.yaml`, charts, and tables.

    By default, it has the table of the same name. `names` replace the braces in text and caption. A
    section without rows says why it is empty.
    """
    words = read_table_texts()[name]
    source = figures.source
    if not figures.rows:
        reason = "Nothing to show: this register has no figures for this section."
        if not figures.is_published:
            reason = f"Not measured: this generation has no table `{source.mart}` in this form."
        return Section(words.anchor, words.title, (reason,))
    text = words.text.format_map({**figures.rows[0], **names})
    if tables is None:
        tables = [build_table(name, figures.rows, is_folded, **names)]
    return Section(words.anchor, words.title, [text] if text else [], charts, tables, [source])


@dataclass(frozen=True)
class Headline:
    """One large figure at the top of a page."""

    label: str
    text: str
    note: str


@dataclass(frozen=True)
class Page:
    """One page: its path in the site, its template, its title and its content.

    `section` is the navigation entry under which the page stands.
    """

    path: str
    template: str
    title: str
    section: str
    content: dict[str, Any]


def build_sections_page(
    path: str, title: str, lead: str, sections: Sequence[Section], navigation_path: str = ""
) -> Page:
    """Build a page of sections. Without `navigation_path`, the page is its own navigation entry."""
    content = {"lead": lead, "sections": sections}
    return Page(path, "sections.html", title, navigation_path or path, content)
