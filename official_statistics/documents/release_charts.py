"""The charts of a release's page: shown figures as SVG, each with the rows that it draws.

A chart says in the place of a bar why there is none, and its table shows the symbol.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from official_statistics.documents.facts import ReleaseFacts
from official_statistics.documents.headlines import whole
from official_statistics.documents.public_files import (
    LONDON,
    NATIONAL,
    PublicFile,
    number_of,
    place_of,
)
from register.charts import INK, inline_svg

WIDTH = 560
BAR = 22
BLUE = "#1F5A8C"
# Told apart without colour vision too: dark, middle and light.
STATUS_COLOURS = {"Both sources": "#12436D", "Police only": "#28A197", "Authority only": "#F0B27A"}
REASONS_SHOWN = 10
HOURS = "Hours recorded"
NOT_SHOWN = {
    "c": "suppressed",
    "x": "not available",
    "z": "not applicable",
    "u": "too few",
    "low": "rounds to 0",
}
ROUNDED = "Percentages may not add to 100% because of rounding; bars are drawn to the same length."
Files = Mapping[str, PublicFile]


@dataclass(frozen=True)
class Chart:
    """A chart with its title, file, SVG, and the table that says the same; a note on both."""

    key: str
    title: str
    file: str
    svg: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


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
    bands = [
        item.name for item in file.data_set.filter("duration_band").items if item.topic == HOURS
    ]
    rows = [
        (
            band,
            file.national(
                str(facts.year), "episode_count", duration_measure=HOURS, duration_band=band
            ),
        )
        for band in bands
    ]
    title = f"Episodes by the hours that they lasted, year ending 31 March {facts.year}"
    return _bars("durations", title, file.name, ("Hours", "Number of episodes"), rows)


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
    hidden = [row for row in rows[REASONS_SHOWN:] if number_of(row[1]) is None]
    return _bars("reasons", title, file.name, heads, rows[:REASONS_SHOWN] + hidden)


def _bars(
    key: str, title: str, file: str, columns: tuple[str, str], rows: list[tuple[str, str]]
) -> Chart | None:
    """Horizontal bars in the order of the rows, words for those without; None if all are."""
    import altair as alt

    shown = [(name, number_of(text)) for name, text in rows]
    if all(number is None for _, number in shown):
        return None
    words = [NOT_SHOWN.get(text, text) if number_of(text) is None else "" for _, text in rows]
    frame = pd.DataFrame(shown, columns=["name", "count"]).fillna({"count": 0})
    base = alt.Chart(frame.assign(words=words)).encode(
        x=alt.X("count:Q", title=columns[1], axis=alt.Axis(format=",d", tickCount=5)),
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=320)),
    )
    chart = alt.layer(base.mark_bar(color=BLUE, size=BAR), _words(base)).properties(
        width=WIDTH, height=alt.Step(BAR + 10)
    )
    said = "; ".join(
        f"{name}: {word or whole(number or 0)}"
        for (name, number), word in zip(shown, words, strict=True)
    )
    svg = inline_svg(chart, title, said)
    return Chart(key, title, file, svg, columns, tuple((name, _text(text)) for name, text in rows))


def _words(base: Any) -> Any:
    """What is said at the axis in the place of a bar."""
    return base.mark_text(align="left", dx=4, fontSize=13, color=INK).encode(text="words:N")


def _sources_by_area(facts: ReleaseFacts, files: Files) -> Chart | None:
    """Shares of the three statuses by region, stacked to one length; words where one is hidden."""
    import altair as alt

    file = files["agreement_by_area"]
    shares: dict[str, dict[str, str]] = {}
    for status in STATUS_COLOURS:
        for level in (NATIONAL, "Regional"):
            for row in file.rows_of(str(facts.year), level, {"source_status": status}):
                code, name = place_of(row)
                if code not in LONDON:
                    shares.setdefault(name, {})[status] = row["episode_percent"]
    drawn = [part for name, found in shares.items() for part in _stacked(name, found)]
    if not any(part.get("share") for part in drawn):
        return None
    title = (
        f"Which source recorded the episodes, by region, year ending 31 March {facts.year}, "
        "per cent of episodes"
    )
    base = alt.Chart(pd.DataFrame(drawn)).encode(
        x=alt.X("share:Q", title="Per cent of episodes", scale=alt.Scale(domain=[0, 100])),
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=320)),
        order="order:Q",
    )
    bars = base.mark_bar(size=BAR, stroke="#FFFFFF").encode(
        color=alt.Color(
            "status:N",
            title=None,
            sort=list(STATUS_COLOURS),
            scale=alt.Scale(domain=list(STATUS_COLOURS), range=list(STATUS_COLOURS.values())),
            legend=alt.Legend(orient="top"),
        )
    )
    chart = alt.layer(bars, _words(base)).properties(width=WIDTH, height=alt.Step(BAR + 10))
    said = "; ".join(
        f"{name}, {status}: {NOT_SHOWN.get(text, text + '%')}"
        for name, found in shares.items()
        for status, text in found.items()
    )
    rows = tuple(
        (name, *(_text(found[status]) for status in STATUS_COLOURS))
        for name, found in shares.items()
    )
    columns = ("Area", *STATUS_COLOURS)
    svg = inline_svg(chart, title, said)
    return Chart("sources", title, file.name, svg, columns, rows, ROUNDED)


def _stacked(name: str, found: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The parts of one bar, which add up to 100; one part with words if a share is not shown."""
    numbers = [number_of(text) for text in found.values()]
    total = sum(number or 0 for number in numbers)
    for order, (status, text) in enumerate(found.items()):
        part = {"name": name, "status": status, "order": order, "share": 0.0, "words": ""}
        if total and None not in numbers:
            yield part | {"share": 100 * float(text) / total}
    if not total or None in numbers:
        symbols = [text for text in found.values() if number_of(text) is None]
        words = NOT_SHOWN.get(symbols[0], symbols[0]) if symbols else "no episodes"
        status = next(iter(found))
        yield {"name": name, "status": status, "order": 0, "share": 0.0, "words": words}


def _text(text: str) -> str:
    """A figure for people: thousands with a comma, a symbol in brackets."""
    number = number_of(text)
    if number is None:
        return f"[{text}]"
    return whole(number) if "." not in text else text
