"""Figures are made from shown counts alone, by formulas that libraries agree with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import chi2
from statsmodels.stats.inter_rater import cohens_kappa as library_kappa
from statsmodels.stats.proportion import proportion_confint

from official_statistics import data_set_named
from official_statistics.derived_figures import Place, derive_figure
from official_statistics.formulas import (
    Cells,
    byar_interval,
    chapman_estimate,
    cohens_kappa,
    gwets_ac1,
)
from official_statistics.public_figures import Figure, round_number
from register.intervals import wilson_interval

AREA = data_set_named("missing_children_by_area")
AGREEMENT = data_set_named("agreement_by_area")
LOOKED_AFTER = {"care_status": "Looked after", "absence_category": "Missing"}
ROW = {
    "care_status": "Total",
    "agreement_scope": "All episodes",
    "source_status": "Both sources",
}


def _place(counts: Mapping[str, int | str]) -> Place:
    """A place whose shown counts are those of measures, whatever the row, or of a status."""

    def find_count(_: str, values: Mapping[str, str], measure: str) -> Figure:
        key = measure if measure in counts else values.get("source_status", measure)
        count = counts.get(key, "z")
        return Figure(count) if isinstance(count, int) else Figure(symbol=count)  # type: ignore[arg-type]

    return Place(find_count, low_denominator=20)


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ({"episode_count": 40, "child_count": 20}, "2.0"),
        ({"episode_count": "c", "child_count": 20}, "c"),
        ({"episode_count": 40, "child_count": "c"}, "c"),
        ({"episode_count": 40, "child_count": "x"}, "x"),
        ({"episode_count": 0, "child_count": 0}, "z"),
        ({"episode_count": 40, "child_count": 15}, "u"),
    ],
)
def test_an_average_has_the_symbol_of_what_it_is_made_of(
    counts: dict[str, int | str], text: str
) -> None:
    """Prevents an average that gives away a hidden count, and one of hardly any children."""
    indicator = AREA.get_indicator("episode_average")
    assert derive_figure(AREA, indicator, LOOKED_AFTER, _place(counts)).text == text


@pytest.mark.parametrize(
    ("part", "total", "texts"),
    [
        (570, 1820, ("31.3", "29.2", "33.5")),
        (1090, 1820, ("59.9", "57.6", "62.1")),
        (160, 1820, ("8.8", "7.6", "10.2")),
        (0, 1820, ("0.0", "0.0", "0.2")),
        ("c", 1820, ("c", "c", "c")),
        (10, 15, ("u", "u", "u")),
    ],
)
def test_shares_and_limits_are_those_of_the_specification(
    part: int | str, total: int, texts: tuple[str, ...]
) -> None:
    """Prevents limits that no reader can make again from the counts beside them."""
    place = _place({"Both sources": part, "Total": total})
    figures = tuple(
        derive_figure(AGREEMENT, AGREEMENT.get_indicator(name), ROW, place).text
        for name in ("episode_percent", "episode_percent_lower", "episode_percent_upper")
    )
    assert figures == texts


def test_a_total_is_all_of_itself_and_has_no_limits() -> None:
    """Prevents an interval around 100 %."""
    place = _place({"Total": 1820})
    row = {**ROW, "source_status": "Total"}
    names = ("episode_percent", "episode_percent_lower", "episode_percent_upper")
    figures = [
        derive_figure(AGREEMENT, AGREEMENT.get_indicator(name), row, place).text for name in names
    ]
    assert figures == ["100.0", "z", "z"]


def test_a_share_that_rounds_to_0_is_low() -> None:
    """Prevents a 0.0 that reads as never."""
    place = _place({"Both sources": 10, "Total": 40000})
    assert (
        derive_figure(AGREEMENT, AGREEMENT.get_indicator("episode_percent"), ROW, place).text
        == "low"
    )


def test_halves_are_rounded_up_exactly() -> None:
    """Prevents a percentage that differs between machines in its last digit."""
    assert round_number(Fraction(1, 80), 2) == "0.01"
    assert round_number(Fraction(25, 1000) * 100, 0) == "3"
    assert round_number(Fraction(-1, 1000), 1) == "0.0"


RATES = data_set_named("rates_by_area")
PER_1000 = {"rate_basis": "Per 1,000 children aged 0 to 17", "absence_category": "Missing"}
PER_100 = {"rate_basis": "Per 100 looked-after children", "absence_category": "Missing"}


@pytest.mark.parametrize(
    ("values", "counts", "population", "texts"),
    [
        (PER_1000, {"child_count": 580}, 1_205_772, ("0.48", "0.44", "0.52", "1205772")),
        (PER_1000, {"child_count": 0}, 10_000, ("0.00", "0.00", "0.37", "10000")),
        (PER_1000, {"child_count": "c"}, 10_000, ("c", "c", "c", "10000")),
        (PER_1000, {"child_count": 580}, None, ("x", "x", "x", "x")),
        (PER_1000, {"child_count": 10}, 19, ("u", "u", "u", "19")),
        (PER_100, {"child_count": 15, "cla_child_count": 115}, 9, ("13.04", "8.07", "20.41", "z")),
        (PER_100, {"child_count": 15, "cla_child_count": "c"}, 9, ("c", "c", "c", "z")),
        (PER_100, {"child_count": 15, "cla_child_count": 15}, 9, ("u", "u", "u", "z")),
    ],
)
def test_a_rate_follows_from_shown_counts_and_the_public_number_of_children(
    values: dict[str, str],
    counts: dict[str, int | str],
    population: int | None,
    texts: tuple[str, ...],
) -> None:
    """Prevents a rate of true counts, and one of a number of children that is not its own."""
    place = replace(_place(counts), population=population)
    names = ("child_rate", "child_rate_lower", "child_rate_upper", "population_count")
    figures = [derive_figure(RATES, RATES.get_indicator(name), values, place) for name in names]
    assert tuple(figure.text for figure in figures) == texts


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ({"episode_count": 40, "child_count": 30}, "25.0"),
        ({"episode_count": 40, "child_count": 40}, "0.0"),
        ({"episode_count": 40, "child_count": "c"}, "c"),
        ({"episode_count": 15, "child_count": 10}, "u"),
    ],
)
def test_later_episodes_are_those_after_each_childs_first(
    counts: dict[str, int | str], text: str
) -> None:
    """Prevents a share of later episodes that counts the first ones too."""
    indicator = AREA.get_indicator("repeat_episode_percent")
    assert derive_figure(AREA, indicator, LOOKED_AFTER, _place(counts)).text == text


@pytest.mark.parametrize("count", [0, 1, 10, 580])
def test_byars_limits_are_near_those_of_the_exact_interval(count: int) -> None:
    """Prevents an interval of our own invention: the exact limits are quantiles of chi-squared."""
    interval = byar_interval(count)
    lower = chi2.ppf(0.025, 2 * count) / 2 if count else 0
    upper = chi2.ppf(0.975, 2 * count + 2) / 2
    assert (interval.lower, interval.upper) == pytest.approx((lower, upper), rel=0.02, abs=0.1)


@pytest.mark.parametrize(("part", "total"), [(0, 20), (10, 20), (20, 20), (570, 1820)])
def test_wilson_limits_are_those_of_statsmodels(part: int, total: int) -> None:
    """Prevents an interval of our own invention."""
    interval = wilson_interval(part, total)
    lower, upper = proportion_confint(part, total, method="wilson")
    assert (interval.lower, interval.upper) == pytest.approx((lower, upper), abs=1e-6)


@pytest.mark.parametrize("counts", [(490, 10, 30, 20), (100, 50, 50, 100), (300, 0, 20, 80)])
def test_kappa_is_that_of_statsmodels_and_ac1_that_of_its_definition(
    counts: tuple[int, int, int, int],
) -> None:
    """Prevents coefficients of other cells than those that are published."""
    a, b, c, d = counts
    cells = Cells(*counts)
    kappa = cohens_kappa(cells)
    assert kappa is not None
    assert kappa.estimate == pytest.approx(library_kappa(np.array([[a, b], [c, d]])).kappa)
    share = (2 * a + b + c) / (2 * cells.size)
    chance = 2 * share * (1 - share)
    assert gwets_ac1(cells).estimate == pytest.approx(
        ((a + d) / cells.size - chance) / (1 - chance)
    )
    for interval in (kappa, gwets_ac1(cells)):
        assert -1 <= interval.lower <= interval.estimate <= interval.upper <= 1


def test_kappa_is_none_where_both_give_one_answer_throughout() -> None:
    """Prevents perfect agreement beyond chance where no disagreement was possible."""
    assert cohens_kappa(Cells(500, 0, 0, 0)) is None
    assert gwets_ac1(Cells(500, 0, 0, 0)).estimate == 1


def test_the_estimate_of_all_episodes_is_chapmans() -> None:
    """Prevents an estimate below what was recorded."""
    estimate = chapman_estimate(540, 170, 190)
    assert estimate.estimate == pytest.approx((710 + 1) * (730 + 1) / (540 + 1) - 1)
    assert 900 <= estimate.lower <= estimate.estimate <= estimate.upper
