"""Every database function of a published measure, driven with tiny, equal, zero and extreme inputs.

None may raise, give a number that is none, leave its range, or an order that a rule of the marts
states: a single such row stops a nation from being published. A new function without a line here
fails `test_every_function_of_a_measure_is_driven`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.dbt.functions import definitions, rendered

ANY = (None, None)
SHARE = (0.0, 1.0)
COEFFICIENT = (-1.0, 1.0)
POSITIVE = (0.0, None)
CELLS = "a, b, c, d"
SEEN = "a, b, c"
# By function: a call over the columns of `_rows`, and the range of what it gives.
MEASURES: dict[str, tuple[str, tuple[float | None, float | None]]] = {
    "wilson_lower": ("s, n", SHARE),
    "wilson_upper": ("s, n", SHARE),
    "count_lower": ("s, s + a, least(s, b)", POSITIVE),
    "count_upper": ("s, s + a, least(s, b)", POSITIVE),
    "is_clear_change": ("a, a, n, b, b + c, d", SHARE),
    "positive_agreement": (SEEN, SHARE),
    "negative_agreement": ("d, b, c", SHARE),
    "cohens_kappa": (CELLS, COEFFICIENT),
    "cohens_kappa_error": (CELLS, POSITIVE),
    "cohens_kappa_lower": (CELLS, COEFFICIENT),
    "cohens_kappa_upper": (CELLS, COEFFICIENT),
    "gwets_ac1": (CELLS, COEFFICIENT),
    "gwets_ac1_error": (CELLS, POSITIVE),
    "gwets_ac1_lower": (CELLS, COEFFICIENT),
    "gwets_ac1_upper": (CELLS, COEFFICIENT),
    "small_share_lower": ("s, n", SHARE),
    "small_share_upper": ("s, n", SHARE),
    "shrunk_share": ("s, n, p, q", SHARE),
    "chapman_estimate": (SEEN, POSITIVE),
    "absences_at_odds_ratio": (f"{SEEN}, o", POSITIVE),
    "chapman_lower": (f"{SEEN}, o", POSITIVE),
    "chapman_upper": (f"{SEEN}, o", POSITIVE),
    "corrected_both": ("'in_care', a, b, c, p", POSITIVE),
    "corrected_police_only": ("'every_child', a, b, c, p, q", POSITIVE),
    "corrected_authority_only": ("'in_care', a, b, c, p", POSITIVE),
    "recovered_lower": ("p, q, q, p", SHARE),
    "recovered_upper": ("p, q, q, p", SHARE),
    "share_lower": ("p, n, q, p, q", SHARE),
    "share_upper": ("p, n, q, p, q", SHARE),
    "student_t": ("n", (1.9, 4.0)),
    "mean_half_width": ("x, n", POSITIVE),
    "limit_half_width": ("x, n", POSITIVE),
    "lower_limit_of_agreement": ("y, x, n", ANY),
    "upper_limit_of_agreement": ("y, x, n", ANY),
    "shares_deviance": ("s, n, b, b + c", (-1e-3, None)),
    "ratio_lower": ("s, s * part, n, n * 2", ANY),
    "ratio_upper": ("s, s * 2, n, n * greatest(part, 1e-9)", POSITIVE),
    "factor_lower": ("y, q, x, p", POSITIVE),
    "factor_upper": ("y, q, x, p", POSITIVE),
    "children_error": ("x, a, greatest(p, 1e-9)", POSITIVE),
    "pooled_rate": ("s, n, least(a, b), b, 10", SHARE),
    "log_odds_ratio": ("pooled_rate(s, n, 0, b, 10), pooled_rate(0, a, a, a, 10)", ANY),
    "excess_share": ("pooled_rate(s, n, 0, b, 10), pooled_rate(0, a, a, a, 10)", (None, 1.0)),
    "excess_share_lower": (
        "pooled_rate(s, n, 0, b, 10), n + 10, pooled_rate(0, a, a, a, 10), a + 10, 1.96",
        (None, 1.0),
    ),
}
# Parts of these, and functions of texts, days and moments, which have tests of their own.
NOT_ALONE = frozenset(
    {
        "unrecorded_absences", "unrecorded_centre", "unrecorded_log_error", "deviance_term", "lean",
        "least_lean", "most_lean", "ac1_of_shares", "kappa_of_shares", "moved_lower", "moved_upper",
        "step_lower", "step_upper",
    }
)  # fmt: skip
OVER_ROWS = frozenset({"between_places_correlation"})
NO_MEASURE = frozenset(
    {
        "moment_at", "moment_precision", "latest_moment", "hours_between", "hours_apart",
        "signed_hours_apart", "london_date", "eighteenth_birthday", "age_on", "collection_year_of",
        "conformed_code", "code_state", "is_placeholder_name", "name_state", "birth_date_state",
        "text_state", "correction_rule", "earliest_moment", "is_authority_in_scope",
        "is_in_counted_years", "is_in_scope", "is_local_midnight", "latest_clock_moment",
        "survivorship_score", "agreement_code", "stated_code", "moment_rank", "counted_category",
        "incident_risk_level",
    }
)  # fmt: skip
# What the rules of the marts take to be in order, exactly.
ORDERED = {
    "a share": ("wilson_lower(s, n)", "cast(s as double) / nullif(n, 0)", "wilson_upper(s, n)"),
    "a count": ("count_lower(s, s + a, least(s, b))", "s", "count_upper(s, s + a, least(s, b))"),
    "a share of few": (
        "small_share_lower(s, n)", "cast(s as double) / nullif(n, 0)", "small_share_upper(s, n)"
    ),
    "kappa": tuple(f"cohens_kappa{end}({CELLS})" for end in ("_lower", "", "_upper")),
    "AC1": tuple(f"gwets_ac1{end}({CELLS})" for end in ("_lower", "", "_upper")),
    "all absences": (
        "cast(a + b + c as double)", f"chapman_lower({SEEN}, o)",
        f"absences_at_odds_ratio({SEEN}, o)", f"chapman_upper({SEEN}, o)",
    ),
    "a corrected share": (
        "recovered_lower(p, wilson_lower(s, n), q, null)", "p",
        "recovered_upper(p, wilson_upper(s, n), q, null)",
    ),
    "a ratio": (
        "ratio_lower(s, s * part, n, n * 2)", "s / n", "ratio_upper(s, s * 2, n, n / 2)"
    ),
    "a share beyond chance": (
        "excess_share_lower(0.3, n + 10, p * 0.98 + 0.01, a + 10, 1.96)",
        "excess_share(0.3, p * 0.98 + 0.01)",
    ),
    "a factor": ("factor_lower(y, q, x, 0)", "greatest(y, 0)", "factor_upper(y, q, x, 0)"),
    "limits of agreement": (
        "lower_limit_of_agreement(y, x, n) - limit_half_width(x, n)",
        "lower_limit_of_agreement(y, x, n)", "y", "upper_limit_of_agreement(y, x, n)",
        "upper_limit_of_agreement(y, x, n) + limit_half_width(x, n)",
    ),
}  # fmt: skip

count = st.one_of(
    st.sampled_from([0, 0, 1, 2, 3, 4, 10, 97, 1000, 10**6, 2**31, 10**12]), st.integers(0, 300)
)
share = st.one_of(
    st.sampled_from([0.0, 5e-324, 1e-300, 1e-17, 1e-9, 0.1, 1 / 3, 0.5, 1 - 2**-53, 1.0]),
    st.floats(0, 1),
)
size = st.one_of(
    st.sampled_from([0.0, 5e-324, 1e-17, 0.1, 24.0, 1e6, 1e9]), st.floats(0, 1e9)
)  # fmt: skip
row = st.fixed_dictionaries(
    {
        "a": count, "b": count, "c": count, "d": count, "n": count, "part": share,
        "p": share, "q": share, "x": size, "sign": st.sampled_from([-1, 1]), "y": size,
        "o": st.sampled_from([0.5, 1.0, 2.0, 4.0]),
    }
)  # fmt: skip


# A query of all functions takes a second to plan, whatever it reads.
PROFILE = settings(
    max_examples=6,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
STATUSES = ("both", "police_only", "authority_only")


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with the functions of the project."""
    with duckdb.connect() as connection:
        connection.execute(definitions())
        yield connection


