"""The charts of a release's page: shown figures as SVG, each with the rows that it draws.

A chart leaves out what is not shown, and its table shows the symbol in that place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from register.charts import inline_svg
from register.statistics.documents.facts import ReleaseFacts
from register.statistics.documents.headlines import whole
from register.statistics.documents.public_files import (
    LONDON,
    NATIONAL,
    PublicFile,
    number_of,
    place_of,
)

WIDTH = 560
BAR = 22
BLUE = "#1F5A8C"
# Told apart without colour vision too: dark, middle and light.
STATUS_COLOURS = {"Both sources": "#12436D", "Police only": "#28A197", "Authority only": "#F0B27A"}
REASONS_SHOWN = 10
Files = Mapping[str, PublicFile]


@dataclass(frozen=True)
class Chart:
    """A chart with its title, file, SVG, and the table that says the same."""

    key: str
    title: str
    file: str
    svg: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def charts(facts: ReleaseFacts, files: Files) -> tuple[Chart, ...]:
    """Return the charts that the shown figures allow, in their order."""
    made = (
        _children_by_year(files),
        _sources_by_area(facts, files),
        _durations(facts, files),
        _reasons(facts, files),
    )
    return tuple(chart for chart in made if chart is not None)


def _children_by_year(files: Files) -> Chart | None:
    file = files["missing_children_by_area"]
    rows = [(year, file.national(year, "child_count")) for year in reversed(file.years)]
    return _bars(
        "children",
        "Children missing or away, by year ending 31 March",
        file.name,
        ("Year ending 31 March", "Number of children"),
        rows,
    )


def _durations(facts: ReleaseFacts, files: Files) -> Chart | None:
    file = files["episodes_by_duration"]
    bands = [name for name in file.data_set.filter("duration_band").item_names if name != "Total"]
    rows = [
        (band, file.national(str(facts.year), "episode_count", duration_band=band))
        for band in bands
    ]
    title = f"Episodes by how long they lasted, year ending 31 March {facts.year}"
    return _bars("durations", title, file.name, ("Duration", "Number of episodes"), rows)


def _reasons(facts: ReleaseFacts, files: Files) -> Chart | None:
    file = files["disagreement_reasons"]
    names = file.data_set.filter("disagreement_reason").item_names
    rows = [
        (name, file.national(str(facts.year), "episode_count", disagreement_reason=name))
        for name in names
        if name != "Total"
    ]
    rows.sort(key=lambda row: (-(number_of(row[1]) or 0), row[0]))
    title = f"Main reasons why one source alone has an episode, year ending 31 March {facts.year}"
    heads = ("Reason", "Number of episodes")
    return _bars("reasons", title, file.name, heads, rows[:REASONS_SHOWN])


def _bars(
    key: str, title: str, file: str, columns: tuple[str, str], rows: list[tuple[str, str]]
) -> Chart | None:
    """Horizontal bars in the order of the rows; None where nothing is shown."""
    import altair as alt

    shown = [(name, number_of(text)) for name, text in rows]
    drawn = [(name, number) for name, number in shown if number is not None]
    if not drawn:
        return None
    frame = pd.DataFrame(drawn, columns=["name", "count"])
    chart = (
        alt.Chart(frame)
        .mark_bar(color=BLUE, size=BAR)
        .encode(
            x=alt.X("count:Q", title=columns[1], axis=alt.Axis(format=",d", tickCount=5)),
            y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=320)),
        )
        .properties(width=WIDTH, height=alt.Step(BAR + 10))
    )
    said = "; ".join(f"{name}: {whole(number)}" for name, number in drawn)
    svg = inline_svg(chart, title, said)
    return Chart(key, title, file, svg, columns, tuple((name, _text(text)) for name, text in rows))


def _sources_by_area(facts: ReleaseFacts, files: Files) -> Chart | None:
    """Shares of the three statuses by region, stacked; a region with a hidden share has no bar."""
    import altair as alt

    file = files["agreement_by_area"]
    shares: dict[str, dict[str, str]] = {}
    for status in STATUS_COLOURS:
        for level in (NATIONAL, "Regional"):
            for row in file.rows_of(str(facts.year), level, {"source_status": status}):
                code, name = place_of(row)
                if code not in LONDON:
                    shares.setdefault(name, {})[status] = row["episode_percent"]
    drawn = [
        (name, status, number_of(text), order)
        for name, found in shares.items()
        if all(number_of(text) is not None for text in found.values())
        for order, (status, text) in enumerate(found.items())
    ]
    if not drawn:
        return None
    title = (
        f"Which source recorded the episodes, by region, year ending 31 March {facts.year}, "
        "per cent of episodes"
    )
    frame = pd.DataFrame(drawn, columns=["area", "status", "share", "order"])
    chart = (
        alt.Chart(frame)
        .mark_bar(size=BAR, stroke="#FFFFFF")
        .encode(
            x=alt.X("share:Q", title="Per cent of episodes", scale=alt.Scale(domain=[0, 101])),
            y=alt.Y("area:N", sort=None, title=None, axis=alt.Axis(labelLimit=320)),
            color=alt.Color(
                "status:N",
                title=None,
                sort=list(STATUS_COLOURS),
                scale=alt.Scale(domain=list(STATUS_COLOURS), range=list(STATUS_COLOURS.values())),
                legend=alt.Legend(orient="top"),
            ),
            order="order:Q",
        )
        .properties(width=WIDTH, height=alt.Step(BAR + 10))
    )
    said = "; ".join(f"{area}, {status}: {share:.1f}%" for area, status, share, _ in drawn)
    rows = tuple(
        (name, *(_text(found[status]) for status in STATUS_COLOURS))
        for name, found in shares.items()
    )
    columns = ("Area", *STATUS_COLOURS)
    return Chart("sources", title, file.name, inline_svg(chart, title, said), columns, rows)


def _text(text: str) -> str:
    """A figure for people: thousands with a comma, a symbol in brackets."""
    number = number_of(text)
    if number is None:
        return f"[{text}]"
    return whole(number) if "." not in text else text
