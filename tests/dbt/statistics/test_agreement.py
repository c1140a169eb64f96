"""Agreement of two sources, what neither saw, and correction for links: SQL against NumPy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from tests.dbt.functions import evaluated

RANDOM = np.random.default_rng(20261124)
Shares = npt.NDArray[np.float64]
CELLS = "a, b, c, d"
SEEN = "b, p, a"


def _kappa(shares: Shares) -> float:
    first, second = shares[0] + shares[1], shares[0] + shares[2]
    chance = first * second + (1 - first) * (1 - second)
    return float((shares[0] + shares[3] - chance) / (1 - chance))


def _ac1(shares: Shares) -> float:
    share = shares[0] + (shares[1] + shares[2]) / 2
    chance = 2 * share * (1 - share)
    return float((shares[0] + shares[3] - chance) / (1 - chance))


def _delta_error(measure: Callable[[Shares], float], cells: Shares) -> float:
    """The standard error of a function of multinomial shares, by its numerical gradient."""
    total = cells.sum()
    shares = cells / total
    steps = np.eye(4) * 1e-6
    gradient = np.array(
        [(measure(shares + step) - measure(shares - step)) / 2e-6 for step in steps]
    )
    variance = (shares * gradient**2).sum() - (shares * gradient).sum() ** 2
    return float(np.sqrt(variance / total))


@pytest.mark.parametrize(("macro", "measure"), [("cohens_kappa", _kappa), ("gwets_ac1", _ac1)])
def test_coefficients_and_their_errors_are_those_of_the_delta_method(
    macro: str, measure: Callable[[Shares], float]
) -> None:
    """Prevents a standard error whose formula was copied with a slip."""
    tables = RANDOM.integers(1, 200, (60, 4))
    cases = pd.DataFrame(tables, columns=list("abcd"))
    found = evaluated(cases, value=f"{macro}({CELLS})", error=f"{macro}_error({CELLS})")
    for row, cells in zip(found.itertuples(), tables.astype(float), strict=True):
        assert row.value == pytest.approx(measure(cells / cells.sum()), abs=1e-9)
        assert row.error == pytest.approx(_delta_error(measure, cells), rel=1e-4)


def test_coefficients_of_nothing_are_empty() -> None:
    """Prevents a division by 0, and full agreement where nothing was compared."""
    calls = {
        f"{macro}{part}": f"{macro}{part}({CELLS})"
        for macro in ("cohens_kappa", "gwets_ac1")
        for part in ("", "_error")
    }
    empty = evaluated(pd.DataFrame([(0, 0, 0, 0)], columns=list("abcd")), **calls)
    assert empty.isna().all(axis=None)
    alike = evaluated(pd.DataFrame([(9, 0, 0, 0)], columns=list("abcd")), **calls).iloc[0]
    assert pd.isna(alike["cohens_kappa"])
    assert alike["gwets_ac1"] == 1.0
    assert alike["gwets_ac1_error"] == 0.0


def test_chapman_intervals_cover_independent_sources() -> None:
    """Prevents an interval that misses what it estimates when its assumptions hold."""
    truth = 600
    drawn = RANDOM.multinomial(truth, [0.7 * 0.6, 0.7 * 0.4, 0.3 * 0.6, 0.3 * 0.4], 2000)
    cases = pd.DataFrame(drawn[:, :3], columns=["b", "p", "a"])
    found = evaluated(
        cases,
        estimate=f"chapman_estimate({SEEN})",
        lower=f"chapman_lower({SEEN}, 1)",
        upper=f"chapman_upper({SEEN}, 1)",
    )
    assert found["estimate"].mean() == pytest.approx(truth, rel=0.01)
    covered = (found["lower"] <= truth) & (truth <= found["upper"])
    assert covered.mean() == pytest.approx(0.95, abs=0.02)
    assert (found["lower"] >= cases.sum(axis=1)).all()


def test_dependent_sources_are_put_right_by_their_odds_ratio() -> None:
    """Prevents bounds that move the wrong way when one source tells the other."""
    shares = np.array([0.5, 0.2, 0.1, 0.2])
    ratio = shares[0] * shares[3] / (shares[1] * shares[2])
    cases = pd.DataFrame([10000 * shares[:3]], columns=["b", "p", "a"])
    found = evaluated(
        cases,
        alone=f"chapman_estimate({SEEN})",
        told=f"absences_at_odds_ratio({SEEN}, {ratio})",
        told_lower=f"chapman_lower({SEEN}, {ratio})",
        told_upper=f"chapman_upper({SEEN}, {ratio})",
    ).iloc[0]
    assert found["told"] == pytest.approx(10000, rel=0.001)
    assert found["alone"] < found["told"]
    assert found["told_lower"] < found["told"] < found["told_upper"]


def test_one_source_alone_leaves_nothing_to_estimate() -> None:
    """Prevents an interval of a logarithm of 0."""
    cases = pd.DataFrame([(4, 0, 3), (0, 0, 0)], columns=["b", "p", "a"])
    found = evaluated(cases, lower=f"chapman_lower({SEEN}, 1)", upper=f"chapman_upper({SEEN}, 1)")
    assert found["lower"].tolist() == found["upper"].tolist() == [7, 0]


def test_correction_undoes_missed_and_false_links() -> None:
    """Prevents a correction that leaves a source with more than it sent."""
    cases = pd.DataFrame([(72, 48, 18)], columns=["b", "p", "a"]).assign(precision=1.0, recall=0.9)
    quality = f"{SEEN}, precision, recall"
    statuses = ("both", "police_only", "authority_only")
    shares = evaluated(
        cases, **{name: f"corrected_share('{name}', {quality})" for name in statuses}
    )
    assert shares.iloc[0].tolist() == pytest.approx([80 / 130, 40 / 130, 10 / 130])
    false = evaluated(cases.assign(precision=0.75, recall=1.0), both=f"corrected_both({quality})")
    assert false["both"][0] == pytest.approx(54)
    none = evaluated(cases.assign(recall=0.1), both=f"corrected_both({quality})")
    assert none["both"][0] == 90


def test_uncertainties_join_by_their_squares() -> None:
    """Prevents an interval that counts one source of doubt and forgets another."""
    cases = pd.DataFrame({"s": [0.5, 0.05], "x": [0.47, 0.01], "y": [0.46, 0.0]})
    ends = "s, x, y, s, s"
    found = evaluated(cases, lower=f"recovered_lower({ends})", upper=f"recovered_upper({ends})")
    assert found["lower"].tolist() == pytest.approx([0.45, 0.0])
    assert found["upper"].tolist() == pytest.approx([0.55, 0.05 + np.hypot(0.04, 0.05)])


def test_positive_agreement_needs_no_count_of_neither() -> None:
    """Prevents a share of one source's own total read as agreement."""
    cases = pd.DataFrame([(40, 15, 5), (0, 0, 0)], columns=["b", "p", "a"])
    found = evaluated(cases, both=f"positive_agreement({SEEN})")["both"]
    assert found[0] == pytest.approx(0.8)
    assert pd.isna(found[1])
