"""The timeline of a case as a picture: one bar a report, on one axis of days.

The page that carries it has the same times as a table.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from register.charts import RowChart, Tick

WIDTH = 800
LABEL_LENGTH = 26
COLOURS = {"police": "#C4500F", "authority": "#1F8078", "register": "#12436D"}
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TICKS = 5
# A bar is never thinner than this, in pixels, so that a moment can be seen.
LEAST_WIDTH = 3


@dataclass(frozen=True)
class Bar:
    """One interval as one source recorded it (UTC); `end` None is still open."""

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

    @property
    def is_by_dates(self) -> bool:
        """Whether an end of the interval is known to the day only."""
        return self.is_start_a_date or self.is_end_a_date

    @property
    def name(self) -> str:
        """The label with what its style shows: open, or by dates."""
        state = " (open)" if self.end is None else " (dates)" if self.is_by_dates else ""
        return self.label[:LABEL_LENGTH] + state

    @property
    def words(self) -> str:
        """The interval in words."""
        until = "still open" if self.end is None else f"to {self.end:%-d %B %Y %H:%M}"
        return f"{self.name}: from {self.start:%-d %B %Y %H:%M} {until}."


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
    last = max(max(bar.last, bar.start + HOUR) for bar in bars)
    days = max(1, -(-(last - first) // DAY))
    names = [bar.name for bar in bars]
    chart = RowChart(names, _ticks(first, days), width=WIDTH)
    least = LEAST_WIDTH / WIDTH * days * DAY
    marks = []
    for place, bar in enumerate(bars):
        colour = COLOURS[bar.source]
        style = f' stroke="{colour}" fill-opacity="{0.35 if bar.is_by_dates else 1}"'
        if bar.end is None:
            style += ' stroke-dasharray="4 3"'
        start, end = (
            (when - first) / HOUR for when in (bar.start, max(bar.last, bar.start + least))
        )
        marks.append(chart.draw_bar(place, start, end, colour, style))
    return chart.draw(
        "The times each source recorded. The table below has the same times.",
        marks,
        " ".join(bar.words for bar in bars),
    )


def _ticks(first: datetime, days: int) -> list[Tick]:
    """A tick every six hours of a single day, else every so many whole days, and at the end.

    Midnight is labelled with its date, any other hour with the time.
    """
    step = 6 if days == 1 else -(-days // TICKS) * 24
    hours = [*range(0, days * 24, step), days * 24]
    moments = [(hour, first + hour * HOUR) for hour in hours]
    return [
        (hour, f"{moment:%H:%M}" if moment.hour else f"{moment:%-d %b %Y}")
        for hour, moment in moments
    ]
