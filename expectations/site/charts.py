"""Charts as inline SVG, drawn when the site is built, so that a page loads nothing.

A chart never stands alone: its page carries the same figures as a table. Colours are the site's
palette, each at least 3:1 against white and told apart by order and label as well.
"""

from __future__ import annotations

import html
import io
import re
from typing import Any

import altair as alt

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
FONT = "Arial, Helvetica, sans-serif"
# Names that only a file of its own needs, and roles inside what is one image.
SURPLUS = re.compile(r'\s+(xmlns(:\w+)?|role|aria-roledescription)="[^"]*"')


def agreement_shares(rows: list[dict[str, Any]], label: str) -> str:
    """Stacked shares of both, police only and authority only, one bar a row of `rows`.

    Each row holds `label` and the three counts `both_count`, `police_only_count` and
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
            x=alt.X("share:Q", title="Share of episodes").axis(format="%", tickCount=5),
            y=alt.Y("name:N", title=None, sort=alt.SortField("place")),
            color=alt.Color("status:N", title=None).scale(
                domain=list(STATUS_COLOURS), range=list(STATUS_COLOURS.values())
            ),
            order=alt.Order("order:Q"),
        )
        .properties(width=560, height=alt.Step(22 if len(rows) < 30 else 14))
    )
    return as_svg(
        chart, "Shares of both, police only and authority only. The table gives the figures."
    )


def as_svg(chart: alt.Chart | alt.LayerChart | alt.FacetChart, label: str) -> str:
    """The chart as an SVG element for a page, labelled for those who do not see it."""
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
    stream = io.StringIO()
    styled.save(stream, format="svg")
    drawn = stream.getvalue()
    opened = f'<svg role="img" focusable="false" aria-label="{html.escape(label, quote=True)}"'
    return SURPLUS.sub("", drawn[drawn.index("<svg") :]).replace("<svg", opened, 1)
