"""Charts as inline SVG, drawn when the site is built, so that a page loads nothing.

A chart is never the only one to show its figures: its page has them as a table too. Colours are
the site's palette, each at least 3:1 against white and told apart by order and label as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from interfaces.quality_site.drawn import AnyChart, Drawn

# Both, police only, authority only: always in this order, always in these colours.
STATUS_COLOURS = {
    "Both": "#12436D",
    "Police only": "#C4500F",
    "Authority only": "#1F8078",
}
INK = "#1D2A33"
GRID = "#D5DBDF"
ACCENT = "#12436D"
# Up to eight kinds told apart, each at least 3:1 against white; the last is for all others.
KINDS = (
    "#12436D",
    "#C4500F",
    "#1F8078",
    "#801650",
    "#6B6B00",
    "#5C5C9E",
    "#A8326B",
    "#5F6B73",
)
BREAK = "#9C1C13"
TABLE = "The table gives the figures."
FONT = "Arial, Helvetica, sans-serif"
Values = list[dict[str, Any]]


def agreement_shares(rows: list[dict[str, Any]], label: str) -> Drawn:
    """Stacked shares of both, police only and authority only, one bar a row of `rows`.

    Each row has `label` and the three counts `both_count`, `police_only_count` and
    `authority_only_count`.
    """
    values = []
    for place, row in enumerate(rows):
        counts = [row["both_count"], row["police_only_count"], row["authority_only_count"]]
        for order, (status, count) in enumerate(zip(STATUS_COLOURS, counts, strict=True)):
            share = count / max(sum(counts), 1)
            values.append(
                {"name": row[label], "place": place, "status": status, "order": order}
                | {"share": share}
            )
    chart = (
        alt.Chart(alt.Data(values=values))
        .mark_bar(height={"band": 0.75})
        .encode(
            x=alt.X("share:Q", title="Share of episodes")
            .axis(format="%", tickCount=5)
            .scale(domain=[0, 1]),
            y=alt.Y("name:N", title=None, sort=alt.SortField("place")),
            color=alt.Color("status:N", title=None).scale(
                domain=list(STATUS_COLOURS), range=list(STATUS_COLOURS.values())
            ),
            order=alt.Order("order:Q"),
        )
        .properties(width=760, height=alt.Step(22 if len(rows) < 30 else 14))
    )
    return as_svg(
        chart, "Shares of both, police only and authority only. The table gives the figures."
    )


def stacked(values: Values, title: str, kinds: Sequence[str], label: str) -> Drawn:
    """Stacked shares a row; each value has `name`, `kind` and `share`, `kinds` their order."""
    placed = [{**value, "order": kinds.index(value["kind"])} for value in _placed(values)]
    drawn = (
        alt.Chart(alt.Data(values=placed))
        .mark_bar(height={"band": 0.75})
        .encode(
            x=alt.X("share:Q", title=title).axis(format="%", tickCount=5).scale(domain=[0, 1]),
            y=alt.Y("name:N", title=None, sort=alt.SortField("place")),
            color=alt.Color("kind:N", title=None)
            .scale(domain=list(kinds), range=list(KINDS[: len(kinds)]))
            .legend(columns=2, labelLimit=320),
            order=alt.Order("order:Q"),
        )
        .properties(width=760, height=alt.Step(24))
    )
    return as_svg(drawn, f"{label}. {TABLE}")


def quantiles(values: Values, title: str) -> Drawn:
    """A thin line from the 10th to the 90th percentile, a bar between the quarters, the median.

    Each value has `name`, `p10`, `p25`, `median`, `p75` and `p90`. The axis is the symmetrical
    logarithm, since lags reach from minutes to years, before and after.
    """
    base = alt.Chart(alt.Data(values=_placed(values))).encode(
        y=alt.Y("name:N", title=None, sort=alt.SortField("place"))
    )
    axis = (
        alt.X("p10:Q", title=title)
        .scale(type="symlog")
        .axis(values=[-1000, -100, -24, -6, -1, 0, 1, 6, 24, 100, 1000, 10000], format=",.0f")
    )
    drawn = alt.layer(
        base.mark_rule(color=INK, strokeWidth=1.5).encode(x=axis, x2="p90:Q"),
        base.mark_bar(color=ACCENT, height=12).encode(x="p25:Q", x2="p75:Q"),
        base.mark_tick(color=KINDS[1], thickness=3, size=20).encode(x="median:Q"),
    ).properties(width=700, height=alt.Step(34))
    return as_svg(drawn, f"{title}. {TABLE}")


def series(values: Values, title: str, breaks: Sequence[str] = (), height: int = 200) -> Drawn:
    """A share (0-1) over time; `breaks` are the names of the points at which the series steps.

    Each value has `name`, in order, and `share`.
    """
    line = _over_time(values).mark_line(color=ACCENT, point={"color": ACCENT, "size": 30})
    layers = [line.encode(y=alt.Y("share:Q", title=title).axis(format="%").scale(domain=[0, 1]))]
    names = {value["name"] for value in values}
    marked = [name for name in breaks if name in names]
    words = f"{title} over time"
    if marked:
        layers.append(_break_marks(marked))
        words += f"; it steps at {', '.join(marked)}"
    return as_svg(alt.layer(*layers).properties(width=860, height=height), f"{words}. {TABLE}")


def monthly_counts(values: Values, title: str, breaks: Sequence[str]) -> Drawn:
    """Counts by month; `breaks` are the months with which a new level begins.

    Each value has `name`, in order, and `count`, None where the month was not delivered.
    """
    layers = [_over_time(values).mark_bar(color=ACCENT).encode(y=alt.Y("count:Q", title=title))]
    words = title
    if breaks:
        layers.append(_break_marks(breaks))
        words += f"; a new level begins at {', '.join(breaks)}"
    return as_svg(alt.layer(*layers).properties(width=860, height=140), f"{words}. {TABLE}")


def _over_time(values: Values) -> alt.Chart:
    """A chart of one point a name, in order, with about a dozen names along its axis."""
    names = [value["name"] for value in values]
    axis = alt.X("name:O", title=None, sort=alt.SortField("place")).axis(
        values=names[:: max(1, len(names) // 12)], labelAngle=-40
    )
    return alt.Chart(alt.Data(values=_placed(values))).encode(x=axis)


def _break_marks(names: Sequence[str]) -> alt.Chart:
    """A broken line at each of the names."""
    places = alt.Chart(alt.Data(values=[{"name": name} for name in names]))
    marks = places.mark_rule(color=BREAK, strokeDash=[5, 3], strokeWidth=2)
    return marks.encode(x="name:O")


def _placed(values: Values) -> Values:
    """The values with their place, so that a chart keeps their order."""
    places: dict[str, int] = {}
    for value in values:
        places.setdefault(value["name"], len(places))
    return [{**value, "place": places[value["name"]]} for value in values]


def as_svg(chart: AnyChart, label: str) -> Drawn:
    """The chart in the style of the site, labelled for those who do not see it."""
    styled = chart.configure(font=FONT, aria=False, background="#FFFFFF").configure_axis(
        labelColor=INK,
        titleColor=INK,
        labelFontSize=13,
        titleFontSize=13,
        titleFontWeight="normal",
        gridColor=GRID,
        domainColor=INK,
        labelLimit=260,
    )
    styled = styled.configure_legend(
        orient="top", labelFontSize=13, labelColor=INK, symbolType="square"
    ).configure_view(stroke=None)
    return Drawn(styled, label)
