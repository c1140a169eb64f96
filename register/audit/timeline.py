"""The timeline of a case as a picture: one bar a report, on one axis of days, as SVG text.

Drawn by hand: a worksheet opens without a network and prints. The page carries the same times as a
table.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import Any

WIDTH = 720
LABEL_WIDTH = 190
ROW_HEIGHT = 30
AXIS_HEIGHT = 34
COLOURS = {"police": "#C4500F", "authority": "#1F8078", "register": "#12436D"}
DAY = timedelta(days=1)
TICKS = 8
SHORT_DAYS = 1


@dataclass(frozen=True)
class Bar:
    """One interval: who says so, and between which moments; `end` None is still open."""

    label: str
    source: str
    start: datetime
    end: datetime | None
    is_start_a_date: bool = False
    is_end_a_date: bool = False

    @property
    def last(self) -> datetime:
        """The latest moment that the interval may reach; a date reaches to its day's end."""
        if self.end is None:
            return self.start + 2 * DAY
        return self.end + DAY if self.is_end_a_date else self.end


def bars_of(episode: dict[str, Any] | None, reports: list[dict[str, Any]]) -> list[Bar]:
    """The register's episode, then each report that has a start."""
    bars = []
    if episode is not None and episode["started_at"] is not None:
        bars.append(Bar("The register", "register", episode["started_at"], episode["ended_at"]))
    for number, row in enumerate(reports, start=1):
        if row["started_at"] is None:
            continue
        bars.append(
            Bar(
                f"{number}. {row['supplier_name']}",
                row["source"],
                row["started_at"],
                row["ended_at"],
                row["start_precision"] == "date",
                row["end_precision"] == "date",
            )
        )
    return bars


def draw_timeline(bars: list[Bar]) -> str:
    """The bars as an SVG element; empty text where there is nothing to draw."""
    if not bars:
        return ""
    first = min(bar.start for bar in bars).replace(hour=0, minute=0, second=0, microsecond=0)
    last = max(max(bar.last, bar.start + timedelta(hours=1)) for bar in bars)
    days = max(1, -(-(last - first) // DAY))
    scale = (WIDTH - LABEL_WIDTH - 10) / days
    height = AXIS_HEIGHT + ROW_HEIGHT * len(bars) + 4
    drawn = [_axis(first, days, scale, height)]
    drawn += [_bar(bar, place, first, scale) for place, bar in enumerate(bars)]
    return (
        f'<svg role="img" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'aria-label="The times each source gives. The table below says the same." '
        'font-family="Arial, Helvetica, sans-serif" font-size="12">' + "".join(drawn) + "</svg>"
    )


def _axis(first: datetime, days: int, scale: float, height: int) -> str:
    """A line and a label at every step: six hours for the shortest, else whole days."""
    step = 6 if days <= SHORT_DAYS else max(1, -(-days // TICKS)) * 24
    marks = []
    for hour in range(0, days * 24 + 1, step):
        place = LABEL_WIDTH + hour / 24 * scale
        marks.append(
            f'<line x1="{place:.1f}" x2="{place:.1f}" y1="{AXIS_HEIGHT - 8}" y2="{height}" '
            'stroke="#D5DBDF"/>'
        )
        if hour < days * 24:
            moment = first + timedelta(hours=hour)
            label = f"{moment:%H:%M}" if hour % 24 else f"{moment:%-d %b %Y}"
            marks.append(
                f'<text x="{place + 3:.1f}" y="{AXIS_HEIGHT - 14}" fill="#1D2A33">{label}</text>'
            )
    return "".join(marks)


def _bar(bar: Bar, place: int, first: datetime, scale: float) -> str:
    top = AXIS_HEIGHT + place * ROW_HEIGHT
    start = LABEL_WIDTH + (bar.start - first) / DAY * scale
    width = max((bar.last - bar.start) / DAY * scale, 3.0)
    colour = COLOURS[bar.source]
    dates = bar.is_start_a_date or bar.is_end_a_date
    shape = (
        f'<rect x="{start:.1f}" y="{top + 6}" width="{width:.1f}" height="{ROW_HEIGHT - 12}" '
        f'fill="{colour}" fill-opacity="{0.35 if dates else 1}" stroke="{colour}"'
        + (' stroke-dasharray="4 3"' if bar.end is None else "")
        + "/>"
    )
    words = " (open)" if bar.end is None else " (dates)" if dates else ""
    return (
        f'<text x="0" y="{top + 19}" fill="#1D2A33">{escape(bar.label[:26])}{words}</text>{shape}'
    )
