"""Estimates weigh cases by the rows they represent, and their intervals cover as they say."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from register.audit.estimates import Judged, estimate_share
from register.audit.sampling import Frame, FrameRow, draw_sample


def test_without_a_case_there_is_no_estimate() -> None:
    """Prevents a share of nothing."""
    assert estimate_share([]) is None


def test_a_heavier_case_counts_for_more() -> None:
    """Prevents a sample's own mean from being taken for the register's."""
    result = estimate_share([Judged("1", 3.0, True), Judged("2", 1.0, False)])
    assert result is not None
    assert result.share == 0.75


@pytest.mark.parametrize(("holds", "bounds"), [(True, (0.6915, 1.0)), (False, (0.0, 0.3085))])
def test_when_all_agree_the_interval_is_that_of_clopper_and_pearson(
    holds: bool, bounds: tuple[float, float]
) -> None:
    """Prevents certainty from ten cases: of ten out of ten the exact bound is 69.15%."""
    result = estimate_share([Judged(str(number % 5), 2.0, holds) for number in range(10)])
    assert result is not None
    assert (result.lower, result.upper) == pytest.approx(bounds, abs=0.0001)


def test_areas_that_differ_widen_the_interval() -> None:
    """Prevents cases of one area from counting as if each had been drawn by itself."""
    alike = [Judged(str(area), 1.0, number < 5) for area in range(10) for number in range(10)]
    apart = [Judged(str(area), 1.0, area < 5) for area in range(10) for _ in range(10)]
    same, different = estimate_share(alike), estimate_share(apart)
    assert same is not None and different is not None
    assert same.share == different.share == 0.5
    assert different.upper - different.lower > 2 * (same.upper - same.lower)


@pytest.mark.parametrize("seed", range(5))
def test_variance_and_interval_are_those_of_statsmodels(seed: int) -> None:
    """Prevents errors of ours in the linearised variance and in the interval of Korn and Graubard.

    The variance between areas of a weighted mean is that of a weighted regression on a constant
    with errors clustered by area; the interval is Clopper and Pearson's on the effective count.
    """
    generator = np.random.default_rng(seed)
    areas = generator.integers(0, 12, 90)
    weights = generator.uniform(1, 30, 90)
    is_yes = generator.random(90) < 0.3 + 0.04 * areas
    result = estimate_share(
        [
            Judged(str(area), float(weight), bool(yes))
            for area, weight, yes in zip(areas, weights, is_yes, strict=True)
        ]
    )
    assert result is not None
    fitted = sm.WLS(is_yes.astype(float), np.ones(90), weights=weights).fit(
        cov_type="cluster", cov_kwds={"groups": areas}
    )
    share, variance = float(fitted.params[0]), float(fitted.bse[0]) ** 2
    loss = stats.t.ppf(0.975, 89) / stats.t.ppf(0.975, len(set(areas.tolist())) - 1)
    effective = min(90.0, share * (1 - share) / variance * loss**2)
    assert effective < 90, "the areas of this sample differ"
    expected = proportion_confint(share * effective, effective, alpha=0.05, method="beta")
    assert result.share == pytest.approx(share)
    assert (result.lower, result.upper) == pytest.approx(expected)


@pytest.mark.drill
def test_intervals_cover_the_truth_nineteen_times_in_twenty() -> None:
    """Prevents intervals that are narrower than they say: areas differ, as they do."""
    rows = tuple(
        FrameRow(
            f"E{area:03}{number:04}",
            "both" if (number * 7919 + area) % 100 < 40 + area else "police_only",
            "looked_after",
            f"{area:03}",
            "",
        )
        for area in range(40)
        for number in range(60 + 5 * area)
    )
    frame = Frame("20261124T080000-000001", "2025-26", rows)
    truth = frame.compute_share("both")
    covered_count = 0
    for seed in range(200):
        judged = [
            Judged(case.authority_code_dfe, case.weight, case.status == "both")
            for case in draw_sample(frame, seed).cases
        ]
        result = estimate_share(judged)
        assert result is not None
        covered_count += result.lower <= truth <= result.upper
    assert covered_count >= 188
