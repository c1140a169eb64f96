"""Rule D4: percentages, averages, intervals, coefficients and estimates, from shown counts only.

So a derived figure reveals no more than the shown counts, and readers can compute it themselves.
The formulas are in `formulas`. The counts come from dbt, and `protection` hides some of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

from official_statistics.data_sets import TOTAL, DataSet, Indicator, data_set_named
from official_statistics.formulas import (
    Cells,
    byar_interval,
    chapman_estimate,
    cohens_kappa,
    gwets_ac1,
)
from official_statistics.possible_tables import limit_count, list_possible_tables
from official_statistics.public_figures import (
    CountLookup,
    Figure,
    Symbol,
    build_percent_figure,
    choose_symbol,
)
from register.intervals import Interval, wilson_interval

CORRECTED = "Central corrected for linkage error"
SHARES = ("percent", "lower", "upper")
KAPPA_ENDS = ("minimum", "maximum")
SOURCE_STATUSES = ("Both sources", "Police only", "Authority only")


@dataclass(frozen=True)
class LinkageRates:
    """Precision and recall of the whole nation's linkage (0-1), each with its 95 % interval."""

    precision: Interval
    recall: Interval


@dataclass(frozen=True)
class Place:
    """The shown counts of one area and year, from which its figures are derived.

    `population` is the public number of children who live in the area; None if it is not known.
    Counts are rounded to `rounding_unit`, and none below `smallest_shown` is shown, except 0.
    """

    find_count: CountLookup
    low_denominator: int
    rates: LinkageRates | None = None
    population: int | None = None
    rounding_unit: int = 1
    smallest_shown: int = 1

    def choose_symbol(self, figures: Sequence[Figure]) -> Symbol | None:
        """Return the symbol of a derived figure, or None if it can be calculated."""
        if symbol := choose_symbol(figures):
            return symbol
        size = sum(figure.count for figure in figures)
        if size == 0:
            return "z"
        return "u" if size < self.low_denominator else None


def derive_figure(
    data_set: DataSet, indicator: Indicator, values: Mapping[str, str], place: Place
) -> Figure:
    """Return a derived figure in one row. Raises `ValueError` for an unknown formula."""
    derivation = indicator.derivation
    if not indicator.exists_on(values):
        return Figure(symbol="z")
    if "population" in derivation:
        figure = _show_population(place)
    elif "rate" in derivation:
        figure = _derive_rate(data_set, derivation, values, place)
    elif "excess" in derivation:
        figure = _derive_excess(data_set, derivation, values, place)
    elif "average" in derivation:
        part, total = (
            place.find_count(data_set.name, values, derivation[key]) for key in ("average", "per")
        )
        symbol = _choose_ratio_symbol(part, total, place)
        figure = Figure(symbol=symbol) if symbol else Figure(Fraction(part.count, total.count))
    elif set(SHARES) & set(derivation):
        figure = _derive_share(data_set, derivation, values, place)
    elif "sample" in derivation:
        raise ValueError(f"{indicator.name} comes from the sample, not from counts")
    else:
        figure = _derive_coefficient(indicator, values, place)
    return Figure(figure.value, figure.symbol, indicator.dp)


def _show_population(place: Place) -> Figure:
    return Figure(symbol="x") if place.population is None else Figure(place.population)


def _derive_rate(
    data_set: DataSet, derivation: Mapping[str, Any], values: Mapping[str, str], place: Place
) -> Figure:
    """Return a rate, or one end of its interval.

    The denominator is the measure that the row has: a count, or the population. If the counted
    children are some of the denominator's, as for children looked after, the interval is Wilson's.
    """
    part = place.find_count(data_set.name, values, derivation["rate"])
    name, times = next(
        (name, times)
        for name, times in derivation["per"].items()
        if data_set.get_indicator(name).exists_on(values)
    )
    is_counted = data_set.get_indicator(name).is_count
    total = place.find_count(data_set.name, values, name) if is_counted else _show_population(place)
    if symbol := _choose_ratio_symbol(part, total, place):
        return Figure(symbol=symbol)
    end = derivation.get("end")
    if end is None:
        return Figure(Fraction(times * part.count, total.count))
    if is_counted:
        return Figure(times * _end_of(wilson_interval(part.count, total.count), end))
    return Figure(times * _end_of(byar_interval(part.count), end) / total.count)


def _derive_excess(
    data_set: DataSet, derivation: Mapping[str, Any], values: Mapping[str, str], place: Place
) -> Figure:
    """Return by what percentage of itself one count is above another one, which is no larger."""
    total, part = (
        place.find_count(data_set.name, values, derivation[key]) for key in ("excess", "over")
    )
    if symbol := _choose_ratio_symbol(part, total, place):
        return Figure(symbol=symbol)
    return build_percent_figure(Fraction(100 * (total.count - part.count), total.count))


def _choose_ratio_symbol(part: Figure, total: Figure, place: Place) -> Symbol | None:
    return choose_symbol((part, total)) or place.choose_symbol([total])


