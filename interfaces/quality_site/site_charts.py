"""The charts of the site, drawn when it is built: hundreds of pages have one of their own.

A picture never is the only place of its figures: the page has them as a table too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from register.charts import (
    ACCENT,
    BREAK,
    GRID,
    INK,
    KINDS,
    LETTER,
    MARKED,
    MUTED,
    PERCENT_TICKS,
    WIDTH,
    Place,
    RowChart,
    Tick,
    draw_box,
    draw_dot,
    draw_line,
    draw_stacked_chart,
    draw_svg,
    draw_text,
    round_ticks,
)

TABLE = "The table gives the figures."
# The width of one of many charts beside each other.
SMALL = 470
# Where an axis of hours has its ticks: up to a millennium before and after.
AFTER = (1, 6, 24, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000)
HOURS = (*(-hours for hours in reversed(AFTER)), 0, *AFTER)


@dataclass(frozen=True)
class Month:
    """One month of a series: its name (2026-03), its value (None: not delivered), its marks.

    `is_break`: what is recorded changes with it. `step_count`: suppliers whose recording steps.
    """

    name: str
    value: float | None
    is_break: bool = False
    step_count: int = 0


@dataclass(frozen=True)
class Point:
    """One area in a funnel: how many records, the share (0-1), and whether it is the page's own."""

    name: str
    count: int
    share: float
    is_own: bool = False


@dataclass(frozen=True)
class Limit:
    """The limits of a funnel at one number of records: 95 % and 99.8 %, shares (0-1)."""

    count: float
    lower_95: float
    upper_95: float
    lower_998: float
    upper_998: float


@dataclass(frozen=True)
class Interval:
    """One row of a picture of intervals: a share with its bounds (0-1), or why not."""

    name: str
    share: float | None
    lower: float | None
    upper: float | None
    is_own: bool = False
    words: str = ""


@dataclass(frozen=True)
class Lag:
    """One row of a picture of quantiles: hours, which may be negative."""

    name: str
    p10: float
    p25: float
    median: float
    p75: float
    p90: float


