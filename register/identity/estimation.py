"""Estimation: u from random pairs, m by expectation maximisation, by Splink with a seed.

What is estimated here becomes a model in `training`; nothing is read from files.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import duckdb
import pyarrow as pa

from register.identity.frequencies import Frequencies, frequency_table
from register.identity.model import ModelError, splink_settings

LOGGER = logging.getLogger(__name__)
# Weights in bits of levels that a training set has no pairs for, by label.
UNSEEN_WEIGHTS = {
    "same": 8.0, "swapped_with_surname": 8.0, "another_forename": 6.0, "nickname": 4.0,
    "one_letter_off": 5.0, "initial_or_part": 2.0, "same_sound": 3.0, "similar": 1.0,
    "another_surname": 7.0, "half_of_double_barrelled": 6.0, "default_day": 5.0,
    "another_date": 8.0, "day_month_swapped": 7.0, "year_near": 6.0, "one_digit_off": 5.0,
    "default_against_day": 2.0, "two_parts_equal": 1.0, "age_agrees": 2.0,
    "shares_postcode_and_surname": 12.0, "shares_postcode": 9.0, "shares_crowded": 5.0,
    "one_character_off": 4.0, "shares_district": 3.0, "differs": -3.0, "nearly_swapped": 7.0,
}  # fmt: skip
# Probabilities are kept away from 0 and 1, so that no level alone decides a pair.
LEAST_M, LEAST_U, MOST = 1e-3, 1e-6, 0.9999
# u of a level that no random pair was on.
UNSEEN_U = 1e-5

# Pairs that are nearly always one person, for the prior; the share of all that they find is the
# recall given to Splink. Not used to decide any pair.
SURE_RULES = (
    "l.forename = r.forename and l.surname = r.surname and l.birth_date = r.birth_date",
    "l.surname = r.surname and l.birth_date = r.birth_date and l.postcode = r.postcode"
    " and jaro_winkler_similarity(l.forename, r.forename) >= 0.8",
)
# EM tells matches from the rest well where neither is rare (Splink's advice: 1 to 99 % matches), so
# rules are narrow, also for a whole nation. No comparison is learned under a rule that uses its
# columns; no rule leaves one comparison to tell matches alone, which would learn that it never
# differs; and an address alone is none: it brings brothers and sisters.
RARE_NAME_HOLDERS = 5
EM_RULES = (
    "l.birth_date = r.birth_date and list_has_any(l.districts, r.districts)",
    "l.rare_name = r.rare_name",
)
PERSONS = f"""
create temp table persons as
select *,
    case when count(*) over (partition by forename, surname) <= {RARE_NAME_HOLDERS}
        then forename || '|' || surname end as rare_name
from persons_given
order by person_id
"""


def training_linker(
    connection: duckdb.DuckDBPyConnection,
    persons: pa.Table,
    built: list[dict[str, Any]],
    frequencies: dict[str, Frequencies],
) -> Any:
    """Return a Splink linker over shaped persons, with the frequencies that the model will hold."""
    from splink import DuckDBAPI, Linker

    # One thread: sampling by seed is repeatable only if rows come in one order.
    connection.execute("set threads = 1")
    connection.register("persons_given", persons)
    connection.execute(PERSONS)
    database = DuckDBAPI(connection)
    table = database.register("persons", dataset_display_name="persons")
    settings = splink_settings(built, 1e-4)
    linker = Linker(table, settings, log_level=None, validate_settings=False)
    for column, measured in frequencies.items():
        shares = database.register(frequency_table(persons, column, measured))
        linker.table_management.register_term_frequency_lookup(shares, column)
    return linker


def learn(linker: Any, seed: int, max_pairs: int, sure_rule_recall: float) -> list[dict[str, Any]]:
    """Estimate prior, u and m; at least one EM run has to succeed."""
    training = linker.training
    _attempt(
        "prior",
        lambda: training.estimate_probability_two_random_records_match(
            list(SURE_RULES), recall=sure_rule_recall
        ),
    )
    _attempt(
        "u",
        lambda: training.estimate_u_using_random_sampling(
            max_pairs=max_pairs, seed=seed, min_count_per_level=None
        ),
    )
    runs: list[dict[str, Any]] = []
    for rule in EM_RULES:
        before = deepcopy(linker._settings_obj.core_model_settings)
        try:
            session = training.estimate_parameters_using_expectation_maximisation(
                rule, max_pairs=max_pairs, record_sample_proportion=1.0
            )
        except Exception as error:  # Splink raises many kinds on scarce data
            # A session that fails leaves Splink's settings without the comparisons it set aside.
            linker._settings_obj.core_model_settings = before
            LOGGER.warning("no EM under %s: %s", rule, type(error).__name__)
            runs.append({"rule": rule, "is_learned": False, "error": type(error).__name__})
            continue
        history = session._core_model_settings_history
        runs.append({"rule": rule, "is_learned": True, "iterations": len(history) - 1})
    if not any(run["is_learned"] for run in runs):
        raise ModelError("no EM run converged: too few pairs under any blocking rule")
    return runs


def _attempt(what: str, work: Callable[[], Any]) -> None:
    try:
        work()
    except Exception as error:
        raise ModelError(f"{what} could not be estimated: {type(error).__name__}") from error


def bounded(
    built: list[dict[str, Any]], learned: list[dict[str, Any]], prior: float
) -> tuple[list[dict[str, Any]], list[str]]:
    """Put learned m and u, kept within bounds, onto the comparisons; name the levels never seen.

    Random pairs hold matches at the rate of the prior, which is not nothing where a level is rarer
    among strangers than matches are among pairs: that part is taken out of u.
    """
    silent, result = [], []
    by_name = {comparison["output_column_name"]: comparison for comparison in learned}
    for wanted in built:
        found = by_name[wanted["output_column_name"]]
        levels = []
        for level, seen in zip(
            wanted["comparison_levels"], found["comparison_levels"], strict=True
        ):
            if level.get("is_null_level") or level.get("fix_m_probability"):
                levels.append(level)
                continue
            m, u = seen.get("m_probability"), seen.get("u_probability")
            if m is None or u is None:
                silent.append(f"{wanted['output_column_name']}.{level['label_for_charts']}")
                u = UNSEEN_U if u is None else u
                m = u * 2.0 ** UNSEEN_WEIGHTS[level["label_for_charts"]]
            else:
                u = (u - prior * m) / (1 - prior)
            levels.append(
                {
                    **level,
                    "m_probability": min(max(m, LEAST_M), MOST),
                    "u_probability": min(max(u, LEAST_U), MOST),
                }
            )
        result.append({**wanted, "comparison_levels": levels})
    return result, silent