def _rows(drawn: list[dict[str, float]]) -> pd.DataFrame:
    """Cases: counts a to d, s of n, shares p and q, a size x, a number y and an odds ratio o."""
    cases = pd.DataFrame(drawn)
    cases["s"] = np.minimum((cases["n"] * cases["part"]).round(), cases["n"]).astype("int64")
    cases["y"] *= cases["sign"]
    return cases


def _query(
    database: duckdb.DuckDBPyConnection, cases: pd.DataFrame, expressions: list[str]
) -> pd.DataFrame:
    columns = ", ".join(f"{call} as f{place}" for place, call in enumerate(expressions))
    database.register("cases", cases)
    # Arrow tells a null from a number that is none.
    table = database.execute(f"select {columns} from cases").to_arrow_table()
    return table.to_pandas(types_mapper=pd.ArrowDtype)


def test_every_function_of_a_measure_is_driven() -> None:
    """Prevents a new measure whose smallest cell stops the nation."""
    named = re.findall(r"create or replace macro (\w+)\(", definitions())
    assert len(named) == len(set(named))
    known = set(MEASURES) | NOT_ALONE | OVER_ROWS | NO_MEASURE
    assert set(named) == known


@given(st.lists(row, min_size=15, max_size=25))
@PROFILE
def test_measures_are_numbers_in_their_range_or_null(
    database: duckdb.DuckDBPyConnection, drawn: list[dict[str, float]]
) -> None:
    """Prevents an error, a number that is none, and a share of 1.0000000000000002."""
    calls = [f"cast({name}({arguments}) as double)" for name, (arguments, _) in MEASURES.items()]
    found = _query(database, _rows(drawn), calls)
    for place, (name, (_, (least, most))) in enumerate(MEASURES.items()):
        numbers = found[f"f{place}"].dropna().to_numpy(dtype=float)
        assert np.isfinite(numbers).all(), name
        assert least is None or (numbers >= least).all(), name
        assert most is None or (numbers <= most).all(), name


