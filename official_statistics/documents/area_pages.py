"""The pages of local authorities and police forces, and the list by which readers find them.

A page prints on one sheet of A4. It has figures of the public files alone, sentences and
comparisons that follow from them, and the reasons why figures are not shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from official_statistics.documents.area_charts import draw_rates
from official_statistics.documents.area_comparison import AreaComparison, Comparer
from official_statistics.documents.area_figures import (
    AUTHORITY,
    FILES,
    FORCE,
    MEASURES,
    Area,
    AreaRate,
    FigureIndex,
    list_areas,
    read_neighbours,
    read_rate,
)
from official_statistics.documents.area_sentences import (
    NUMBERS,
    format_rate,
    write_area_sentences,
)
from official_statistics.documents.public_files import format_count, parse_number
from official_statistics.documents.release_charts import NOT_SHOWN
from official_statistics.documents.release_pages import Inputs, Page
from official_statistics.neighbours import FILE as NEIGHBOURS_FILE

COVERAGE = "source_coverage"
# Why a figure is not shown, by its symbol.
REASONS = {
    "c": "Hidden, to protect children: the count is of few children, or would reveal such a count.",
    "x": "Not available: not delivered, or not counted when the year was first published.",
    "u": "Low reliability: the figure is of too few children to say it reliably.",
    "z": "Not applicable: the figure has no meaning.",
    "low": "Rounds to 0, but is not 0.",
}
CHANGES = {"higher": "higher", "lower": "lower", "not_clear": "no clear change"}
NOT_TESTED, PROVISIONAL, NOT_COMPARED = "not tested", "provisional", "not compared"
NO_FIGURE = "not in this release"
RATE = "Rate (95% interval)"


@dataclass(frozen=True)
class ComparedTable:
    """Rates of several areas or years, each by its name with the code of a linked area."""

    caption: str
    columns: tuple[str, ...]
    rates: Mapping[str, tuple[AreaRate, str]]

    @property
    def chart(self) -> str:
        """The rates as a chart (SVG), with the first one marked; empty if no rate is shown."""
        rates = {name: rate for name, (rate, _) in self.rates.items()}
        return draw_rates(self.caption, rates, next(iter(rates)), NO_FIGURE)

    @property
    def rows(self) -> list[tuple[str, str, str, str]]:
        """The name, code, count and rate of each row as readers see them."""
        return [
            (name, code, format_cell(rate.count), format_interval(rate))
            for name, (rate, code) in self.rates.items()
        ]


def build_area_pages(inputs: Inputs) -> Iterator[Page]:
    """Yield the page of each authority and police force of the newest year, and their list."""
    figures = FigureIndex(inputs.files)
    comparer = Comparer(
        figures,
        read_neighbours(inputs.public),
        [int(year) for year in inputs.files[FILES[AUTHORITY]].years],
        inputs.facts.is_provisional,
        inputs.confidentiality.rules["rounding_unit_authority"],
    )
    areas = list_areas(inputs.files, inputs.facts.year)
    paths = {area.code: area.path for area in areas}
    comparisons = {}
    for area in areas:
        first, *others = (comparer.compare_area(area, each) for each in MEASURES[area.level])
        comparisons[area] = first
        yield Page(
            area.path,
            "area.html.j2",
            {
                "area": area,
                "first": first,
                "sentences": write_area_sentences(area, first, figures),
                "columns": _name_columns(area, first),
                "rows": [_build_row(area, each, comparer) for each in (first, *others)],
                "compared": _build_compared(area, first, comparer),
                "neighbour_words": NUMBERS[len(first.neighbours)],
                "shown_words": NUMBERS[first.shown_neighbours],
                "deliveries": _describe_deliveries(figures, area, inputs.facts.year),
                "reasons": _list_reasons([first, *others]),
                "source_files": _list_source_files(area),
                "paths": paths,
            },
        )
    yield Page("areas/index.html", "areas.html.j2", {"groups": _group_areas(comparisons)})


def format_cell(text: str) -> str:
    """Return a figure with commas between thousands, or words in place of a symbol."""
    number = parse_number(text)
    if number is None:
        return NOT_SHOWN.get(text, text or NO_FIGURE)
    return text if "." in text else format_count(number)


def format_interval(rate: AreaRate) -> str:
    """Return a rate with its 95 % interval, if it has one."""
    if parse_number(rate.lower) is None or parse_number(rate.rate) is None:
        return format_cell(rate.rate)
    return f"{rate.rate} ({rate.lower} to {rate.upper})"


def _name_columns(area: Area, first: AreaComparison) -> list[str]:
    columns = [
        "Measure and unit of its rate",
        f"Number in {first.year}",
        "Rate (95% interval)",
        f"Number in {first.year - 1}",
        "Change",
    ]
    if area.level == AUTHORITY:
        columns += ["Neighbours (median rate)", f"{area.region_name} (rate)"]
    return [*columns, "England (rate)"]


def _build_row(area: Area, comparison: AreaComparison, comparer: Comparer) -> list[str]:
    """Return the cells of one measure."""
    measure, now = comparison.measure, comparison.now
    cells = [
        f"{measure.name}, {measure.unit}",
        format_cell(now.count),
        format_interval(now),
        format_cell(comparison.before.count),
        _describe_change(comparison, comparer.is_provisional),
    ]
    if area.level == AUTHORITY:
        cells += [
            format_rate(comparison.median) or "not enough shown",
            format_cell(comparison.region.rate),
        ]
    return [*cells, format_cell(comparison.nation.rate)]


def _describe_change(comparison: AreaComparison, is_provisional: bool) -> str:
    if is_provisional:
        return PROVISIONAL
    if not comparison.measure.has_interval:
        return NOT_TESTED
    return CHANGES.get(comparison.change or "", NOT_COMPARED)


def _build_compared(area: Area, first: AreaComparison, comparer: Comparer) -> ComparedTable:
    """Return an authority beside other areas, or the years of a police force."""
    measure, figures = first.measure, comparer.figures
    if area.level == FORCE:
        years = {
            str(year): (read_rate(figures, measure, year, area.place), "")
            for year in comparer.years
        }
        title = f"Rates of going missing in the area of {area.name}, by year"
        return ComparedTable(title, ("Year ending 31 March", measure.name, RATE), years)
    areas = {area.name: (first.now, "")}
    areas |= {each.name: (rate, each.code) for each, rate in first.neighbours.items()}
    areas |= {area.region_name: (first.region, ""), "England": (first.nation, "")}
    title = f"Rates of going missing in {first.year}, most similar area first"
    return ComparedTable(title, ("Area", measure.name, RATE), areas)


def _describe_deliveries(figures: FigureIndex, area: Area, year: int) -> str:
    """Say how many of the expected periods the authority or force has delivered."""
    delivered, expected = (
        figures.read(COVERAGE, year, area.place, {"indicator": f"period_{kind}_count"})
        for kind in ("delivered", "expected")
    )
    if not expected:
        return "not known"
    return f"{delivered} of {expected} expected periods delivered"


def _list_reasons(comparisons: list[AreaComparison]) -> list[str]:
    """Return why figures of the area or its neighbours are not shown, in a fixed order."""
    rates = [
        rate
        for each in comparisons
        for rate in (each.now, each.before, each.region, each.nation, *each.neighbours.values())
    ]
    symbols = {text for rate in rates for text in (rate.count, rate.rate)}
    return [reason for symbol, reason in REASONS.items() if symbol in symbols]


def _list_source_files(area: Area) -> list[str]:
    """Return the files that have the figures of an area's page."""
    files = [f"data/{FILES[area.level]}.csv", f"data/{COVERAGE}.csv"]
    return [*files, NEIGHBOURS_FILE] if area.level == AUTHORITY else files


def _group_areas(
    comparisons: dict[Area, AreaComparison],
) -> list[tuple[str, str, list[tuple[Area, str, str]]]]:
    """Return a heading, the name of the measure and the areas with figures, for each region.

    Police forces come last. Areas are in the order of their names.
    """
    groups = []
    key = {area: (area.level == FORCE, area.region_name, area.name) for area in comparisons}
    ordered = sorted(comparisons, key=lambda area: (*key[area], area.code))
    for (is_force, region), areas in groupby(ordered, key=lambda area: key[area][:2]):
        rows = [
            (
                area,
                format_cell(comparisons[area].now.count),
                format_cell(comparisons[area].now.rate),
            )
            for area in areas
        ]
        measure = MEASURES[FORCE if is_force else AUTHORITY][0]
        groups.append(("Police forces" if is_force else region, measure.name, rows))
    return groups
