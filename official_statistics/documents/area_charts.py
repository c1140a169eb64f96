"""The charts of the pages of areas, each with a table of its figures."""

from __future__ import annotations

from official_statistics.documents.area_comparison import AreaComparison
from official_statistics.documents.area_figures import FILES, FORCE, Area, AreaRate, Files
from official_statistics.documents.public_files import parse_number
from official_statistics.documents.release_charts import NOT_SHOWN, Chart, draw_bars
from register.charts import ACCENT, MARKED, MUTED, RowChart, Tick, draw_dot, draw_line, round_ticks

WIDTH = 560
# Axes have at least this many steps of the smallest unit before they use a smaller unit.
LEAST_STEPS = 3


def draw_neighbours(area: Area, comparison: AreaComparison) -> Chart | None:
    """Draw the rates of an authority, its statistical neighbours, its region and England.

    A line gives the 95 % interval. Return None if no rate is shown.
    """
    rows: list[tuple[str, AreaRate]] = [(area.name, comparison.now)]
    rows += [(neighbour.name, rate) for neighbour, rate in comparison.neighbours.items()]
    rows += [(area.region_name, comparison.region), ("England", comparison.nation)]
    ends = [parse_number(text) for _, rate in rows for text in (rate.rate, rate.upper)]
    highest = max((end for end in ends if end is not None), default=0)
    if not highest:
        return None
    unit = "Rate per 1,000 aged 0 to 17"
    drawing = RowChart(
        [name for name, _ in rows], _place_ticks(highest), unit, bold={area.name}, width=WIDTH
    )
    colours = [MARKED, *[ACCENT] * len(comparison.neighbours), MUTED, MUTED]
    marks, words = [], []
    for place, ((name, rate), colour) in enumerate(zip(rows, colours, strict=True)):
        marks += _draw_rate(drawing, place, rate, colour)
        words.append(f"{name}: {rate.rate if parse_number(rate.rate) is not None else 'no rate'}")
    title = f"Rates of going missing per 1,000 aged 0 to 17, {comparison.year}"
    svg = drawing.draw(title, marks, "; ".join(words))
    return Chart("neighbours", title, comparison.measure.file, svg, (), ())


def draw_incident_years(files: Files, area: Area) -> Chart | None:
    """Draw the incidents that a police force recorded in each year."""
    file = files[FILES[FORCE]]
    rows = [
        (year, row["incident_count"])
        for year in reversed(file.years)
        for row in file.select_rows(year, FORCE)
        if row["pfa_code"] == area.code
    ]
    title = f"Missing incidents that {area.name} recorded, by year ending 31 March"
    columns = ("Year ending 31 March", "Number of missing incidents")
    return draw_bars("years", title, file.name, columns, rows)


def _place_ticks(highest: float) -> list[Tick]:
    scale = 1
    while highest * scale < LEAST_STEPS:
        scale *= 10
    return [(value / scale, f"{value / scale:g}") for value, _ in round_ticks(0, highest * scale)]


def _draw_rate(drawing: RowChart, place: int, rate: AreaRate, colour: str) -> list[str]:
    number = parse_number(rate.rate)
    if number is None:
        return [drawing.draw_words(place, 0, NOT_SHOWN.get(rate.rate, "not in this release"))]
    y, marks = drawing.row_y(place), []
    lower, upper = parse_number(rate.lower), parse_number(rate.upper)
    if lower is not None and upper is not None:
        ends = (drawing.value_x(lower), y), (drawing.value_x(upper), y)
        marks.append(draw_line(*ends, colour, width=3))
    return [*marks, draw_dot(drawing.value_x(number), y, 7, colour)]