def sparkline(values: Sequence[float | None], label: str) -> str:
    """A small line without axes; a value that is None leaves a gap. Its last value has a dot."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    span = (high - low) or 1
    width, height, edge = 280, 56, 6
    step = (width - 2 * edge) / (len(values) - 1)
    places = [
        None
        if value is None
        else (edge + place * step, height - edge - (value - low) / span * (height - 2 * edge))
        for place, value in enumerate(values)
    ]
    last = next(place for place in reversed(places) if place is not None)
    drawn = [_path(places, 2.5), draw_dot(*last, 4.5, MARKED)]
    return draw_svg(width, height, f"{label}. {TABLE}", drawn)


def _path(places: Sequence[Place | None], width: float) -> str:
    """A line through places, with a gap where there is none."""
    parts = []
    for before, place in zip([None, *places], places, strict=False):
        if place is not None:
            parts.append(f"{'L' if before else 'M'}{place[0]:.1f} {place[1]:.1f}")
    return f'<path d="{"".join(parts)}" fill="none" stroke="{ACCENT}" stroke-width="{width:g}"/>'


@dataclass(frozen=True)
class MonthAxis:
    """Months beside each other, over an axis of values from 0 to the last tick.

    `changed` says what a broken line marks.
    """

    months: Sequence[Month]
    ticks: Sequence[Tick]
    height: float
    width: float = WIDTH
    changed: str = "definitions change"

    @property
    def left(self) -> float:
        """Where the months begin."""
        return 56

    @property
    def top(self) -> float:
        """The height of the last tick, which leaves room for what is said of marks."""
        return 34 if any(month.is_break for month in self.months) else 12

    @property
    def bottom(self) -> float:
        """The height of 0."""
        return self.height - 46

    @property
    def band(self) -> float:
        """The width of a month."""
        return (self.width - self.left - 8) / max(1, len(self.months))

    def up(self, value: float) -> float:
        """The height of a value."""
        return self.bottom - (self.bottom - self.top) * value / self.ticks[-1][0]

    def middle(self, place: int) -> float:
        """Where the middle of a month lies."""
        return self.left + self.band * (place + 0.5)

    @property
    def places(self) -> list[Place | None]:
        """Where the value of each month lies; None for what was not delivered."""
        return [
            None if month.value is None else (self.middle(place), self.up(month.value))
            for place, month in enumerate(self.months)
        ]

    def drawn(self, label: str, values: Sequence[str]) -> str:
        """The chart with its values, axes and marks."""
        inner = []
        for value, shown in self.ticks:
            y = self.up(value)
            inner.append(draw_line((self.left, y), (self.width - 8, y), GRID if value else INK))
            inner.append(draw_text(self.left - 8, y + 5, shown, "end"))
        longest = LETTER * max((len(month.name) for month in self.months), default=0)
        every = max(1, math.ceil((longest + 12) / self.band))
        marks = [self._marks(place) for place in range(len(self.months))]
        names = [
            draw_text(max(longest / 2, self.middle(place)), self.bottom + 38, month.name, "middle")
            for place, month in enumerate(self.months)
            if place % every == 0
        ]
        inner += [*values, *marks, *names]
        return draw_svg(self.width, self.height, self._with_marks(label), inner)

    def _marks(self, place: int) -> str:
        """A broken line with which recording changes, a triangle where a supplier's steps."""
        month, x, y = self.months[place], self.middle(place), self.bottom + 17
        drawn = ""
        if month.is_break:
            start, top = x - self.band / 2, self.top - 16
            drawn += draw_line((start, top), (start, self.bottom), BREAK, "5 3", 2)
            drawn += draw_text(start + 5, top + 6, self.changed, fill=BREAK)
        if month.step_count:
            drawn += f'<path d="M{x - 6:.1f} {y:.1f}h12l-6 -11z" fill="{MARKED}"/>'
        return drawn

    def _with_marks(self, label: str) -> str:
        changes = [month.name for month in self.months if month.is_break]
        steps = [month.name for month in self.months if month.step_count]
        if changes:
            label += f"; {self.changed} at {', '.join(changes)}"
        if steps:
            label += f"; the recording of suppliers steps at {', '.join(steps)}"
        return f"{label}. {TABLE}"


def months_chart(
    months: Sequence[Month], label: str, height: int = 280, changed: str = "definitions change"
) -> str:
    """Counts by month as bars; `changed` says what a broken line marks."""
    ticks = round_ticks(0, max((month.value or 0 for month in months), default=0))
    axis = MonthAxis(months, ticks, height, changed=changed)
    bars = [
        draw_box((x - axis.band * 0.38, y), axis.band * 0.76, axis.bottom - y, ACCENT)
        for x, y in filter(None, axis.places)
        if y < axis.bottom
    ]
    return axis.drawn(label, bars)


def shares_chart(months: Sequence[Month], label: str, height: int = 240, width: int = WIDTH) -> str:
    """Shares (0-1) over time as a line with a dot each."""
    axis = MonthAxis(months, PERCENT_TICKS, height, width)
    dots = [draw_dot(x, y, 3, ACCENT) for x, y in filter(None, axis.places)]
    return axis.drawn(label, [_path(axis.places, 2), *dots])


def funnel(
    points: Sequence[Point], limits: Sequence[Limit], nation: float, label: str, counted: str
) -> str:
    """Shares of areas by their number of records, with the limits that chance alone leaves.

    `limits` are by rising count and give the width of the picture.
    """
    height, left, top = 380, 64, 16
    bottom, right = height - 54, WIDTH - 16
    greatest = limits[-1].count

    def across(count: float) -> float:
        return float(left + (right - left) * count / greatest)

    def up(share: float) -> float:
        return bottom - (bottom - top) * share

    inner = []
    for share, shown in PERCENT_TICKS:
        inner.append(draw_line((left, up(share)), (right, up(share)), GRID))
        inner.append(draw_text(left - 8, up(share) + 5, shown, "end"))
    for count, shown in round_ticks(0, greatest, 8):
        if count <= greatest:
            inner.append(draw_text(across(count), bottom + 20, shown, "middle"))
    inner.append(draw_text((left + right) / 2, bottom + 44, counted, "middle"))
    for names, stroke, dash in (
        (("lower_95", "upper_95"), ACCENT, ""),
        (("lower_998", "upper_998"), MUTED, "6 4"),
    ):
        for name in names:
            places = " ".join(
                f"{across(limit.count):.1f},{up(getattr(limit, name)):.1f}" for limit in limits
            )
            dashed = f' stroke-dasharray="{dash}"' if dash else ""
            inner.append(f'<polyline points="{places}" fill="none" stroke="{stroke}"{dashed}/>')
    inner.append(draw_line((left, up(nation)), (right, up(nation)), INK, "2 3"))
    for point in points:
        inner += _area(point, across(point.count), up(point.share))
    return draw_svg(WIDTH, height, f"{label}. {TABLE}", inner)


