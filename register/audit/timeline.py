"""The timeline of a case as SVG, with a bar for each report on an axis of days.

The page that shows it also has a table of the same times.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from register.charts import ACCENT, KINDS, MARKED, RowChart, Tick

WIDTH = 800
LABEL_LENGTH = 26
COLOURS = {"police": MARKED, "authority": KINDS[2], "register": ACCENT}
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TICKS = 5
# The minimum width of a bar in pixels, so that even a moment is visible.
MIN_WIDTH = 3


@dataclass(frozen=True)
class Bar:
    """A bar: a time interval (UTC) as a source recorded it, or as the register derived it.

    `end` is None if the absence has not ended.
    """

    label: str
    source: str
    start: datetime
    end: datetime | None
    is_start_a_date: bool = False
    is_end_a_date: bool = False

    @property
    def latest_end(self) -> datetime:
        """The latest end that is drawn: the end of the day if only a date is known.

        For an absence that has not ended, it is two days after the start.
        """
        if self.end is None:
            return self.start + 2 * DAY
        return self.end + DAY if self.is_end_a_date else self.end

    @property
    def is_by_dates(self) -> bool:
        """Whether the start or the end is known only as a date."""
        return self.is_start_a_date or self.is_end_a_date

    @property
    def name(self) -> str:
        """The label, shortened, and the state of the bar.

        The state is *open* if the absence has not ended, or *dates* if a time is known only as a
        date.
        """
        state = " (open)" if self.end is None else " (dates)" if self.is_by_dates else ""
        return self.label[:LABEL_LENGTH] + state

    @property
    def description(self) -> str:
        """The interval in words."""
        until = "still open" if self.end is None else f"to {self.end:%-d %B %Y %H:%M}"
        return f"{self.name}: from {self.start:%-d %B %Y %H:%M} {until}."


def build_bars(episode: dict[str, Any] | None, reports: list[dict[str, Any]]) -> list[Bar]:
    """Return a bar for the register's episode and one for each report with a start."""
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
    """Draw the bars as an SVG element. Without bars, the text is empty."""
    if not bars:
        return ""
    first = min(bar.start for bar in bars).replace(hour=0, minute=0, second=0, microsecond=0)
    last = max(max(bar.latest_end, bar.start + HOUR) for bar in bars)
    days = max(1, -(-(last - first) // DAY))
    names = [bar.name for bar in bars]
    chart = RowChart(names, _place_ticks(first, days), width=WIDTH)
    min_length = MIN_WIDTH / WIDTH * days * DAY
    marks = []
    for position, bar in enumerate(bars):
        colour = COLOURS[bar.source]
        style = f' stroke="{colour}" fill-opacity="{0.35 if bar.is_by_dates else 1}"'
        if bar.end is None:
            style += ' stroke-dasharray="4 3"'
        start, end = (
            (moment - first) / HOUR
            for moment in (bar.start, max(bar.latest_end, bar.start + min_length))
        )
        marks.append(chart.draw_bar(position, start, end, colour, style))
    return chart.draw(
        "The times each source recorded. The table below has the same times.",
        marks,
        " ".join(bar.description for bar in bars),
    )


def _place_ticks(first: datetime, days: int) -> list[Tick]:
    """Return the ticks of the axis, including one at its end.

    A single day has a tick every six hours; a longer time has one every few days. A tick's label is
    the date at midnight, and the time at any other hour.
    """
    step = 6 if days == 1 else -(-days // TICKS) * 24
    hours = [*range(0, days * 24, step), days * 24]
    moments = [(hour, first + hour * HOUR) for hour in hours]
    return [
        (hour, f"{moment:%H:%M}" if moment.hour else f"{moment:%-d %b %Y}")
        for hour, moment in moments
    ]
