"""The figures of the public files: numbers or symbols, their areas, and the shown counts.

This module uses no true counts. `derived_figures` and `protection` choose the symbols.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, Literal

from official_statistics.data_sets import DataSet

Symbol = Literal["c", "z", "x", "low", "u"]
SYMBOLS: dict[str, str] = {
    "c": "confidential: hidden so that no child can be identified",
    "z": "not applicable: this row cannot have this figure",
    "x": "not available: not delivered, or not counted when the year was first published (this does"
    " not mean 0)",
    "low": "rounds to 0, but is not 0",
    "u": "low reliability: calculated from a total of under 20",
}
# Symbols in order of precedence: a figure computed from several figures takes the first that any of
# them has.
PRECEDENCE: tuple[Symbol, ...] = ("z", "c", "x", "u")
# Geographic levels in the order of the files' rows.
LEVELS = ("National", "Regional", "Police force area", "Local authority")
AREA_CODE_COLUMNS = {
    "National": "country_code",
    "Regional": "region_code",
    "Local authority": "old_la_code",
    "Police force area": "pfa_code",
}
LONDON = ("E12000007", "London")


@dataclass(frozen=True)
class Figure:
    """A number with its decimals, or else a symbol."""

    value: Fraction | float | int | None = None
    symbol: Symbol | None = None
    dp: int = 0

    @property
    def text(self) -> str:
        """The figure as printed in the file."""
        return self.symbol or round_number(self.value, self.dp)

    @property
    def count(self) -> int:
        """The number that a count shows. Raises `ValueError` for a symbol."""
        if self.value is None:
            raise ValueError("a figure that is not shown has no count")
        return int(self.value)


# A function that returns the published count of a data set for one area and year, given filter
# items and a measure.
CountLookup = Callable[[str, Mapping[str, str], str], Figure]


def choose_symbol(figures: Iterable[Figure]) -> Symbol | None:
    """Return the symbol of a derived figure, or None if all figures behind it are shown."""
    symbols = {figure.symbol for figure in figures}
    return next((symbol for symbol in PRECEDENCE if symbol in symbols), None)


def round_number(value: Fraction | float | int | None, dp: int) -> str:
    """Return a number with `dp` decimals; halves are rounded away from 0, and 0 has no sign.

    Raises `ValueError` if there is no number.
    """
    if value is None:
        raise ValueError("there is no number to round")
    if isinstance(value, Fraction):
        # Compute with more digits than any file shows, so that halves are exact where possible.
        number = Decimal(value.numerator) / Decimal(value.denominator)
    else:
        number = Decimal(repr(value))
    text = format(number.quantize(Decimal(1).scaleb(-dp), rounding=ROUND_HALF_UP), "f")
    return text.removeprefix("-") if Decimal(text) == 0 else text


def build_percent_figure(value: Fraction | float, dp: int = 1) -> Figure:
    """Return a percentage as a figure; it is `low` if it is not 0 but rounds to 0."""
    if value != 0 and Decimal(round_number(value, dp)) == 0:
        return Figure(symbol="low", dp=dp)
    return Figure(value=value, dp=dp)


@dataclass(frozen=True)
class Area:
    """An area with its names in one reporting year.

    `code` is stable (the DfE code of an authority). `code_ons` is the ONS code at the end of the
    year.
    """

    reporting_year: int
    level: str
    code: str
    name: str
    code_ons: str
    parent_code: str = ""
    parent_name: str = ""


def read_areas(rows: Iterable[Mapping[str, Any]]) -> tuple[Area, ...]:
    """Return the areas of `dim_publication_areas`, latest year first, then by level and code."""
    areas = [
        Area(
            reporting_year=row["reporting_year"],
            level=row["geographic_level"],
            code=row["area_code"],
            name=row["area_name"],
            code_ons=row["area_code_ons"],
            parent_code=row["parent_code"] or "",
            parent_name=row["parent_name"] or "",
        )
        for row in rows
    ]
    return tuple(sorted(areas, key=lambda a: (-a.reporting_year, LEVELS.index(a.level), a.code)))


def select_areas(data_set: DataSet, areas: Iterable[Area]) -> Iterator[Area]:
    """Yield the areas of a data set's file. The linkage file has only those of the latest year."""
    areas = tuple(areas)
    latest_year = max((area.reporting_year for area in areas), default=0)
    for area in areas:
        is_of_year = data_set.counted_on != "linkage" or area.reporting_year == latest_year
        if area.level in data_set.levels and is_of_year:
            yield area


class ShownCounts:
    """The shown counts of a release by area, year, data set, row and measure.

    A count that is missing here is not applicable (`z`).
    """

    def __init__(self, cells: Iterable[Mapping[str, Any]]) -> None:
        """Index protected cells by their key. Each cell has `shown` or `symbol`."""
        figures: dict[tuple[int, str, str], dict[tuple[str, str, str], Figure]] = defaultdict(dict)
        for cell in cells:
            place = (cell["reporting_year"], cell["geographic_level"], cell["area_code"])
            key = (cell["dataset"], cell["filter_values"], cell["measure"])
            figures[place][key] = Figure(cell["shown"], cell["symbol"])
        self._figures = figures

    def select_place(self, area: Area) -> CountLookup:
        """Return a function that looks up the counts of one area and year."""
        figures = self._figures.get((area.reporting_year, area.level, area.code), {})

        def find_count(data_set: str, values: Mapping[str, str], measure: str) -> Figure:
            text = ";".join(f"{name}={item}" for name, item in values.items())
            return figures.get((data_set, text, measure), Figure(symbol="z"))

        return find_count