def _area(point: Point, x: float, y: float) -> list[str]:
    """An area; the page's own is larger, of another colour, and named."""
    said = f"{point.name}: {point.share:.1%} of {point.count:,}"
    if not point.is_own:
        return [draw_dot(x, y, 4.5, MUTED, said)]
    anchor, place = ("end", x - 12) if x > WIDTH / 2 else ("start", x + 12)
    named = draw_text(place, y - 10, point.name, anchor)
    return [draw_dot(x, y, 8, MARKED, said), f'<g font-weight="bold">{named}</g>']


def intervals_chart(rows: Sequence[Interval], label: str, nation: float | None) -> str:
    """A dot and its interval a row, or its words, in the order given; the nation a broken line."""
    names = [row.name for row in rows]
    chart = RowChart(names, PERCENT_TICKS, bold={row.name for row in rows if row.is_own})
    marks = []
    if nation is not None:
        x = chart.value_x(nation)
        marks.append(draw_line((x, chart.top), (x, chart.bottom), BREAK, "5 3"))
    for place, row in enumerate(rows):
        y = chart.row_y(place)
        if row.share is None or row.lower is None or row.upper is None:
            marks.append(chart.draw_words(place, 0, row.words, MUTED))
            continue
        marks.append(draw_line((chart.value_x(row.lower), y), (chart.value_x(row.upper), y)))
        marks.append(draw_dot(chart.value_x(row.share), y, 5, MARKED if row.is_own else ACCENT))
    return chart.draw(f"{label}, with 95% intervals. {TABLE}", marks)


def kinds_chart(rows: Mapping[str, Mapping[str, float]], kinds: Sequence[str], title: str) -> str:
    """The shares of up to eight kinds in each row, stacked; `rows` has their counts."""
    label = f"{title}: {', '.join(kinds)}. {TABLE}"
    return draw_stacked_chart(rows, dict(zip(kinds, KINDS, strict=False)), title, label)


def lags_chart(rows: Sequence[Lag], title: str) -> str:
    """A line from the 10th to the 90th percentile, a bar between the quarters, the median.

    The axis is the symmetrical logarithm, since lags reach from minutes to years, before and after.
    """
    least, most = min(row.p10 for row in rows), max(row.p90 for row in rows)
    low = max(hours for hours in HOURS[:-1] if hours <= least)
    high = min(hours for hours in HOURS if hours >= most and hours > low)
    ticks = [(_log(hours), f"{hours:,}") for hours in HOURS if low <= hours <= high]
    chart = RowChart([row.name for row in rows], ticks, title)
    marks = []
    for place, row in enumerate(rows):
        y, median = chart.row_y(place), chart.value_x(_log(row.median))
        marks += [
            draw_line(
                (chart.value_x(_log(row.p10)), y), (chart.value_x(_log(row.p90)), y), width=1.5
            ),
            chart.draw_bar(place, _log(row.p25), _log(row.p75), ACCENT),
            draw_line((median, y - 12), (median, y + 12), MARKED, width=4),
        ]
    return chart.draw(f"{title}. {TABLE}", marks)


def _log(hours: float) -> float:
    """The symmetrical logarithm of a number of hours."""
    return math.copysign(math.log1p(abs(hours)), hours)
