"""Charts that are drawn directly as SVG: one a page of every area, so that hundreds are quick.

Text is at least 13 px at the width at which the picture is shown. A picture never is the only
place of its figures: the page has them as a table too. `charts` draws those that occur once.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from interfaces.quality_site.site_charts import ACCENT, BREAK, GRID, INK, KINDS, TABLE

WIDTH = 960
MUTED = "#7C8B96"
Place = tuple[float, float]


@dataclass(frozen=True)
class Month:
    """One month of a series: its name (2026-03), its value (None: not delivered), its marks.

    `is_break`: definitions in force change with it. `step_count`: suppliers whose recording steps.
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


def _svg(width: int, height: int, label: str, inner: Sequence[str], style: str = "") -> str:
    said = html.escape(f"{label}. {TABLE}", quote=True)
    named = f' class="{style}"' if style else ""
    return (
        f'<svg role="img" focusable="false" aria-label="{said}"{named} '
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="Arial, Helvetica, sans-serif" font-size="14" fill="{INK}">'
        f"{''.join(inner)}</svg>"
    )


def _text(x: float, y: float, words: str, anchor: str = "start", fill: str = INK) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}">'
        f"{html.escape(words)}</text>"
    )


def _line(start: Place, end: Place, stroke: str, dash: str = "") -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    (x1, y1), (x2, y2) = start, end
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}"{dashed}/>'
    )


def sparkline(values: Sequence[float | None], label: str) -> str:
    """A small line without axes; a value that is None leaves a gap. Its last value has a dot."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    span = (high - low) or 1
    width, height, edge = 280, 56, 6
    step = (width - 2 * edge) / (len(values) - 1)
    parts: list[str] = []
    last = (0.0, 0.0)
    is_open = False
    for place, value in enumerate(values):
        if value is None:
            is_open = False
            continue
        last = (edge + place * step, height - edge - (value - low) / span * (height - 2 * edge))
        parts.append(f"{'L' if is_open else 'M'}{last[0]:.1f} {last[1]:.1f}")
        is_open = True
    drawn = [
        f'<path d="{"".join(parts)}" fill="none" stroke="{ACCENT}" stroke-width="2.5"/>',
        f'<circle cx="{last[0]:.1f}" cy="{last[1]:.1f}" r="4.5" fill="{KINDS[1]}"/>',
    ]
    return _svg(width, height, label, drawn, "spark")


def _round_top(value: float) -> float:
    """The least of 1, 2, 2.5, 5 times a power of ten, times four, that is not below a value."""
    step = 1.0
    while True:
        for factor in (1, 2, 2.5, 5):
            if step * factor * 4 >= value:
                return step * factor * 4
        step *= 10


def months_chart(months: Sequence[Month], label: str, height: int = 280) -> str:
    """Bars by month on a wide picture, with the months marked with which recording changes."""
    left, bottom, top = 56, height - 46, 34
    highest = _round_top(max((month.value or 0 for month in months), default=0) or 1)
    band = (WIDTH - left - 8) / max(1, len(months))
    inner = []
    for part in range(5):
        y = bottom - (bottom - top) * part / 4
        inner.append(_line((left, y), (WIDTH - 8, y), GRID))
        inner.append(_text(left - 8, y + 5, f"{highest * part / 4:,.0f}", "end"))
    every = max(1, -(-len(months) // 14))
    for place, month in enumerate(months):
        x = left + place * band
        if month.value:
            tall = (bottom - top) * month.value / highest
            inner.append(
                f'<rect x="{x + band * 0.12:.1f}" y="{bottom - tall:.1f}" '
                f'width="{band * 0.76:.1f}" height="{tall:.1f}" fill="{ACCENT}"/>'
            )
        inner += _month_marks(month, x, band, top, bottom)
        if place % every == 0:
            inner.append(_text(x + band / 2, bottom + 38, month.name, "middle"))
    inner.append(_line((left, bottom), (WIDTH - 8, bottom), INK))
    return _svg(WIDTH, height, _with_marks(months, label), inner)


def _month_marks(month: Month, x: float, band: float, top: float, bottom: float) -> list[str]:
    """A broken line where definitions change, a triangle where a supplier's recording steps."""
    drawn = []
    if month.is_break:
        drawn.append(
            f'<g stroke-width="2">{_line((x, top - 16), (x, bottom), BREAK, "5 3")}</g>'
            + _text(x + 5, top - 10, "definitions change", fill=BREAK)
        )
    if month.step_count:
        middle = x + band / 2
        drawn.append(
            f'<path d="M{middle - 6:.1f} {bottom + 17:.1f}h12l-6 -11z" fill="{KINDS[1]}"/>'
        )
    return drawn