def _derive_share(
    data_set: DataSet, derivation: Mapping[str, Any], values: Mapping[str, str], place: Place
) -> Figure:
    kind = next(name for name in SHARES if name in derivation)
    totals = {**values, **dict.fromkeys(derivation.get("of_total_over", ()), TOTAL)}
    if kind != "percent" and totals == dict(values):
        return Figure(symbol="z")
    if derivation.get("corrected") and CORRECTED in values.values():
        return _derive_corrected_share(kind, values, place)
    part = place.find_count(data_set.name, values, derivation[kind])
    total = place.find_count(data_set.name, totals, derivation.get("of", derivation[kind]))
    if symbol := _choose_ratio_symbol(part, total, place):
        return Figure(symbol=symbol)
    if kind == "percent":
        return build_percent_figure(Fraction(100 * part.count, total.count))
    return build_percent_figure(100 * _end_of(wilson_interval(part.count, total.count), kind))


def _derive_corrected_share(kind: str, values: Mapping[str, str], place: Place) -> Figure:
    """Return a share at the central threshold, corrected for wrong and missed links.

    The number of episodes that both sources recorded is multiplied by precision ÷ recall, up to the
    total of the smaller source. The total of each source does not change. Precision and recall are
    those of the nation. Without a clerical sample, the share is not available. See
    docs/explanation/agreement-statistics.md.
    """
    if place.rates is None:
        return Figure(symbol="x")
    counts = _find_source_counts(place, "All episodes", TOTAL)
    if symbol := place.choose_symbol(counts):
        return Figure(symbol=symbol)
    status = values["source_status"]
    if status == TOTAL:
        return Figure(Fraction(100))
    precision, recall = place.rates.precision, place.rates.recall
    factors = (
        precision.estimate / recall.estimate,
        precision.lower / recall.upper,
        precision.upper / recall.lower,
    )
    shares = [_correct_counts(status, counts, factor) for factor in factors]
    if kind == "percent":
        return build_percent_figure(100 * shares[0][0] / shares[0][1])
    limits = [wilson_interval(min(part, total), total) for part, total in shares]
    ends = [_end_of(interval, kind) for interval in limits]
    return build_percent_figure(100 * (min(ends) if kind == "lower" else max(ends)))


def _correct_counts(status: str, counts: Sequence[Figure], factor: float) -> tuple[float, float]:
    """Return the corrected count of a source status, and the corrected total."""
    both, police_only, authority_only = (figure.count for figure in counts)
    linked = min(both * factor, float(both + min(police_only, authority_only)))
    police, authority = both + police_only - linked, both + authority_only - linked
    corrected = dict(zip(SOURCE_STATUSES, (linked, police, authority), strict=True))
    return corrected[status], linked + police + authority


def _derive_coefficient(indicator: Indicator, values: Mapping[str, str], place: Place) -> Figure:
    formula = next(iter(indicator.derivation))
    name, _, end = formula.partition("_")
    if name == "chapman":
        counts = _find_source_counts(place, "Expected in both sources", values["care_status"])
    elif name not in {"kappa", "ac1"}:
        raise ValueError(f"no figure has the formula {formula}")
    elif values["care_status"] != TOTAL:
        # The files split categories only for all children together. So for a single care status the
        # coefficient is not applicable.
        return Figure(symbol="z")
    elif end in KAPPA_ENDS:
        return _derive_kappa_end(end, place, indicator.dp)
    else:
        counts = _find_category_counts(place)
    if symbol := place.choose_symbol(counts):
        return Figure(symbol=symbol)
    numbers = [figure.count for figure in counts]
    if name == "chapman":
        interval: Interval | None = chapman_estimate(*numbers)
    else:
        interval = (cohens_kappa if name == "kappa" else gwets_ac1)(Cells(*numbers))
    return Figure(symbol="z") if interval is None else Figure(_end_of(interval, end))


def _find_category_counts(place: Place, *, with_totals: bool = False) -> list[Figure]:
    """Return the counts of the two sources' categories, row by row, the totals last."""
    data_set = data_set_named("category_agreement")
    police, authority = (
        [*items, total] if with_totals else items
        for total, *items in (
            data_set.get_filter(name).item_names
            for name in ("category_police", "category_authority")
        )
    )
    return [
        place.find_count(
            data_set.name, {"category_police": row, "category_authority": column}, "episode_count"
        )
        for row in police
        for column in authority
    ]


def _derive_kappa_end(end: str, place: Place, dp: int) -> Figure:
    """Return the smallest or largest kappa of all tables that fit the shown counts.

    It is rounded outwards, so that the printed range has every possible kappa.
    """
    figures = _find_category_counts(place, with_totals=True)
    if symbol := choose_symbol(figure for figure in figures if figure.symbol != "c"):
        return Figure(symbol=symbol)
    if figures[-1].symbol is None and (symbol := place.choose_symbol(figures[-1:])):
        return Figure(symbol=symbol)
    tables = list_possible_tables(
        tuple(
            limit_count(
                None if figure.symbol else figure.count, place.rounding_unit, place.smallest_shown
            )
            for figure in figures
        )
    )
    if tables is None:
        return Figure(symbol="c")
    kappas = tables.find_kappa_range()
    if kappas is None:
        return Figure(symbol="z")
    unit = 10**dp
    if end == "minimum":
        return Figure(Fraction(floor(kappas.minimum * unit), unit))
    return Figure(Fraction(ceil(kappas.maximum * unit), unit))


def _find_source_counts(place: Place, scope: str, care_status: str) -> list[Figure]:
    items = {"care_status": care_status, "agreement_scope": scope}
    return [
        place.find_count("agreement_by_area", {**items, "source_status": status}, "episode_count")
        for status in SOURCE_STATUSES
    ]


def _end_of(interval: Interval, end: str) -> float:
    return {"lower": interval.lower, "upper": interval.upper}.get(end, interval.estimate)
