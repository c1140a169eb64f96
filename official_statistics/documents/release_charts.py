"""The charts of a release's page: shown figures as SVG, each with a table of the same figures.

If a figure is not shown, the chart gives the reason in place of a bar.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from official_statistics.data_sets import TOTAL
from official_statistics.documents.facts import ReleaseFacts
from official_statistics.documents.public_files import (
    LONDON_PARTS,
    NATIONAL,
    PublicFile,
    format_count,
    format_figure,
    parse_number,
    read_place,
)
from register.charts import ACCENT, KINDS, RowChart, draw_stacked_chart, round_ticks

STATUS_COLOURS = dict(zip(("Both sources", "Police only", "Authority only"), KINDS, strict=False))
MAX_REASONS = 10
HOURS = "Hours recorded (to 8, 16, 24 and 48 hours)"
NOT_SHOWN = {
    "c": "hidden",
    "x": "not available",
    "z": "not applicable",
    "u": "low reliability",
    "low": "rounds to 0",
}
ROUNDED = "Percentages may not add to 100% because of rounding; bars are drawn to the same length."
Files = Mapping[str, PublicFile]


@dataclass(frozen=True)
class Chart:
    """A chart with its title, its data file, a table of its figures, and a note."""

    key: str
    title: str
    file: str
    svg: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def draw_charts(facts: ReleaseFacts, files: Files) -> tuple[Chart, ...]:
    """Return the charts that can be drawn from shown figures, in order."""
    charts = (
        _draw_children_by_year(files),
        _draw_sources_by_area(facts, files),
        _draw_durations(facts, files),
        _draw_reasons(facts, files),
    )
    return tuple(chart for chart in charts if chart is not None)


def _draw_children_by_year(files: Files) -> Chart | None:
    file = files["missing_children_by_area"]
    rows = [(year, file.read_national(year, "child_count")) for year in reversed(file.years)]
    title = "Children missing or away, by year ending 31 March"
    columns = ("Year ending 31 March", "Number of children")
    return _draw_bars("children", title, file.name, columns, rows)


def _draw_durations(facts: ReleaseFacts, files: Files) -> Chart | None:
    file = files["episodes_by_duration"]
    bands = file.data_set.get_filter("duration_band").items
    rows = [
        (
            band.name,
            file.read_national(
                facts.year, "episode_count", duration_measure=HOURS, duration_band=band.name
            ),
        )
        for band in bands
        if band.topic == HOURS
    ]
    title = f"Episodes by how many hours they lasted, year ending 31 March {facts.year}"
    return _draw_bars("durations", title, file.name, ("Hours", "Number of episodes"), rows)


def _draw_reasons(facts: ReleaseFacts, files: Files) -> Chart | None:
    file = files["disagreement_reasons"]
    rows = [
        (name, file.read_national(facts.year, "episode_count", disagreement_reason=name))
        for name in file.data_set.get_filter("disagreement_reason").item_names
        if name != TOTAL
    ]
    rows.sort(key=lambda row: (-(parse_number(row[1]) or 0), row[0]))
    hidden = [row for row in rows[MAX_REASONS:] if parse_number(row[1]) is None]
    title = f"Main reasons why only one source has an episode, year ending 31 March {facts.year}"
    columns = ("Reason", "Number of episodes")
    return _draw_bars("reasons", title, file.name, columns, rows[:MAX_REASONS] + hidden)


def _draw_bars(
    key: str, title: str, file: str, columns: tuple[str, str], rows: list[tuple[str, str]]
) -> Chart | None:
    """Draw a bar for each number and a word for each symbol; return None if all are symbols."""
    numbers = [parse_number(figure) for _, figure in rows]
    if all(number is None for number in numbers):
        return None
    ticks = round_ticks(0, max(number or 0 for number in numbers))
    drawing = RowChart([name for name, _ in rows], ticks, columns[1])
    marks, descriptions = [], []
    for place, ((name, figure), number) in enumerate(zip(rows, numbers, strict=True)):
        if number is None:
            words = NOT_SHOWN.get(figure, figure)
            marks.append(drawing.draw_words(place, 0, words))
        else:
            words = format_count(number)
            marks.append(drawing.draw_bar(place, 0, number, ACCENT))
        descriptions.append(f"{name}: {words}")
    svg = drawing.draw(title, marks, "; ".join(descriptions))
    table = tuple((name, format_figure(figure)) for name, figure in rows)
    return Chart(key, title, file, svg, columns, table)


def _draw_sources_by_area(facts: ReleaseFacts, files: Files) -> Chart | None:
    """Draw the shares of the three source statuses as a stacked bar for each region.

    A region with a hidden share or without episodes has words in place of the bar.
    """
    file = files["agreement_by_area"]
    shares: dict[str, dict[str, str]] = {}
    for status in STATUS_COLOURS:
        for level in (NATIONAL, "Regional"):
            for row in file.select_rows(facts.year, level, {"source_status": status}):
                code, name = read_place(row)
                if code not in LONDON_PARTS:
                    shares.setdefault(name, {})[status] = row["episode_percent"]
    bars = {
        name: _explain_missing_bar(by_status)
        or {status: float(text) for status, text in by_status.items()}
        for name, by_status in shares.items()
    }
    if all(isinstance(bar, str) for bar in bars.values()):
        return None
    title = f"Which source recorded the episodes, by region, year ending 31 March {facts.year}"
    title += ", per cent of episodes"
    description = "; ".join(
        f"{name}, {status}: {NOT_SHOWN.get(text, text + '%')}"
        for name, by_status in shares.items()
        for status, text in by_status.items()
    )
    rows = tuple(
        (name, *(format_figure(by_status[status]) for status in STATUS_COLOURS))
        for name, by_status in shares.items()
    )
    columns = ("Area", *STATUS_COLOURS)
    svg = draw_stacked_chart(bars, STATUS_COLOURS, "Per cent of episodes", title, description)
    return Chart("sources", title, file.name, svg, columns, rows, ROUNDED)


def _explain_missing_bar(shares: Mapping[str, str]) -> str:
    """Return the reason why an area has no bar (a symbol, or no episodes); empty if it has one."""
    numbers = [parse_number(text) for text in shares.values()]
    symbols = [text for text in shares.values() if parse_number(text) is None]
    if symbols:
        return NOT_SHOWN.get(symbols[0], symbols[0])
    return "" if any(numbers) else "no episodes"
