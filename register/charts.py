"""Charts as labelled SVG text, for pages that load no other files.

The page chooses the figures of a chart and also shows them as a table. Text is 14 px at the width
of the drawing. The colours of shapes have a contrast of at least 3:1 against white.
"""

from __future__ import annotations

import html
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from register.appearance import read_colours

COLOURS = read_colours()
INK, GRID, MUTED = COLOURS["ink"], COLOURS["grid"], COLOURS["kind-rest"]
# The main colour, the colour of a highlight, and the colour of a break in a series.
ACCENT, MARKED, BREAK = COLOURS["blue"], COLOURS["orange"], COLOURS["failed"]
# Colours for up to eight categories. The last colour is for all further categories together.
KINDS = tuple(COLOURS[f"kind-{kind}"] for kind in ("a", "b", "c", "d", "e", "f", "g", "rest"))
WIDTH = 960
BAND = 28
# The width in pixels of a letter in Arial at 14 px; slightly more than the average.
LETTER = 7.4
LONGEST_NAME = 440
PERCENT_TICKS = tuple((part / 4, f"{part * 25}%") for part in range(5))
Place = tuple[float, float]
Tick = tuple[float, str]


def draw_svg(
    width: float, height: float, label: str, inner: Sequence[str], description: str = ""
) -> str:
    """Return an SVG element with role `img`. `description` states the figures in words."""
    words = f"<desc>{html.escape(description)}</desc>" if description else ""
    return (
        f'<svg role="img" focusable="false" aria-label="{html.escape(label)}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" '
        f'font-family="Arial, Helvetica, sans-serif" font-size="14" fill="{INK}">'
        f"{words}{''.join(inner)}</svg>"
    )