@given(st.lists(row, min_size=15, max_size=25))
@PROFILE
def test_what_the_rules_put_in_order_is_in_order(
    database: duckdb.DuckDBPyConnection, drawn: list[dict[str, float]]
) -> None:
    """Prevents a rule of the marts that fails in the seventeenth digit."""
    found = _query(database, _rows(drawn), [call for calls in ORDERED.values() for call in calls])
    place = 0
    for name, calls in ORDERED.items():
        columns = [f"f{place + offset}" for offset in range(len(calls))]
        known = found[columns].dropna().to_numpy(dtype=float)
        assert (np.diff(known, axis=1) >= 0).all(), name
        place += len(calls)
    # What is corrected among the absences of every child that the police recorded stays theirs.
    moved = (
        "corrected_both('every_child', a, b, c, p) + corrected_police_only('every_child', a, b, c,"
        " p, q) - a - b"
    )
    known = _query(database, _rows(drawn), [f"({moved}) / greatest(a + b, 1)"]).dropna()
    assert np.abs(known.to_numpy(dtype=float)).max(initial=0) < 1e-9


def _grouped(database: duckdb.DuckDBPyConnection, cases: pd.DataFrame, call: str) -> pd.DataFrame:
    database.register("cases", cases)
    found = database.execute(f"select {call} from cases group by g order by g")
    return pd.DataFrame(found.df())


@pytest.mark.parametrize("spread", [0, 1, 3])
def test_quantiles_of_equal_and_nearly_equal_lags_are_in_order(
    database: duckdb.DuckDBPyConnection, spread: int
) -> None:
    """Prevents a tenth percentile above the median: of equal lags, 607 of 2,000 cases had one."""
    random = np.random.default_rng(17)
    groups = 2000
    sizes = random.integers(1, 30, groups)
    lag = np.repeat(random.integers(-100_000, 100_000, groups) / 60, sizes)
    lag = lag + random.integers(0, spread + 1, len(lag)) * 2e-13
    cases = pd.DataFrame({"g": np.repeat(np.arange(groups), sizes), "hours": lag})
    found = _grouped(database, cases, rendered("lag_quantiles('lag', 'hours')"))
    assert (np.diff(found.to_numpy()[:, 1:], axis=1) >= 0).all()
    if spread == 0:
        plain = _grouped(
            database, cases, "quantile_cont(hours, 0.1) as low, quantile_cont(hours, 0.5) as mid"
        )
        assert (plain["low"] > plain["mid"]).sum() > 10, "what the order by construction prevents"


def test_mean_differences_lie_between_the_means_of_their_bounds(
    database: duckdb.DuckDBPyConnection,
) -> None:
    """Prevents the tolerance of a rule from being too narrow for many hours."""
    random = np.random.default_rng(18)
    hours = random.integers(-120_000_000, 120_000_000, 300_000) / 60
    cases = pd.DataFrame({"g": random.integers(0, 300, len(hours)), "hours": hours})
    found = _grouped(database, cases, "avg(hours) as middle, avg(hours + 1e-300) as upper")
    shuffled = _grouped(
        database, cases.sample(frac=1, random_state=1), "avg(hours) as middle, 0 as upper"
    )
    assert (found["middle"] <= found["upper"] + 1e-6).all()
    assert np.abs(found["middle"] - shuffled["middle"]).max() < 1e-6


@given(st.lists(row, min_size=9, max_size=40))
@PROFILE
def test_the_correlation_between_places_is_a_share_or_null(
    database: duckdb.DuckDBPyConnection, drawn: list[dict[str, float]]
) -> None:
    """Prevents shrinkage by less than nothing where places are few, equal or empty."""
    cases = _rows(drawn)
    cases["g"] = np.arange(len(cases)) // 3
    call = "between_places_correlation(s, n) as correlation"
    known = _grouped(database, cases, call)["correlation"].dropna().to_numpy(dtype=float)
    assert np.isfinite(known).all()
    assert ((known >= 0) & (known <= 1)).all()
