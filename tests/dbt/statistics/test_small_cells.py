"""Intervals of few pairs and at the boundary: how often they hold, beside what they replaced.

Coverage is measured on populations whose truth is known, drawn with a fixed seed. The baseline is
what was published before: a coefficient ± z standard errors, and Chapman's log-normal interval.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import Table2x2
from statsmodels.stats.inter_rater import cohens_kappa

from tests.dbt.functions import evaluated

Numbers = npt.NDArray[np.float64]
HOLDS = 0.93
SIZES = (10, 20, 100)
DRAWS = 4000
CELLS = "a, b, c, d"
SEEN = "b, p, a"
# Share of yes, kappa, and how one-sided the disagreements are: those that can be.
TRUTHS = [
    truth
    for truth in product((0.05, 0.1, 0.3, 0.5, 0.8), (0.0, 0.3, 0.6, 0.8, 0.9, 0.98), (0.5, 0.8))
    if 2 * truth[0] * (1 - truth[0]) * (1 - truth[1]) <= 2 * min(truth[0], 1 - truth[0])
]
CAUGHT = list(product((0.3, 0.5, 0.7, 0.9), repeat=2))
Z = stats.norm.ppf(0.975)


def _cells(yes: float, kappa: float, first: float) -> Numbers:
    disagreed = 2 * yes * (1 - yes) * (1 - kappa)
    return np.array(
        [
            yes - disagreed / 2,
            disagreed * first,
            disagreed * (1 - first),
            1 - yes - disagreed / 2,
        ]
    ).clip(0, 1)


def _kappa(cells: Numbers) -> float:
    first, second = cells[0] + cells[1], cells[0] + cells[2]
    chance = first * second + (1 - first) * (1 - second)
    return float((cells[0] + cells[3] - chance) / (1 - chance))


def _ac1(cells: Numbers) -> float:
    yes = cells[0] + (cells[1] + cells[2]) / 2
    chance = 2 * yes * (1 - yes)
    return float((cells[0] + cells[3] - chance) / (1 - chance))


def _evaluated_once(cases: pd.DataFrame, **expressions: str) -> pd.DataFrame:
    """`evaluated` for rows of which most repeat: each table is computed once."""
    distinct = cases.drop_duplicates().reset_index(drop=True)
    found = pd.concat([distinct, evaluated(distinct, **expressions)], axis=1)
    return cases.merge(found, how="left", on=list(cases.columns))[list(expressions)]


def _coverage(found: pd.DataFrame, truth: Numbers, population: npt.NDArray[np.int64]) -> Numbers:
    """How often each population's truth lies inside, of the draws that have an interval."""
    inside = (found["lower"] <= truth + 1e-9) & (truth - 1e-9 <= found["upper"])
    has_interval = found["lower"].notna() & found["upper"].notna()
    held: Numbers = inside[has_interval].groupby(population[has_interval]).mean().to_numpy(float)
    return held


@pytest.fixture(scope="module")
def drawn() -> dict[int, pd.DataFrame]:
    """Tables of four cells from every population, by their size."""
    random = np.random.default_rng(20261125)
    tables = {}
    for size in SIZES:
        parts = [random.multinomial(size, _cells(*truth), DRAWS) for truth in TRUTHS]
        tables[size] = pd.DataFrame(np.concatenate(parts), columns=list("abcd"))
    return tables


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("macro", "measure"), [("cohens_kappa", _kappa), ("gwets_ac1", _ac1)])
def test_intervals_of_coefficients_hold_for_few_pairs(
    drawn: dict[int, pd.DataFrame], macro: str, measure: object, size: int
) -> None:
    """Prevents an interval of 95 % that holds for 2 of 100, as ± z standard errors do."""
    assert callable(measure)
    population = np.repeat(np.arange(len(TRUTHS)), DRAWS)
    truth = np.array([measure(_cells(*truth)) for truth in TRUTHS])[population]
    found = _evaluated_once(
        drawn[size],
        value=f"{macro}({CELLS})",
        error=f"coalesce({macro}_error({CELLS}), 0)",
        lower=f"{macro}_lower({CELLS})",
        upper=f"{macro}_upper({CELLS})",
    )
    assert (found["value"].isna() == found["lower"].isna()).all()
    held = _coverage(found, truth, population)
    assert held.min() >= HOLDS
    baseline = pd.DataFrame(
        {
            "lower": found["value"] - Z * found["error"],
            "upper": found["value"] + Z * found["error"],
        }
    )
    was = _coverage(baseline, truth, population)
    assert was.min() < 0.5 < HOLDS
    print(  # noqa: T201 - how often the intervals hold, with -s
        f"{macro} n={size}: least {held.min():.3f}, mean {held.mean():.3f};"
        f" baseline least {was.min():.3f}, mean {was.mean():.3f};"
        f" width {(found['upper'] - found['lower']).mean():.2f}"
    )


