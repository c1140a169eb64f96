"""An area's rate beside the year before, its statistical neighbours, its region and England.

The rules use shown figures alone. A difference that chance or rounding may explain is *not clear*.
No year is compared with the year before while it is provisional.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median

from official_statistics.documents.area_figures import (
    AUTHORITY,
    NATION,
    REGION,
    Area,
    AreaRate,
    FigureIndex,
    Measure,
    Neighbour,
    read_rate,
)
from official_statistics.documents.public_files import parse_number
from register.intervals import INTERVAL_Z

# With fewer shown rates than this, a median says little.
LEAST_NEIGHBOURS = 3


@dataclass(frozen=True)
class ComparedRate:
    """A shown count, the shown number of children that it is divided by, and how both are rounded.

    `denominator_unit` is 0 if the denominator is not rounded.
    """

    count: float
    denominator: float
    unit: float
    denominator_unit: float = 0

    def find_limit(self, sign: int) -> float:
        """Return the lowest (-1) or highest (1) rate that rounds to these figures."""
        count = self.count + sign * self.unit / 2
        return count / (self.denominator - sign * self.denominator_unit / 2)


def compare_years(now: ComparedRate | None, before: ComparedRate | None) -> str | None:
    """Return *higher*, *lower* or *not_clear*: how a rate differs from that of the year before.

    It differs clearly if the 95 % interval of the difference excludes 0, even if rounding moved
    the two counts as far apart as it can. This is the rule of `is_clear_change`
    (dbt_project/functions/statistics) on shown counts. Return None if a figure is not shown.
    """
    if now is None or before is None or not now.denominator or not before.denominator:
        return None
    is_higher = now.count / now.denominator > before.count / before.denominator
    high, low = (now, before) if is_higher else (before, now)
    difference = high.find_limit(-1) - low.find_limit(1)
    continuity = 0.5 / now.denominator + 0.5 / before.denominator
    error = sqrt(now.count / now.denominator**2 + before.count / before.denominator**2)
    if difference - continuity <= INTERVAL_Z * error:
        return "not_clear"
    return "higher" if is_higher else "lower"


def compare_interval(rate: AreaRate, value: float | None) -> str | None:
    """Return *above*, *below* or *not_clear*: where a rate's shown interval lies beside a value.

    Return None if a limit or the value is not shown.
    """
    lower, upper = parse_number(rate.lower), parse_number(rate.upper)
    if lower is None or upper is None or value is None:
        return None
    if lower > value:
        return "above"
    return "below" if upper < value else "not_clear"


def find_median(rates: list[str]) -> float | None:
    """Return the median of the rates that are shown, or None if too few are."""
    numbers = [rate for rate in map(parse_number, rates) if rate is not None]
    return median(numbers) if len(numbers) >= LEAST_NEIGHBOURS else None


@dataclass(frozen=True)
class AreaComparison:
    """The first measure of an area, beside other years and places.

    `change`, `beside_neighbours` and `beside_nation` are the words of the rules, or None without a
    comparison. `neighbours` has the rate of each statistical neighbour.
    """

    measure: Measure
    year: int
    now: AreaRate
    before: AreaRate
    region: AreaRate
    nation: AreaRate
    neighbours: Mapping[Neighbour, AreaRate]
    change: str | None
    median: float | None

    @property
    def shown_neighbours(self) -> int:
        """The number of statistical neighbours whose rate is shown."""
        return sum(parse_number(rate.rate) is not None for rate in self.neighbours.values())

    @property
    def beside_neighbours(self) -> str | None:
        """Where the area's rate lies beside the median of its statistical neighbours."""
        return compare_interval(self.now, self.median)

    @property
    def beside_nation(self) -> str | None:
        """Where the area's rate lies beside the rate of England."""
        return compare_interval(self.now, parse_number(self.nation.rate))


@dataclass(frozen=True)
class Comparer:
    """What all areas of a version are compared with.

    `years` are the reporting years, latest first; the first is compared with the year before.
    `unit` is the unit to which the counts of areas are rounded.
    """

    figures: FigureIndex
    neighbours: Mapping[str, Sequence[Neighbour]]
    years: Sequence[int]
    is_provisional: bool
    unit: float

    def compare_area(self, area: Area, measure: Measure) -> AreaComparison:
        """Return the comparison of a measure of one area."""
        years = self.years[0], self.years[0] - 1
        now, before = (read_rate(self.figures, measure, year, area.place) for year in years)
        neighbours = {
            neighbour: read_rate(self.figures, measure, self.years[0], (AUTHORITY, neighbour.code))
            for neighbour in self.neighbours.get(area.code, ())
            if area.level == AUTHORITY
        }
        change = None
        if not self.is_provisional:
            change = compare_years(*(self._find_compared(each, measure) for each in (now, before)))
        return AreaComparison(
            measure=measure,
            year=self.years[0],
            now=now,
            before=before,
            region=read_rate(self.figures, measure, self.years[0], (REGION, area.region_code)),
            nation=read_rate(self.figures, measure, self.years[0], NATION),
            neighbours=neighbours,
            change=change,
            median=find_median([rate.rate for rate in neighbours.values()]),
        )

    def _find_compared(self, rate: AreaRate, measure: Measure) -> ComparedRate | None:
        """Return the figures that years are compared by, or None if one is not shown."""
        count, denominator = parse_number(rate.count), parse_number(rate.denominator)
        if count is None or denominator is None:
            return None
        denominator_unit = self.unit if measure.is_denominator_rounded else 0
        return ComparedRate(count, denominator, self.unit, denominator_unit)
