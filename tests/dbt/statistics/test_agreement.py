"""Agreement of two sources, what neither saw, and correction for links: SQL against NumPy."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from tests.dbt.functions import definitions, evaluated

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
    assert pd.isna(alike["gwets_ac1_error"])


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


def test_one_source_alone_leaves_an_estimate_with_a_width() -> None:
    """Prevents an estimate of unrecorded absences from nothing, and one that is called certain."""
    cases = pd.DataFrame([(4, 0, 3), (0, 0, 9)], columns=["b", "p", "a"])
    found = evaluated(
        cases,
        estimate=f"chapman_estimate({SEEN})",
        lower=f"chapman_lower({SEEN}, 1)",
        upper=f"chapman_upper({SEEN}, 1)",
    )
    assert found["estimate"].tolist() == found["lower"].tolist() == [7, 9]
    assert (found["upper"] > found["estimate"] + 1).all()


IN_CARE = f"'in_care', {SEEN}, f"
OF_ALL = f"'every_child', {SEEN}, f"


def test_correction_undoes_missed_and_false_links() -> None:
    """Prevents a correction that leaves a source with more than it sent."""
    cases = pd.DataFrame([(72, 48, 18, 1 / 0.9)], columns=["b", "p", "a", "f"])
    found = evaluated(
        cases,
        both=f"corrected_both({OF_ALL})",
        police=f"corrected_police_only({OF_ALL}, 9)",
        authority=f"corrected_authority_only({OF_ALL})",
    )
    assert found.iloc[0].tolist() == pytest.approx([80, 40, 10])
    false = evaluated(cases.assign(f=0.75), both=f"corrected_both({OF_ALL})")
    assert false["both"][0] == pytest.approx(54)
    none = evaluated(cases.assign(f=10.0), both=f"corrected_both({OF_ALL})")
    assert none["both"][0] == 90


def test_an_unlinked_record_falls_out_of_the_children_in_care() -> None:
    """Prevents absences of the police alone that are taken away and were never counted there.

    Each absence of both, and each of the police alone, is linked with one probability; without
    its link the police's record is no longer of a child in care. On average over many draws the
    correction gives back what there is, and the rule of every child does not.
    """
    both, police, authority, recall = 600, 200, 150, 0.8
    linked = RANDOM.binomial([both, police], recall, (4000, 2))
    cases = pd.DataFrame(
        {"b": linked[:, 0], "p": linked[:, 1], "a": authority + both - linked[:, 0]}
    ).assign(f=1 / recall)
    found = evaluated(
        cases,
        both=f"corrected_both({IN_CARE})",
        police=f"corrected_police_only({IN_CARE}, f)",
        authority=f"corrected_authority_only({IN_CARE})",
        old=f"corrected_police_only({OF_ALL}, f)",
    ).mean()
    assert found[["both", "police", "authority"]].tolist() == pytest.approx(
        [both, police, authority], rel=0.01
    )
    assert found["old"] < 0.25 * police


@pytest.mark.parametrize("rule", ["'in_care'", "'every_child'"])
def test_a_factor_that_is_not_known_gives_no_figure(rule: str) -> None:
    """Prevents the cap of a correction from being published where there is no correction."""
    cases = pd.DataFrame([(72, 48, 18)], columns=["b", "p", "a"])
    known = evaluated(cases, both=f"corrected_both({rule}, {SEEN}, 1.0)")["both"][0]
    assert known == 72
    empty = evaluated(
        cases,
        both=f"corrected_both({rule}, {SEEN}, null)",
        police=f"corrected_police_only({rule}, {SEEN}, null, null)",
        authority=f"corrected_authority_only({rule}, {SEEN}, null)",
        home=f"corrected_both(correction_rule('home'), {SEEN}, 1.1)",
        unknown=f"corrected_both(correction_rule('unknown'), {SEEN}, 1.1)",
    )
    assert empty.isna().all(axis=None)


def test_the_interval_of_a_ratio_covers_it() -> None:
    """Prevents bounds of the factor that forget one of its two shares."""
    cases = pd.DataFrame(
        {"x": RANDOM.binomial(400, 0.98, 3000), "y": RANDOM.binomial(400, 0.8, 3000)}
    )
    share = {name: f"{name} / 400" for name in ("x", "y")}
    ends = {
        f"{name}_{end}": f"wilson_{end}({name}, 400)"
        for name in ("x", "y")
        for end in ("lower", "upper")
    }
    found = evaluated(
        cases,
        lower=f"ratio_lower({share['x']}, {ends['x_lower']}, {share['y']}, {ends['y_upper']})",
        upper=f"ratio_upper({share['x']}, {ends['x_upper']}, {share['y']}, {ends['y_lower']})",
    )
    covered = (found["lower"] <= 0.98 / 0.8) & (found["upper"] >= 0.98 / 0.8)
    assert covered.mean() == pytest.approx(0.95, abs=0.02)


def test_uncertainties_join_by_their_squares() -> None:
    """Prevents an interval that counts one source of doubt and forgets another."""
    cases = pd.DataFrame({"s": [0.5, 0.05], "x": [0.47, 0.01], "y": [0.46, 0.0]})
    ends = "s, x, y, s"
    found = evaluated(cases, lower=f"recovered_lower({ends})", upper=f"recovered_upper({ends})")
    assert found["lower"].tolist() == pytest.approx([0.45, 0.0])
    assert found["upper"].tolist() == pytest.approx([0.55, 0.05 + np.hypot(0.04, 0.05)])


def test_positive_agreement_needs_no_count_of_neither() -> None:
    """Prevents a share of one source's own total read as agreement."""
    cases = pd.DataFrame([(40, 15, 5), (0, 0, 0)], columns=["b", "p", "a"])
    found = evaluated(cases, both=f"positive_agreement({SEEN})")["both"]
    assert found[0] == pytest.approx(0.8)
    assert pd.isna(found[1])


def test_known_values_are_the_same_worked_out_once_or_at_each_place() -> None:
    """Prevents an interval that differs by engine: Spark writes a value where it is named."""
    spark = duckdb.connect()
    spark.execute(definitions("spark", "statistics"))
    cases = pd.DataFrame(RANDOM.integers(0, 30, (400, 4)), columns=list(CELLS.replace(", ", "")))
    cases.loc[0] = 0
    named = {
        f"{measure}_{part}": f"{measure}_{part}({CELLS})"
        for measure in ("cohens_kappa", "gwets_ac1")
        for part in ("error", "lower", "upper")
    }
    columns = ", ".join(f"{call} as {name}" for name, call in named.items())
    repeated = spark.register("cases", cases).execute(f"select {columns} from cases").df()
    assert "known" not in definitions("spark", "statistics")
    pd.testing.assert_frame_equal(evaluated(cases, **named), repeated, rtol=1e-12)
    assert repeated.notna().sum().min() > len(cases) / 2
