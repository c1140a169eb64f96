"""Charts of statistics: ranked dots with intervals, stacked reasons, lags, and series over time.

Each is drawn when the site is built, and its page carries the same figures as a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from expectations.site.charts import ACCENT, INK, KINDS, as_svg

Values = list[dict[str, Any]]
TABLE = "The table gives the figures."
BREAK = "#9C1C13"


def ranked_dots(values: Values, title: str, nation: float | None) -> str:
    """A dot and its interval a row, in the order given, and a line where the nation is.

    Each value holds `name`, `share`, `lower` and `upper` (0-1).
    """
    base = alt.Chart(alt.Data(values=_placed(values))).encode(
        y=alt.Y("name:N", title=None, sort=alt.SortField("place")).axis(grid=True)
    )
    axis = alt.X("lower:Q", title=title).axis(format="%", tickCount=5).scale(domain=[0, 1])
    layers: list[alt.Chart] = [
        base.mark_rule(color=INK, strokeWidth=1.5).encode(x=axis, x2="upper:Q"),
        base.mark_point(filled=True, color=ACCENT, size=55, opacity=1).encode(x="share:Q"),
    ]
    if nation is not None:
        line = alt.Chart(alt.Data(values=[{"nation": nation}]))
        layers.append(line.mark_rule(color=BREAK, strokeDash=[5, 3]).encode(x="nation:Q"))
    drawn = alt.layer(*layers).properties(
        width=480, height=alt.Step(20 if len(values) < 40 else 14)
    )
    return as_svg(drawn, f"{title}, ranked, with intervals. {TABLE}")


def stacked(values: Values, title: str, kinds: Sequence[str], label: str) -> str:
    """Stacked shares a row; each value holds `name`, `kind` and `share`, `kinds` their order."""
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
        .properties(width=560, height=alt.Step(24))
    )
    return as_svg(drawn, f"{label}. {TABLE}")


def quantiles(values: Values, title: str) -> str:
    """A thin line from the 10th to the 90th percentile, a bar between the quarters, the median.

    Each value holds `name`, `p10`, `p25`, `median`, `p75` and `p90`. The axis is the symmetrical
    logarithm, since lags reach from minutes to years, before and after.
    """
    base = alt.Chart(alt.Data(values=_placed(values))).encode(
        y=alt.Y("name:N", title=None, sort=alt.SortField("place"))
    )
    axis = (
        alt.X("p10:Q", title=title)
        .scale(type="symlog")
        .axis(values=[-1000, -100, -24, -6, -1, 0, 1, 6, 24, 100, 1000, 10000], format=",")
    )
    drawn = alt.layer(
        base.mark_rule(color=INK, strokeWidth=1.5).encode(x=axis, x2="p90:Q"),
        base.mark_bar(color=ACCENT, height=12).encode(x="p25:Q", x2="p75:Q"),
        base.mark_tick(color=KINDS[1], thickness=3, size=20).encode(x="median:Q"),
    ).properties(width=480, height=alt.Step(34))
    return as_svg(drawn, f"{title}. {TABLE}")


def series(values: Values, title: str, breaks: Sequence[str] = (), height: int = 200) -> str:
    """A share (0-1) over time; `breaks` are the names of the points at which the series steps.

    Each value holds `name`, in order, and `share`.
    """
    names = [value["name"] for value in values]
    shown = names[:: max(1, len(names) // 12)]
    base = alt.Chart(alt.Data(values=_placed(values))).encode(
        x=alt.X("name:O", title=None, sort=alt.SortField("place")).axis(
            values=shown, labelAngle=-40
        )
    )
    layers: list[alt.Chart] = [
        base.mark_line(color=ACCENT, point={"color": ACCENT, "size": 30}).encode(
            y=alt.Y("share:Q", title=title).axis(format="%").scale(domain=[0, 1])
        )
    ]
    marked = [name for name in breaks if name in names]
    if marked:
        places = alt.Chart(alt.Data(values=[{"name": name} for name in marked]))
        layers.append(
            places.mark_rule(color=BREAK, strokeDash=[5, 3], strokeWidth=2).encode(x="name:O")
        )
    words = f"{title} over time"
    if marked:
        words += f"; it steps at {', '.join(marked)}"
    return as_svg(alt.layer(*layers).properties(width=600, height=height), f"{words}. {TABLE}")


def monthly_counts(values: Values, title: str, breaks: Sequence[str]) -> str:
    """Counts by month; `breaks` are the months with which a new level begins.

    Each value holds `name`, in order, and `count`, None where the month was not delivered.
    """
    names = [value["name"] for value in values]
    base = alt.Chart(alt.Data(values=_placed(values))).encode(
        x=alt.X("name:O", title=None, sort=alt.SortField("place")).axis(
            values=names[:: max(1, len(names) // 12)], labelAngle=-40
        )
    )
    bars = base.mark_bar(color=ACCENT).encode(y=alt.Y("count:Q", title=title))
    places = alt.Chart(alt.Data(values=[{"name": name} for name in breaks]))
    marks = places.mark_rule(color=BREAK, strokeDash=[5, 3], strokeWidth=2).encode(x="name:O")
    layers = [bars, marks] if breaks else [bars]
    words = f"{title}; a new level begins at {', '.join(breaks)}" if breaks else title
    return as_svg(alt.layer(*layers).properties(width=600, height=140), f"{words}. {TABLE}")


def _placed(values: Values) -> Values:
    """The values with their place, so that a chart keeps their order."""
    places: dict[str, int] = {}
    for value in values:
        places.setdefault(value["name"], len(places))
    return [{**value, "place": places[value["name"]]} for value in values]
