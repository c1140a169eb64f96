"""The charts of the site, drawn as SVG when the site is built.

The page of each chart also shows its figures as a table.
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

TABLE_NOTE = "The table gives the figures."
# The width in pixels of a chart that stands beside another chart.
SMALL = 470
# Ticks of an axis of hours before and after a time. The outermost are over a thousand years away,
# so that every value fits.
AFTER = (1, 6, 24, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000)
HOURS = (*(-hours for hours in reversed(AFTER)), 0, *AFTER)


@dataclass(frozen=True)
class Month:
    """One month of a series: its name (such as 2026-03), its value and its marks.

    The value is None if the month was not delivered. `is_break` says that definitions or the usual
    size of counts change from this month. `step_count` is the number of suppliers that changed how
    they record from this month.
    """

    name: str
    value: float | None
    is_break: bool = False
    step_count: int = 0


@dataclass(frozen=True)
class Point:
    """One area in a funnel plot: number of records, share (0-1), whether the page is about it."""

    name: str
    count: int
    share: float
    is_own: bool = False


@dataclass(frozen=True)
class Limit:
    """Limits of a funnel plot at one number of records, for 95% and 99.8%, as shares (0-1)."""

    count: float
    lower_95: float
    upper_95: float
    lower_998: float
    upper_998: float


@dataclass(frozen=True)
class Interval:
    """One row of a chart of intervals: a share (0-1) with its interval, or why it has none."""

    name: str
    share: float | None
    lower: float | None
    upper: float | None
    is_own: bool = False
    words: str = ""


@dataclass(frozen=True)
class Lag:
    """One row of a chart of quantiles of time differences, in hours, which may be negative."""

    name: str
    p10: float
    p25: float
    median: float
    p75: float
    p90: float


def draw_sparkline(values: Sequence[float | None], label: str) -> str:
    """Draw a small line without axes, with a dot at its end. A value of None leaves a gap.

    With fewer than two known values, the text is empty.
    """
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
    drawn = [_draw_path(places, 2.5), draw_dot(*last, 4.5, MARKED)]
    return draw_svg(width, height, f"{label}. {TABLE_NOTE}", drawn)


def _draw_path(places: Sequence[Place | None], width: float) -> str:
    """Draw a line through points, with a gap where a point is None."""
    parts = []
    for before, place in zip([None, *places], places, strict=False):
        if place is not None:
            parts.append(f"{'L' if before else 'M'}{place[0]:.1f} {place[1]:.1f}")
    return f'<path d="{"".join(parts)}" fill="none" stroke="{ACCENT}" stroke-width="{width:g}"/>'


@dataclass(frozen=True)
class MonthAxis:
    """The axes of a chart of months: months from left to right, values from 0 to the last tick.

    `break_label` is written at each line that marks a break.
    """

    months: Sequence[Month]
    ticks: Sequence[Tick]
    height: float
    width: float = WIDTH
    break_label: str = "definitions change"

    @property
    def left(self) -> float:
        """The x coordinate at which the months begin."""
        return 56

    @property
    def right(self) -> float:
        """The x coordinate at which the months end. A wide chart repeats its ticks beyond it.

        A narrow screen shows only the right part of a wide chart, with the newest months.
        """
        return self.width - (self.left if self.width == WIDTH else 8)

    @property
    def top(self) -> float:
        """The y coordinate of the last tick, below the labels of marks."""
        return 34 if any(month.is_break for month in self.months) else 12

    @property
    def bottom(self) -> float:
        """The y coordinate of the value 0."""
        return self.height - 46

    @property
    def band(self) -> float:
        """The width of a month."""
        return (self.right - self.left) / max(1, len(self.months))

    def find_y(self, value: float) -> float:
        """Return the y coordinate of a value."""
        return self.bottom - (self.bottom - self.top) * value / self.ticks[-1][0]

    def find_x(self, place: int) -> float:
        """Return the x coordinate of the middle of a month."""
        return self.left + self.band * (place + 0.5)

    @property
    def places(self) -> list[Place | None]:
        """The point of each month's value, or None for a month that was not delivered."""
        return [
            None if month.value is None else (self.find_x(place), self.find_y(month.value))
            for place, month in enumerate(self.months)
        ]

    def draw(self, label: str, values: Sequence[str]) -> str:
        """Draw the chart with its values, axes and marks."""
        inner = []
        for value, tick_text in self.ticks:
            y = self.find_y(value)
            inner.append(draw_line((self.left, y), (self.right, y), GRID if value else INK))
            inner.append(draw_text(self.left - 8, y + 5, tick_text, "end"))
            if self.width == WIDTH:
                inner.append(draw_text(self.right + 8, y + 5, tick_text))
        longest = LETTER * max((len(month.name) for month in self.months), default=0)
        every = max(1, math.ceil((longest + 12) / self.band))
        marks = [self._draw_marks(place) for place in range(len(self.months))]
        names = [
            draw_text(max(longest / 2, self.find_x(place)), self.bottom + 38, month.name, "middle")
            for place, month in enumerate(self.months)
            if place % every == 0
        ]
        inner += [*values, *marks, *names]
        # The style sheet scrolls a picture with this group to its end, where the newest month is.
        grouped = [f'<g class="months">{"".join(inner)}</g>']
        return draw_svg(self.width, self.height, self._describe_marks(label), grouped)

    def _draw_marks(self, place: int) -> str:
        """Draw a month's marks: a line for new definitions, a triangle for changed recording."""
        month, x, y = self.months[place], self.find_x(place), self.bottom + 17
        drawn = ""
        if month.is_break:
            start, top = x - self.band / 2, self.top - 16
            drawn += draw_line((start, top), (start, self.bottom), BREAK, "5 3", 2)
            drawn += draw_text(start + 5, top + 6, self.break_label, fill=BREAK)
        if month.step_count:
            drawn += f'<path d="M{x - 6:.1f} {y:.1f}h12l-6 -11z" fill="{MARKED}"/>'
        return drawn

    def _describe_marks(self, label: str) -> str:
        changes = [month.name for month in self.months if month.is_break]
        steps = [month.name for month in self.months if month.step_count]
        if changes:
            label += f"; {self.break_label} at {', '.join(changes)}"
        if steps:
            label += f"; suppliers changed how they record at {', '.join(steps)}"
        return f"{label}. {TABLE_NOTE}"


