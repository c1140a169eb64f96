"""The parameters of authorities' rates are what a fit to the published rates gives."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks.authority_rates import (
    MISSING,
    SIZE,
    UNACCOMPANIED,
    compare_shares,
    find_worst,
    fit_parameters,
)
from register.settings import PROJECT_ROOT
from simulation import read_interactive_tool, read_parameters

YARDSTICK = PROJECT_ROOT.parent / "shared" / "yardsticks" / "dfe_lait_looked_after_2016_2025.csv"
COUNT, YEARS = 3000, 10


def _invent_rates() -> pd.DataFrame:
    """Return rates of many authorities by known parameters, without noise of sampling."""
    generator = np.random.default_rng(5)
    log_size = generator.normal(6, 0.5, COUNT)
    log_share = generator.normal(-3, 0.9, COUNT)
    level = -0.2 * (log_size - 6) + 0.15 * (log_share + 3) + generator.normal(0, 0.2, COUNT)
    change, parts = generator.normal(0, 1, COUNT), []
    for year in range(2015, 2015 + YEARS):
        odds = np.log(0.1 / 0.9) + level + 0.3 * change
        frame = pd.DataFrame({"authority_code": np.arange(COUNT), "year": year})
        frame[MISSING] = 100 / (1 + np.exp(-odds))
        # So large that sampling has no variance; the published size differs by a constant.
        frame[SIZE] = np.exp(log_size) * 1e4
        frame[UNACCOMPANIED] = frame[SIZE] * np.exp(log_share)
        parts.append(frame)
        change = 0.7 * change + np.sqrt(1 - 0.7**2) * generator.normal(0, 1, COUNT)
    return pd.concat(parts).set_index(["authority_code", "year"]).sort_index()


def test_the_fit_finds_the_parameters_of_invented_authorities() -> None:
    """Prevents parameters that describe other authorities than those of the file."""
    found = fit_parameters(_invent_rates())
    assert found["missing_percent"][2016] == pytest.approx(10, abs=0.2)
    assert found["missing_per_log_size"] == pytest.approx(-0.2, abs=0.03)
    assert found["missing_per_log_unaccompanied"] == pytest.approx(0.15, abs=0.02)
    assert found["missing_level_spread"] == pytest.approx(0.2, abs=0.03)
    assert found["missing_change_spread"] == pytest.approx(0.3, abs=0.02)
    assert found["missing_change_correlation"] == pytest.approx(0.7, abs=0.05)
    assert found["unaccompanied_spread"] == pytest.approx(0.9, abs=0.05)


def test_a_rate_of_zero_is_left_out_of_the_fit() -> None:
    """Prevents data that an authority did not supply from widening all authorities' rates."""
    rates = _invent_rates()
    before = fit_parameters(rates.drop(index=range(100), level="authority_code"))
    rates.loc[(slice(0, 99), 2018), MISSING] = 0.0
    after = fit_parameters(rates)
    for name in ("missing_percent", "missing_level_spread", "missing_change_spread"):
        assert after[name] == before[name]


def test_shares_are_compared_by_authority_and_year() -> None:
    """Prevents a nation with the right mean from passing for one with the right authorities."""
    index = pd.MultiIndex.from_product(
        [["a", "b", "c"], [2020, 2021]], names=["authority_code", "year"]
    )
    published = pd.DataFrame({MISSING: [5.0, 5.0, 10.0, 10.0, 15.0, 15.0]}, index=index)
    same = pd.DataFrame({"size": 1000, "share": published[MISSING] / 100})
    found = compare_shares(published, same)
    assert (found["difference"], found["agreeing"], found["trend"]) == (0, 1, 0)
    assert found["rank"] == pytest.approx(1)
    reverse = same.assign(share=same["share"].to_numpy()[::-1])
    found = compare_shares(published, reverse)
    assert found["mean"] == pytest.approx(10)
    assert found["difference"] == pytest.approx(20 / 3)
    assert found["rank"] == pytest.approx(-1)
    assert found["agreeing"] == pytest.approx(1 / 3)
    # 1.96 standard errors of 5 % of 1,000 are 1.35 points; rounding adds half a point.
    for distance, share in ((0.0184, 1.0), (0.0187, 5 / 6)):
        near = same.copy()
        near.loc[("a", 2020), "share"] += distance
        assert compare_shares(published, near)["agreeing"] == pytest.approx(share)


def test_the_worst_figure_is_the_farthest_from_the_published_one() -> None:
    """Prevents the best of several seeds from being shown."""
    assert find_worst([3.1, 3.6, 3.3], 3.4) == 3.1


@pytest.mark.skipif(not YARDSTICK.exists(), reason="the folder of published yardsticks is absent")
def test_the_parameters_are_those_of_the_department() -> None:
    """Prevents parameters that nobody can find again in their source."""
    parameters = read_parameters()
    for name, value in fit_parameters(read_interactive_tool(YARDSTICK)).items():
        assert parameters[name] == value, name
