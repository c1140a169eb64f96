"""Charts as labelled SVG elements, written as text, for pages that fetch nothing.

What a chart shows belongs to the page that it is on, which has the same figures as a table. Text
is 14 px at the width at which a picture is drawn. Colours of shapes are at least 3:1 against white.
"""

from __future__ import annotations

import html
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

INK, GRID, MUTED = "#1D2A33", "#D5DBDF", "#5F6B73"
# The main colour, what is marked in it, and where a series steps.
ACCENT, MARKED, BREAK = "#12436D", "#C4500F", "#9C1C13"
# Up to eight kinds told apart; the last is for all others.
KINDS = (ACCENT, MARKED, "#1F8078", "#801650", "#6B6B00", "#5C5C9E", "#A8326B", MUTED)
WIDTH = 960
BAND = 28
# Pixels that a letter of Arial takes at 14 px, on the wide side of the mean.
LETTER = 7.4
LONGEST_NAME = 440
PERCENT_TICKS = tuple((part / 4, f"{part * 25}%") for part in range(5))
Place = tuple[float, float]
Tick = tuple[float, str]


def svg(width: float, height: float, label: str, inner: Sequence[str], said: str = "") -> str:
    """Return an SVG element of role `img`: `label` is its name, `said` its figures in words."""
    words = f"<desc>{html.escape(said)}</desc>" if said else ""
    return (
        f'<svg role="img" focusable="false" aria-label="{html.escape(label)}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" '
        f'font-family="Arial, Helvetica, sans-serif" font-size="14" fill="{INK}">'
        f"{words}{''.join(inner)}</svg>"
    )


def text(x: float, y: float, words: str, anchor: str = "start", fill: str = INK) -> str:
    """Return words at a place, which is their start, middle or end as `anchor` says."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}">'
        f"{html.escape(words)}</text>"
    )


def line(start: Place, end: Place, stroke: str = INK, dash: str = "", width: float = 1) -> str:
    """Return a line, broken as `dash` says."""
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    (x1, y1), (x2, y2) = start, end
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}" '
        f'stroke-width="{width:g}"{dashed}/>'
    )


def box(corner: Place, width: float, height: float, fill: str, more: str = "") -> str:
    """Return a filled rectangle; `more` are further attributes."""
    return (
        f'<rect x="{corner[0]:.1f}" y="{corner[1]:.1f}" width="{width:.1f}" '
        f'height="{height:.1f}" fill="{fill}"{more}/>'
    )


def dot(x: float, y: float, radius: float, fill: str, said: str = "") -> str:
    """Return a dot; `said` is shown to who points at it."""
    title = f"<title>{html.escape(said)}</title>" if said else ""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{fill}">{title}</circle>'


def round_ticks(low: float, high: float, most: int = 5) -> list[Tick]:
    """Return whole numbers from at most `low` to at least `high`, at most `most` steps apart."""
    step = 1
    while math.ceil(high / step) - math.floor(low / step) > most:
        # 1, 2, 5, 10, 20 and so on.
        step = step * 5 // 2 if str(step).startswith("2") else step * 2
    first, last = math.floor(low / step), max(math.ceil(high / step), math.floor(low / step) + 1)
    return [(place * step, f"{place * step:,}") for place in range(first, last + 1)]


@dataclass(frozen=True)
class RowChart:
    """Rows with their names at the left, over an axis of values from the first tick to the last."""

    names: Sequence[str]
    ticks: Sequence[Tick]
    title: str = ""
    top: float = 8
    bold: Collection[str] = ()
    width: float = WIDTH

    @property
    def left(self) -> float:
        """Where names end and values begin."""
        return 14 + min(LONGEST_NAME, max((LETTER * len(name) for name in self.names), default=0))

    @property
    def right(self) -> float:
        """Where values end, with room for half of the last tick's words."""
        return self.width - max(18, LETTER * len(self.ticks[-1][1]) / 2 + 4)

    @property
    def bottom(self) -> float:
        """Where the last row ends."""
        return self.top + BAND * len(self.names)

    def across(self, value: float) -> float:
        """Where a value lies."""
        first, last = self.ticks[0][0], self.ticks[-1][0]
        return self.left + (self.right - self.left) * (value - first) / (last - first)

    def middle(self, place: int) -> float:
        """The height of a row."""
        return self.top + BAND * (place + 0.5)

    def bar(self, place: int, start: float, end: float, fill: str, more: str = "") -> str:
        """Return a bar of a row from one value to another."""
        left, right = sorted((self.across(start), self.across(end)))
        return box((left, self.middle(place) - 9), right - left, 18, fill, more)

    def words(self, place: int, value: float, said: str, fill: str = INK) -> str:
        """Return words of a row that begin just after a value."""
        return text(self.across(value) + 5, self.middle(place) + 5, said, fill=fill)

    def drawn(self, label: str, marks: Sequence[str], said: str = "") -> str:
        """Return the chart with its marks, and beneath them the lines of its axis."""
        axis, names = [], []
        for value, shown in self.ticks:
            x = self.across(value)
            axis.append(line((x, self.top), (x, self.bottom), INK if value == 0 else GRID))
            axis.append(text(x, self.bottom + 18, shown, "middle"))
        if self.title:
            middle = (self.left + self.right) / 2
            axis.append(text(middle, self.bottom + 42, self.title, "middle"))
        for place, name in enumerate(self.names):
            is_long = LETTER * len(name) > LONGEST_NAME
            shown = f"{name[: int(LONGEST_NAME / LETTER) - 1]}…" if is_long else name
            drawn = text(self.left - 10, self.middle(place) + 5, shown, "end")
            names.append(f'<g font-weight="bold">{drawn}</g>' if name in self.bold else drawn)
        groups = [
            f'<g class="names">{"".join(names)}</g>',
            f'<g class="marks">{"".join(marks)}</g>',
        ]
        height = self.bottom + (52 if self.title else 28)
        return svg(self.width, height, label, [*axis, *groups], said)


def stacked_chart(
    rows: Mapping[str, Mapping[str, float] | str],
    colours: Mapping[str, str],
    title: str,
    label: str,
    said: str = "",
) -> str:
    """Return each row as one bar of its kinds, in the order of `colours`, all to one length.

    `rows` has the figure of each kind, or words that stand in the place of the bar.
    """
    legend, x, y = [], 8.0, 20.0
    for kind, colour in colours.items():
        wide = LETTER * len(kind) + 44
        if x + wide > WIDTH and x > 8:
            x, y = 8.0, y + 24
        legend += [dot(x + 7, y - 5, 7, colour), text(x + 20, y, kind)]
        x += wide
    chart = RowChart(list(rows), PERCENT_TICKS, title, y + 14)
    marks = []
    for place, figures in enumerate(rows.values()):
        if isinstance(figures, str):
            marks.append(chart.words(place, 0, figures))
            continue
        start, whole = 0.0, sum(figures.values())
        for kind, colour in colours.items():
            if figures.get(kind):
                end = start + figures[kind] / whole
                marks.append(chart.bar(place, start, end, colour, ' stroke="#FFFFFF"'))
                start = end
    return chart.drawn(label, [*legend, *marks], said)