def draw_months(
    months: Sequence[Month],
    label: str,
    height: int = 280,
    break_label: str = "definitions change",
) -> str:
    """Draw counts by month as bars; `break_label` is written at each line that marks a break."""
    ticks = round_ticks(0, max((month.value or 0 for month in months), default=0))
    axis = MonthAxis(months, ticks, height, break_label=break_label)
    bars = [
        draw_box((x - axis.band * 0.38, y), axis.band * 0.76, axis.bottom - y, ACCENT)
        for x, y in filter(None, axis.places)
        if y < axis.bottom
    ]
    return axis.draw(label, bars)


def draw_shares(months: Sequence[Month], label: str, height: int = 240, width: int = WIDTH) -> str:
    """Draw shares (0-1) over time as a line with a dot for each."""
    axis = MonthAxis(months, PERCENT_TICKS, height, width)
    dots = [draw_dot(x, y, 3, ACCENT) for x, y in filter(None, axis.places)]
    return axis.draw(label, [_draw_path(axis.places, 2), *dots])


def draw_funnel(
    points: Sequence[Point], limits: Sequence[Limit], nation: float, label: str, axis_title: str
) -> str:
    """Draw areas' shares by their number of records, with the limits of what chance explains.

    `limits` are in order of their counts; their last count gives the width of the picture.
    """
    height, left, top = 380, 64, 16
    bottom, right = height - 54, WIDTH - 16
    greatest = limits[-1].count

    def find_x(count: float) -> float:
        return float(left + (right - left) * count / greatest)

    def find_y(share: float) -> float:
        return bottom - (bottom - top) * share

    inner = []
    for share, tick_text in PERCENT_TICKS:
        inner.append(draw_line((left, find_y(share)), (right, find_y(share)), GRID))
        inner.append(draw_text(left - 8, find_y(share) + 5, tick_text, "end"))
    for count, tick_text in round_ticks(0, greatest, 8):
        if count <= greatest:
            inner.append(draw_text(find_x(count), bottom + 20, tick_text, "middle"))
    inner.append(draw_text((left + right) / 2, bottom + 44, axis_title, "middle"))
    for names, stroke, dash in (
        (("lower_95", "upper_95"), ACCENT, ""),
        (("lower_998", "upper_998"), MUTED, "6 4"),
    ):
        for name in names:
            places = " ".join(
                f"{find_x(limit.count):.1f},{find_y(getattr(limit, name)):.1f}" for limit in limits
            )
            dashed = f' stroke-dasharray="{dash}"' if dash else ""
            inner.append(f'<polyline points="{places}" fill="none" stroke="{stroke}"{dashed}/>')
    inner.append(draw_line((left, find_y(nation)), (right, find_y(nation)), INK, "2 3"))
    for point in points:
        inner += _draw_area(point, find_x(point.count), find_y(point.share))
    return draw_svg(WIDTH, height, f"{label}. {TABLE_NOTE}", inner)


