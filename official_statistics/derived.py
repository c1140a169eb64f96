"""Rule D4: every percentage, average, interval, coefficient and estimate, from shown counts alone.

A figure tells nothing that the shown counts do not, and a reader can compute it again. The formulas
are in `estimates`; counting and hiding do not belong here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from official_statistics.data_sets import TOTAL, DataSet, Indicator, data_set_named
from official_statistics.formulas import (
    Cells,
    Interval,
    chapman,
    cohens_kappa,
    gwets_ac1,
    wilson,
)
from official_statistics.public_figures import Figure, first_symbol, percent_figure

# The shown count of a data set's row at the same place and year, by its filter items.
Lookup = Callable[[str, Mapping[str, str], str], Figure]
CORRECTED = "Central corrected for linkage error"


@dataclass(frozen=True)
class LinkageRates:
    """Precision and recall of the linkage of the nation, each with its 95 % interval (0-1)."""

    precision: Interval
    recall: Interval


@dataclass(frozen=True)
class Place:
    """What a figure may be made of: the shown counts of one place and year, and no more."""

    shown: Lookup
    low_denominator: int
    rates: LinkageRates | None = None


def derived_figure(
    data_set: DataSet, indicator: Indicator, values: Mapping[str, str], place: Place
) -> Figure:
    """Return a made figure of one row. Raises `ValueError` for a way of making that is unknown."""
    made = indicator.made
    if "average" in made:
        figure = _average(data_set, made, values, place)
    elif {"percent", "lower", "upper"} & set(made):
        figure = _share(data_set, made, values, place)
    elif "sample" in made:
        raise ValueError(f"{indicator.name} is read from the sample, not made from counts")
    else:
        figure = _coefficient(made, values, place)
    return Figure(figure.value, figure.symbol, indicator.dp)


def _average(
    data_set: DataSet, made: Mapping[str, Any], values: Mapping[str, str], place: Place
) -> Figure:
    part = place.shown(data_set.name, values, made["average"])
    whole = place.shown(data_set.name, values, made["per"])
    symbol = _ratio_symbol(part, whole, place)
    return Figure(symbol=symbol) if symbol else Figure(Fraction(part.count, whole.count))


def _share(
    data_set: DataSet, made: Mapping[str, Any], values: Mapping[str, str], place: Place
) -> Figure:
    kind = next(name for name in ("percent", "lower", "upper") if name in made)
    over = made.get("of_total_over", ())
    totals = {**values, **dict.fromkeys(over, TOTAL)}
    if kind != "percent" and totals == dict(values):
        return Figure(symbol="z")
    if made.get("corrected") and CORRECTED in values.values():
        return _corrected(kind, values, place)
    part = place.shown(data_set.name, values, made[kind])
    whole = place.shown(data_set.name, totals, made.get("of", made[kind]))
    symbol = _ratio_symbol(part, whole, place)
    if symbol:
        return Figure(symbol=symbol)
    if kind == "percent":
        return percent_figure(Fraction(100 * part.count, whole.count))
    interval = wilson(part.count, whole.count)
    return percent_figure(100 * (interval.lower if kind == "lower" else interval.upper))


def _ratio_symbol(part: Figure, whole: Figure, place: Place) -> Any:
    if symbol := first_symbol((part, whole)):
        return symbol
    if whole.count == 0:
        return "z"
    return "u" if whole.count < place.low_denominator else None


def _corrected(kind: str, values: Mapping[str, str], place: Place) -> Figure:
    """A share of the central linkage, corrected for links that are wrong or missed.

    The corrected count of both is the count times precision by recall, at most what the smaller
    source recorded; what each source recorded does not change
    (docs/explanation/agreement-statistics.md). Also made of the nation's precision and recall; not
    available without a clerical sample.
    """
    if place.rates is None:
        return Figure(symbol="x")
    status = values["source_status"]
    counts = _statuses(place, "All episodes", TOTAL)
    if symbol := _counts_symbol(counts, place):
        return Figure(symbol=symbol)
    if status == TOTAL:
        return Figure(Fraction(100))
    both, police, authority = (figure.count for figure in counts)
    rates = place.rates
    factors = {
        "percent": rates.precision.estimate / rates.recall.estimate,
        "lower": rates.precision.lower / rates.recall.upper,
        "upper": rates.precision.upper / rates.recall.lower,
    }
    ends = [_corrected_share(status, both, police, authority, one) for one in factors.values()]
    centre = ends[0]
    if kind == "percent":
        return percent_figure(100 * centre[0] / centre[1])
    limits = [wilson(min(part, total), total) for part, total in ends]
    lower, upper = min(one.lower for one in limits), max(one.upper for one in limits)
    return percent_figure(100 * (lower if kind == "lower" else upper))


def _corrected_share(
    status: str, both: int, police: int, authority: int, factor: float
) -> tuple[float, float]:
    """The corrected count of a status, and the corrected total."""
    joined = min(both * factor, float(both + min(police, authority)))
    police_left, authority_left = both + police - joined, both + authority - joined
    counts = {
        "Both sources": joined,
        "Police only": police_left,
        "Authority only": authority_left,
    }
    return counts[status], joined + police_left + authority_left


def _coefficient(made: Mapping[str, Any], values: Mapping[str, str], place: Place) -> Figure:
    (way, _), *_ = made.items()
    name, _, end = way.partition("_")
    if name == "chapman":
        counts = _statuses(place, "Expected in both sources", values["care_status"])
        if symbol := _counts_symbol(counts, place):
            return Figure(symbol=symbol)
        return _end(chapman(*(figure.count for figure in counts)), end)
    if name not in {"kappa", "ac1"}:
        raise ValueError(f"no figure is made by {way}")
    # The category table is published for all children alone.
    if values["care_status"] != TOTAL:
        return Figure(symbol="z")
    data_set = data_set_named("category_agreement")
    counts = [
        place.shown(
            data_set.name,
            {"category_police": police, "category_authority": authority},
            "episode_count",
        )
        for police in data_set.filter("category_police").item_names[1:]
        for authority in data_set.filter("category_authority").item_names[1:]
    ]
    if symbol := _counts_symbol(counts, place):
        return Figure(symbol=symbol)
    cells = Cells(*(figure.count for figure in counts))
    interval = cohens_kappa(cells) if name == "kappa" else gwets_ac1(cells)
    return Figure(symbol="z") if interval is None else _end(interval, end)


def _statuses(place: Place, scope: str, care_status: str) -> list[Figure]:
    return [
        place.shown(
            "agreement_by_area",
            {"care_status": care_status, "agreement_scope": scope, "source_status": status},
            "episode_count",
        )
        for status in ("Both sources", "Police only", "Authority only")
    ]


def _counts_symbol(counts: list[Figure], place: Place) -> Any:
    if symbol := first_symbol(counts):
        return symbol
    size = sum(figure.count for figure in counts)
    if size == 0:
        return "z"
    return "u" if size < place.low_denominator else None


def _end(interval: Interval, end: str) -> Figure:
    return Figure({"lower": interval.lower, "upper": interval.upper}.get(end, interval.estimate))