@pytest.mark.parametrize("size", SIZES)
def test_intervals_of_what_nobody_recorded_hold_for_few_absences(size: int) -> None:
    """Prevents an interval without a width where one source recorded nothing of its own."""
    random = np.random.default_rng(20261126)
    parts = [
        random.multinomial(
            size, [one * other, one * (1 - other), (1 - one) * other, (1 - one) * (1 - other)], 6000
        )
        for one, other in CAUGHT
    ]
    cases = pd.DataFrame(np.concatenate(parts)[:, :3], columns=["b", "p", "a"])
    population = np.repeat(np.arange(len(CAUGHT)), 6000)
    is_seen = (cases.sum(axis=1) > 0).to_numpy()
    found = _evaluated_once(
        cases, lower=f"chapman_lower({SEEN}, 1)", upper=f"chapman_upper({SEEN}, 1)"
    )
    found = found[is_seen].reset_index(drop=True)
    truth = np.full(len(found), float(size))
    held = _coverage(found, truth, population[is_seen])
    assert held.min() >= HOLDS - 0.005, "the error of the simulation itself"
    was = _coverage(_log_normal(cases[is_seen].reset_index(drop=True)), truth, population[is_seen])
    assert was.min() < 0.7
    print(  # noqa: T201 - how often the intervals hold, with -s
        f"Chapman n={size}: least {held.min():.3f}, mean {held.mean():.3f};"
        f" baseline least {was.min():.3f}, mean {was.mean():.3f}"
    )


def _log_normal(cases: pd.DataFrame) -> pd.DataFrame:
    """Chapman's interval as it was: log-normal with Seber's variance, no width at a zero."""
    both, police, authority = (cases[name].to_numpy(float) for name in ("b", "p", "a"))
    unrecorded = police * authority / (both + 1)
    variance = (
        (both + police + 1) * (both + authority + 1) * police * authority
        / ((both + 1) ** 2 * (both + 2))
    )  # fmt: skip
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.exp(Z * np.sqrt(np.log1p(variance / unrecorded**2)))
    ratio = np.where(unrecorded > 0, ratio, 1.0)
    seen = both + police + authority
    return pd.DataFrame({"lower": seen + unrecorded / ratio, "upper": seen + unrecorded * ratio})


def test_the_spread_of_what_is_unrecorded_is_that_of_an_odds_ratio() -> None:
    """Prevents a slip in the variance: statsmodels has it for the table with the cell filled in."""
    cases = pd.DataFrame([(6, 0, 3), (0, 4, 9), (40, 15, 5)], columns=["b", "p", "a"])
    found = evaluated(
        cases, centre=f"unrecorded_centre({SEEN})", error=f"unrecorded_log_error({SEEN})"
    )
    for row, (both, police, authority) in zip(found.itertuples(), cases.to_numpy(), strict=True):
        table = Table2x2([[both + 0.5, police + 0.5], [authority + 0.5, row.centre]])
        assert row.error == pytest.approx(table.log_oddsratio_se)
        assert table.log_oddsratio == pytest.approx(0.0, abs=1e-12)


def test_standard_errors_are_those_of_statsmodels() -> None:
    """Prevents a standard error that was lost with those that are none."""
    tables = np.random.default_rng(7).integers(1, 40, (30, 4))
    found = evaluated(
        pd.DataFrame(tables, columns=list("abcd")),
        value=f"cohens_kappa({CELLS})",
        error=f"cohens_kappa_error({CELLS})",
    )
    for row, cells in zip(found.itertuples(), tables, strict=True):
        library = cohens_kappa(cells.reshape(2, 2))
        assert (row.value, row.error) == pytest.approx((library.kappa, library.std_kappa))


@pytest.mark.parametrize(
    ("cells", "kappa", "ac1"),
    [
        ((9, 0, 0, 0), False, False),
        ((9, 1, 0, 0), False, True),
        ((9, 0, 0, 1), False, False),
        ((0, 5, 5, 0), False, False),
        ((0, 6, 4, 0), True, False),
        ((0, 0, 0, 0), False, False),
        ((9, 1, 1, 1), True, True),
    ],
)
def test_no_standard_error_is_nothing(cells: tuple[int, ...], kappa: bool, ac1: bool) -> None:
    """Prevents a standard error of 0.0, which says that a few counts are certain."""
    found = evaluated(
        pd.DataFrame([cells], columns=list("abcd")),
        kappa=f"cohens_kappa_error({CELLS})",
        ac1=f"gwets_ac1_error({CELLS})",
    ).iloc[0]
    assert (found["kappa"] > 0, found["ac1"] > 0) == (kappa, ac1)
    assert (pd.isna(found["kappa"]), pd.isna(found["ac1"])) == (not kappa, not ac1)


def test_a_share_of_few_is_wilsons_but_for_one_to_three() -> None:
    """Prevents Poisson limits that are not the chi-squared's, or that narrow an interval."""
    cases = pd.DataFrame(
        [(s, n) for n in (1, 2, 3, 7, 40) for s in range(n + 1)], columns=["s", "n"]
    )
    found = evaluated(
        cases,
        lower="small_share_lower(s, n)",
        upper="small_share_upper(s, n)",
        wilson="wilson_lower(s, n)",
    )
    for row, (successes, trials) in zip(found.itertuples(), cases.to_numpy(), strict=True):
        limit = 1.0
        if successes in {1, 2, 3}:
            limit = stats.chi2.ppf(0.05, 2 * successes) / 2 / trials
        assert row.lower == pytest.approx(min(row.wilson, limit))
        assert row.lower <= successes / trials <= row.upper
    none = evaluated(pd.DataFrame({"s": [0], "n": [0]}), lower="small_share_lower(s, n)",
                     upper="small_share_upper(s, n)").iloc[0]  # fmt: skip
    assert none.tolist() == [0.0, 1.0]


def test_an_interval_ends_where_both_recorded_all() -> None:
    """Prevents an upper end of 10^50 absences where two sources agree on each of a thousand."""
    cases = pd.DataFrame([(5, 0, 0), (1000, 0, 0), (10**9, 0, 0)], columns=["b", "p", "a"])
    found = evaluated(cases, upper=f"chapman_upper({SEEN}, 1) - b")["upper"]
    assert 5 < found[0] < 20
    assert found[1:].tolist() == [0, 0]
