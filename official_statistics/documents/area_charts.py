"""The chart on the page of an area: its rates beside those of other areas or years."""

from __future__ import annotations

from collections.abc import Mapping

from official_statistics.documents.area_figures import AreaRate
from official_statistics.documents.public_files import parse_number
from official_statistics.documents.release_charts import NOT_SHOWN
from register.charts import ACCENT, MARKED, RowChart, Tick, draw_dot, draw_line, round_ticks

WIDTH = 460
UNIT = "Rate per 1,000 aged 0 to 17"
# Axes have at least this many steps of the smallest unit before they use a smaller unit.
LEAST_STEPS = 3


def draw_rates(title: str, rates: Mapping[str, AreaRate], marked: str, missing: str) -> str:
    """Return a chart of rates by name as SVG, each a dot with a line for its 95 % interval.

    The name `marked` stands out. `missing` is the text in place of a rate that the files lack.
    Return an empty text if no rate is shown.
    """
    ends = [parse_number(text) for rate in rates.values() for text in (rate.rate, rate.upper)]
    highest = max((end for end in ends if end is not None), default=0)
    if not highest:
        return ""
    chart = RowChart(list(rates), _place_ticks(highest), UNIT, bold={marked}, width=WIDTH)
    marks, words = [], []
    for place, (name, rate) in enumerate(rates.items()):
        number = parse_number(rate.rate)
        if number is None:
            text = NOT_SHOWN.get(rate.rate, missing)
            marks.append(chart.draw_words(place, 0, text))
        else:
            text = rate.rate
            marks += _draw_rate(chart, place, rate, MARKED if name == marked else ACCENT)
        words.append(f"{name}: {text}")
    return chart.draw(title, marks, "; ".join(words))


def _place_ticks(highest: float) -> list[Tick]:
    scale = 1
    while highest * scale < LEAST_STEPS:
        scale *= 10
    return [(value / scale, f"{value / scale:g}") for value, _ in round_ticks(0, highest * scale)]


def _draw_rate(chart: RowChart, place: int, rate: AreaRate, colour: str) -> list[str]:
    y = chart.row_y(place)
    lower, upper = parse_number(rate.lower), parse_number(rate.upper)
    dot = draw_dot(chart.value_x(float(rate.rate)), y, 7, colour)
    if lower is None or upper is None:
        return [dot]
    return [draw_line((chart.value_x(lower), y), (chart.value_x(upper), y), colour, width=3), dot]
