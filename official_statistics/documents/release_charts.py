"""The charts of a release's page: shown figures as SVG, each with the rows that it draws.

A chart says in the place of a bar why there is none, and its table shows the symbol.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from official_statistics.documents.facts import ReleaseFacts
from official_statistics.documents.headlines import whole
from official_statistics.documents.public_files import (
    LONDON,
    NATIONAL,
    PublicFile,
    number_of,
    place_of,
)
from register.charts import ACCENT, KINDS, RowChart, draw_stacked_chart, round_ticks

STATUS_COLOURS = dict(zip(("Both sources", "Police only", "Authority only"), KINDS, strict=False))
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
    numbers = [number_of(figure) for _, figure in rows]
    if all(number is None for number in numbers):
        return None
    ticks = round_ticks(0, max(number or 0 for number in numbers))
    drawn = RowChart([name for name, _ in rows], ticks, columns[1])
    marks, said = [], []
    for place, ((name, figure), number) in enumerate(zip(rows, numbers, strict=True)):
        if number is None:
            words = NOT_SHOWN.get(figure, figure)
            marks.append(drawn.draw_words(place, 0, words))
        else:
            words = whole(number)
            marks.append(drawn.draw_bar(place, 0, number, ACCENT))
        said.append(f"{name}: {words}")
    svg = drawn.draw(title, marks, "; ".join(said))
    table = tuple((name, _text(figure)) for name, figure in rows)
    return Chart(key, title, file, svg, columns, table)


def _sources_by_area(facts: ReleaseFacts, files: Files) -> Chart | None:
    """Shares of the three statuses by region, stacked to one length; words where one is hidden."""
    file = files["agreement_by_area"]
    shares: dict[str, dict[str, str]] = {}
    for status in STATUS_COLOURS:
        for level in (NATIONAL, "Regional"):
            for row in file.rows_of(str(facts.year), level, {"source_status": status}):
                code, name = place_of(row)
                if code not in LONDON:
                    shares.setdefault(name, {})[status] = row["episode_percent"]
    drawn = {
        name: _not_drawn(found) or {status: float(text) for status, text in found.items()}
        for name, found in shares.items()
    }
    if all(isinstance(figures, str) for figures in drawn.values()):
        return None
    title = (
        f"Which source recorded the episodes, by region, year ending 31 March {facts.year}, "
        "per cent of episodes"
    )
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
    svg = draw_stacked_chart(drawn, STATUS_COLOURS, "Per cent of episodes", title, said)
    return Chart("sources", title, file.name, svg, columns, rows, ROUNDED)


def _not_drawn(found: Mapping[str, str]) -> str:
    """Why an area has no bar: a share that is not shown, or no episodes; empty where it has one."""
    numbers = [number_of(text) for text in found.values()]
    symbols = [text for text in found.values() if number_of(text) is None]
    if symbols:
        return NOT_SHOWN.get(symbols[0], symbols[0])
    return "" if any(numbers) else "no episodes"


def _text(text: str) -> str:
    """A figure for people: thousands with a comma, a symbol in brackets."""
    number = number_of(text)
    if number is None:
        return f"[{text}]"
    return whole(number) if "." not in text else text
