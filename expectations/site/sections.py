"""What pages are built of: sections of words, charts and tables, each with where it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from expectations.site.rendering import NOTHING, Page, counted, percent
from expectations.site.sources import Figures, Row, Source


@dataclass(frozen=True)
class To:
    """A cell or a line that leads to another place of the site; `path` is below its root."""

    text: str
    path: str
    beside: str = ""


Cell = str | To


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


@dataclass(frozen=True)
class Chart:
    """A drawn picture with its caption."""

    caption: str
    drawn: str


@dataclass(frozen=True)
class Section:
    """One thing that a page says: words, then charts, then the same figures as tables."""

    anchor: str
    title: str
    words: Sequence[str] = ()
    charts: Sequence[Chart] = ()
    tables: Sequence[Table] = ()
    sources: Sequence[Source] = ()
    links: Sequence[To] = field(default=())


def absent(anchor: str, title: str, figures: Figures) -> Section:
    """What stands where there is nothing to show: no mart in the generation, or no row in it."""
    mart = figures.source.mart
    words = f"Nothing to show: {mart} holds no such row."
    if not figures.is_published:
        words = f"Not measured: this generation does not hold {mart}."
    return Section(anchor, title, (words,))


def interval(row: Row, share: str) -> str:
    """A share with the interval that its mart states."""
    value, lower, upper = (row.get(f"{share}{end}") for end in ("", "_lower", "_upper"))
    if value is None:
        return NOTHING
    if lower is None or upper is None:
        return percent(value)
    return f"{percent(value)} ({percent(lower)} to {percent(upper)})"


def number(value: float | None, digits: int = 2) -> str:
    """A coefficient or a mean; a dash where there is none."""
    return NOTHING if value is None else f"{value:.{digits}f}"


def bounds(lower: float | None, upper: float | None) -> str:
    """A least and a greatest count."""
    return counted(lower) if lower == upper else f"{counted(lower)} to {counted(upper)}"


def sections_page(path: str, title: str, lead: str, sections: Sequence[Section]) -> Page:
    """A page made of sections, which is an entry of the navigation of its own."""
    return Page(path, "sections.html", title, path, {"lead": lead, "sections": sections})