def _with_marks(months: Sequence[Month], label: str) -> str:
    changes = [month.name for month in months if month.is_break]
    steps = [month.name for month in months if month.step_count]
    if changes:
        label += f"; definitions change at {', '.join(changes)}"
    if steps:
        label += f"; the recording of suppliers steps at {', '.join(steps)}"
    return label


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
    for part in range(5):
        inner.append(_line((left, up(part / 4)), (right, up(part / 4)), GRID))
        inner.append(_text(left - 8, up(part / 4) + 5, f"{part * 25}%", "end"))
    step = _round_top(greatest) / 8
    for part in range(int(greatest // step) + 1):
        inner.append(_text(across(part * step), bottom + 20, f"{part * step:,.0f}", "middle"))
    inner.append(_text((left + right) / 2, bottom + 44, counted, "middle"))
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
    inner.append(_line((left, up(nation)), (right, up(nation)), INK, "2 3"))
    inner += [_dot(point, across(point.count), up(point.share)) for point in points]
    return _svg(WIDTH, height, label, inner)


def _dot(point: Point, x: float, y: float) -> str:
    """An area; the page's own is larger, of another colour, and named."""
    said = html.escape(f"{point.name}: {point.share:.1%} of {point.count:,}")
    if not point.is_own:
        return (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{MUTED}"><title>{said}</title>'
            "</circle>"
        )
    anchor, place = ("end", x - 12) if x > WIDTH / 2 else ("start", x + 12)
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="8" fill="{KINDS[1]}"><title>{said}</title></circle>'
        f'<g font-weight="bold">{_text(place, y - 10, point.name, anchor)}</g>'
    )


@dataclass(frozen=True)
class Interval:
    """One row of a picture of intervals: a share with its bounds (0-1), or why not."""

    name: str
    share: float | None
    lower: float | None
    upper: float | None
    is_own: bool = False
    words: str = ""


def intervals_chart(rows: Sequence[Interval], label: str, nation: float | None) -> str:
    """A dot and its interval a row, or its words, in the order given; the nation a broken line."""
    band, left, top = 26, 250, 8
    right, bottom = WIDTH - 20, 8 + 26 * len(rows)

    def across(share: float) -> float:
        return float(left + (right - left) * share)

    inner = []
    for part in range(5):
        inner.append(_line((across(part / 4), top), (across(part / 4), bottom), GRID))
        anchor = "end" if part == 4 else "middle"
        inner.append(_text(across(part / 4), bottom + 20, f"{part * 25}%", anchor))
    if nation is not None:
        inner.append(_line((across(nation), top), (across(nation), bottom), BREAK, "5 3"))
    for place, row in enumerate(rows):
        y = top + band * (place + 0.5)
        colour = KINDS[1] if row.is_own else ACCENT
        name = _text(left - 10, y + 5, row.name[:32], "end")
        inner.append(f'<g font-weight="bold">{name}</g>' if row.is_own else name)
        if row.share is None or row.lower is None or row.upper is None:
            inner.append(_text(left + 6, y + 5, row.words, fill=MUTED))
            continue
        inner.append(_line((across(row.lower), y), (across(row.upper), y), INK))
        inner.append(f'<circle cx="{across(row.share):.1f}" cy="{y:.1f}" r="5" fill="{colour}"/>')
    return _svg(WIDTH, bottom + 30, f"{label}, with 95% intervals", inner)