def draw_text(x: float, y: float, words: str, anchor: str = "start", fill: str = INK) -> str:
    """Return a text element. `anchor` is the part of the text at `x`: start, middle or end."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}">'
        f"{html.escape(words)}</text>"
    )


def draw_line(start: Place, end: Place, stroke: str = INK, dash: str = "", width: float = 1) -> str:
    """Return a straight line; `dash` is an SVG dash pattern."""
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    (x1, y1), (x2, y2) = start, end
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}" '
        f'stroke-width="{width:g}"{dashed}/>'
    )


def draw_box(corner: Place, width: float, height: float, fill: str, more: str = "") -> str:
    """Return a filled rectangle; `more` has further SVG attributes."""
    return (
        f'<rect x="{corner[0]:.1f}" y="{corner[1]:.1f}" width="{width:.1f}" '
        f'height="{height:.1f}" fill="{fill}"{more}/>'
    )


def draw_dot(x: float, y: float, radius: float, fill: str, tooltip: str = "") -> str:
    """Return a dot, with a tooltip if one is given."""
    title = f"<title>{html.escape(tooltip)}</title>" if tooltip else ""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{fill}">{title}</circle>'


def round_ticks(low: float, high: float, most: int = 5) -> list[Tick]:
    """Return ticks at round numbers that enclose `low` and `high`, in at most `most` steps."""
    step = 1
    while math.ceil(high / step) - math.floor(low / step) > most:
        # The next step in the sequence 1, 2, 5, 10, 20 and so on.
        step = step * 5 // 2 if str(step).startswith("2") else step * 2
    first, last = math.floor(low / step), max(math.ceil(high / step), math.floor(low / step) + 1)
    return [(place * step, f"{place * step:,}") for place in range(first, last + 1)]


@dataclass(frozen=True)
class RowChart:
    """A chart of named rows over a common axis of values, from the first tick to the last.

    `title` stands below the axis. `top` is the y coordinate at which the first row begins. Names
    that are in `bold` are written in bold.
    """

    names: Sequence[str]
    ticks: Sequence[Tick]
    title: str = ""
    top: float = 8
    bold: Collection[str] = ()
    width: float = WIDTH

    @property
    def left(self) -> float:
        """The x coordinate at which names end and values begin."""
        return 14 + min(LONGEST_NAME, max((LETTER * len(name) for name in self.names), default=0))

    @property
    def right(self) -> float:
        """The x coordinate at which values end. Half of the last tick's text is beyond it."""
        return self.width - max(18, LETTER * len(self.ticks[-1][1]) / 2 + 4)

    @property
    def bottom(self) -> float:
        """The y coordinate at which the last row ends."""
        return self.top + BAND * len(self.names)

    def value_x(self, value: float) -> float:
        """Return the x coordinate of a value."""
        first, last = self.ticks[0][0], self.ticks[-1][0]
        return self.left + (self.right - self.left) * (value - first) / (last - first)

    def row_y(self, place: int) -> float:
        """Return the y coordinate of the middle of a row. Rows are counted from 0."""
        return self.top + BAND * (place + 0.5)

    def draw_bar(self, place: int, start: float, end: float, fill: str, more: str = "") -> str:
        """Return a bar in a row, from one value to another."""
        left, right = sorted((self.value_x(start), self.value_x(end)))
        return draw_box((left, self.row_y(place) - 9), right - left, 18, fill, more)

    def draw_words(self, place: int, value: float, words: str, fill: str = INK) -> str:
        """Return text in a row that begins just after a value's position."""
        return draw_text(self.value_x(value) + 5, self.row_y(place) + 5, words, fill=fill)

    def draw(self, label: str, marks: Sequence[str], description: str = "") -> str:
        """Return the chart: its axis, the names of its rows, and `marks` drawn over them."""
        axis, names = [], []
        for value, tick_text in self.ticks:
            x = self.value_x(value)
            axis.append(draw_line((x, self.top), (x, self.bottom), INK if value == 0 else GRID))
            axis.append(draw_text(x, self.bottom + 18, tick_text, "middle"))
        if self.title:
            middle = (self.left + self.right) / 2
            axis.append(draw_text(middle, self.bottom + 42, self.title, "middle"))
        for place, name in enumerate(self.names):
            is_long = LETTER * len(name) > LONGEST_NAME
            short_name = f"{name[: int(LONGEST_NAME / LETTER) - 1]}…" if is_long else name
            element = draw_text(self.left - 10, self.row_y(place) + 5, short_name, "end")
            names.append(f'<g font-weight="bold">{element}</g>' if name in self.bold else element)
        groups = [
            f'<g class="names">{"".join(names)}</g>',
            f'<g class="marks">{"".join(marks)}</g>',
        ]
        height = self.bottom + (52 if self.title else 28)
        return draw_svg(self.width, height, label, [*axis, *groups], description)


def draw_stacked_chart(
    rows: Mapping[str, Mapping[str, float] | str],
    colours: Mapping[str, str],
    title: str,
    label: str,
    description: str = "",
) -> str:
    """Return a chart of bars of equal length, divided by category in the order of `colours`.

    `rows` has, for each row, a figure for each category, or a text in place of the bar.
    """
    legend, x, y = [], 8.0, 20.0
    for kind, colour in colours.items():
        wide = LETTER * len(kind) + 44
        if x + wide > WIDTH and x > 8:
            x, y = 8.0, y + 24
        legend += [draw_dot(x + 7, y - 5, 7, colour), draw_text(x + 20, y, kind)]
        x += wide
    chart = RowChart(list(rows), PERCENT_TICKS, title, y + 14)
    marks = []
    for place, figures in enumerate(rows.values()):
        if isinstance(figures, str):
            marks.append(chart.draw_words(place, 0, figures))
            continue
        start, total = 0.0, sum(figures.values())
        for kind, colour in colours.items():
            if figures.get(kind):
                end = start + figures[kind] / total
                marks.append(chart.draw_bar(place, start, end, colour, ' stroke="#FFFFFF"'))
                start = end
    return chart.draw(label, [*legend, *marks], description)