def _draw_area(point: Point, x: float, y: float) -> list[str]:
    """Draw an area's point. The page's own area is larger, in another colour, and named."""
    tooltip = f"{point.name}: {point.share:.1%} of {point.count:,}"
    if not point.is_own:
        return [draw_dot(x, y, 4.5, MUTED, tooltip)]
    anchor, place = ("end", x - 12) if x > WIDTH / 2 else ("start", x + 12)
    named = draw_text(place, y - 10, point.name, anchor)
    return [draw_dot(x, y, 8, MARKED, tooltip), f'<g font-weight="bold">{named}</g>']


def draw_intervals(rows: Sequence[Interval], label: str, nation: float | None) -> str:
    """Draw a row for each interval, or its note, in the given order. The nation is a line."""
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
    return chart.draw(f"{label}, with 95% intervals. {TABLE_NOTE}", marks)


def draw_kinds(rows: Mapping[str, Mapping[str, float]], kinds: Sequence[str], title: str) -> str:
    """Draw stacked shares of up to eight kinds; for each row, `rows` has the count of each kind."""
    label = f"{title}: {', '.join(kinds)}. {TABLE_NOTE}"
    return draw_stacked_chart(rows, dict(zip(kinds, KINDS, strict=False)), title, label)


def draw_lags(rows: Sequence[Lag], title: str) -> str:
    """Draw each lag as a line (10th to 90th percentile), a bar (middle half) and the median.

    The axis is a symmetrical logarithm, because lags range from minutes to years and may be
    negative.
    """
    least, most = min(row.p10 for row in rows), max(row.p90 for row in rows)
    low = max(hours for hours in HOURS[:-1] if hours <= least)
    high = min(hours for hours in HOURS if hours >= most and hours > low)
    ticks = [(_compute_log(hours), f"{hours:,}") for hours in HOURS if low <= hours <= high]
    chart = RowChart([row.name for row in rows], ticks, title)
    marks = []
    for place, row in enumerate(rows):
        y, median = chart.row_y(place), chart.value_x(_compute_log(row.median))
        marks += [
            draw_line(
                (chart.value_x(_compute_log(row.p10)), y),
                (chart.value_x(_compute_log(row.p90)), y),
                width=1.5,
            ),
            chart.draw_bar(place, _compute_log(row.p25), _compute_log(row.p75), ACCENT),
            draw_line((median, y - 12), (median, y + 12), MARKED, width=4),
        ]
    return chart.draw(f"{title}. {TABLE_NOTE}", marks)


def _compute_log(hours: float) -> float:
    """Return the symmetrical logarithm of a number of hours."""
    return math.copysign(math.log1p(abs(hours)), hours)
