"""Estimation of u, m and the prior.

u from random pairs and m by expectation maximisation under blocking rules, both by Splink with a
seed; then the prior, and m once more, by expectation maximisation over all scored candidate pairs,
with another model's m as a prior where there is one. `training` and `adaptation` make models of the
estimates; nothing is read from files here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from copy import deepcopy
from math import log2
from typing import Any, NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from register.identity.score.frequencies import Frequencies, frequency_table
from register.identity.score.model import (
    NULL_GAMMA,
    Model,
    ModelError,
    prior_weight,
    splink_settings,
)

LOGGER = logging.getLogger(__name__)
# Match weights (bits) of levels for which a training set has no pairs, by label.
UNSEEN_WEIGHTS = {
    "same": 8.0, "swapped_with_surname": 8.0, "another_forename": 6.0, "nickname": 4.0,
    "one_letter_off": 5.0, "initial_or_part": 2.0, "same_sound": 3.0, "similar": 1.0,
    "another_surname": 7.0, "half_of_double_barrelled": 6.0, "default_day": 5.0,
    "another_date": 8.0, "day_month_swapped": 7.0, "year_near": 6.0, "one_digit_off": 5.0,
    "default_against_day": 2.0, "two_parts_equal": 1.0, "age_agrees": 2.0,
    "shares_postcode_and_surname": 12.0, "shares_postcode": 9.0, "shares_crowded": 5.0,
    "one_character_off": 4.0, "shares_district": 3.0, "shares_area": 1.0, "differs": -3.0,
    "nearly_swapped": 7.0, "same_tokens": 8.0, "within_the_names": 5.0,
}  # fmt: skip
# Bounds of m and u, so that no level alone decides a pair.
MIN_M, MIN_U, MAX = 1e-3, 1e-6, 0.9999
# u of a level that no random pair was on.
UNSEEN_U = 1e-5
MIN_PRIOR, MAX_PRIOR = 1e-12, 0.5
PRIOR_ROUNDS, PRIOR_TOLERANCE = 100, 1e-6
REFINEMENT_ROUNDS, REFINEMENT_TOLERANCE = 25, 1e-4
MIN_PAIRS = 200.0
Floats = npt.NDArray[np.float64]

# Pairs that are nearly always one person, for Splink's first prior; `sure_rule_recall` is the share
# of all matches that they find. Not used to decide a pair.
SURE_RULES = (
    "l.forename = r.forename and l.surname = r.surname and l.birth_date = r.birth_date",
    "l.surname = r.surname and l.birth_date = r.birth_date and l.postcode = r.postcode"
    " and jaro_winkler_similarity(l.forename, r.forename) >= 0.8",
)
# EM works if neither matches nor others are rare (Splink's advice: 1 to 99 % matches), so the rules
# are narrow. No comparison is learned under a rule that uses its columns; no rule leaves a single
# comparison, which would be learned as never differing; and no rule is an address alone, since that
# gives pairs of siblings.
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
    """Return a Splink linker over shaped persons, with the term frequencies of the model."""
    from splink import DuckDBAPI, Linker

    # One thread: sampling by seed is repeatable only with one order of rows.
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
    """Estimate prior, u and m by Splink; raises `ModelError` unless an EM run succeeds."""
    learn_u(linker, seed, max_pairs, sure_rule_recall)
    training = linker.training
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


def learn_u(linker: Any, seed: int, max_pairs: int, sure_rule_recall: float) -> None:
    """Estimate prior and u by Splink; raises `ModelError` where it cannot."""
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


def _attempt(what: str, work: Callable[[], Any]) -> None:
    try:
        work()
    except Exception as error:
        raise ModelError(f"{what} could not be estimated: {type(error).__name__}") from error


def bounded(
    built: list[dict[str, Any]], learned: list[dict[str, Any]], prior: float
) -> tuple[list[dict[str, Any]], list[str]]:
    """Put learned m and u, within bounds, onto the comparisons; list the levels without pairs.

    Random pairs include matches at the rate of the prior, which matters where a level is rarer
    among non-matches than matches are among pairs: that part is subtracted from u.
    """
    unseen, result = [], []
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
                unseen.append(f"{wanted['output_column_name']}.{level['label_for_charts']}")
                u = UNSEEN_U if u is None else u
                m = u * 2.0 ** UNSEEN_WEIGHTS[level["label_for_charts"]]
            else:
                u = (u - prior * m) / (1 - prior)
            levels.append(
                {
                    **level,
                    "m_probability": min(max(m, MIN_M), MAX),
                    "u_probability": min(max(u, MIN_U), MAX),
                }
            )
        result.append({**wanted, "comparison_levels": levels})
    return result, unseen


def recalibrated_prior(weights: Floats, prior: float, comparison_count: int) -> float:
    """Return the share (0-1) of all `comparison_count` pairs that match, m and u held fixed.

    `weights` (bits) of the candidate pairs include the given `prior`. A pair that blocking left out
    counts as a non-match.
    """
    evidence = weights - prior_weight(prior)
    estimate = prior
    for _ in range(PRIOR_ROUNDS):
        bits = np.clip(evidence + prior_weight(estimate), -500, 500)
        found = float((1.0 / (1.0 + np.exp2(-bits))).sum()) / max(comparison_count, 1)
        following = min(max(found, MIN_PRIOR), MAX_PRIOR)
        if abs(following - estimate) <= PRIOR_TOLERANCE * estimate:
            return following
        estimate = following
    return estimate


class _Levels(NamedTuple):
    """One comparison: each pair's gamma and frequency adjustment, and m and u by gamma."""

    gammas: npt.NDArray[np.int64]
    adjustments: Floats
    m: Floats
    u: Floats
    is_fixed: bool

    def weights(self) -> Floats:
        """The match weight of each pair; 0 where a field is not known."""
        bits = np.append(np.log2(self.m / self.u), 0.0)
        return np.asarray(bits[self.gammas] + self.adjustments)


class Refinement(NamedTuple):
    """A refined model, and how its expectation maximisation went.

    `match_count` is the expected number of matches; `level_matches` has, by name of comparison, how
    many of them are on each level, by gamma; `moved` is the largest change of an m in the last
    round.
    """

    model: Model
    is_converged: bool
    round_count: int
    moved: float
    match_count: float
    level_matches: dict[str, list[float]]


def refine(
    model: Model, pairs: pa.Table, comparison_count: int, pseudo_count: float = 0.0
) -> Refinement:
    """Learn m and the prior of a model by EM from its own scored candidate pairs.

    Under one blocking rule few fields are left to separate matches, and where fields are correlated
    (names and regions, homes and dates) EM takes strangers for matches; with all fields nearly
    every pair is sure. u stays as random pairs gave it. `comparison_count` is the number of all
    pairs, blocked or not. Capped pairs count as non-matches, since their sum is too high. With too
    few matches the model is returned unchanged, as not converged.

    With a `pseudo_count` m is the maximum a posteriori: the m of the given model is a Dirichlet
    prior that counts as so many matches, and a level without any pair keeps it. Without one it is
    the maximum of the likelihood.
    """
    by_comparison = [_levels_of(model, pairs, place) for place in range(len(model.comparisons))]
    given = [levels.m for levels in by_comparison]
    is_open = pairs["capped_by"].is_null().to_numpy(zero_copy_only=False)
    prior = model.probability_two_random_records_match
    moved, matches, rounds = np.inf, np.zeros(pairs.num_rows), 0
    while rounds < REFINEMENT_ROUNDS and moved >= REFINEMENT_TOLERANCE:
        bits = prior_weight(prior) + sum(levels.weights() for levels in by_comparison)
        matches = is_open / (1.0 + np.exp2(-np.clip(bits, -500, 500)))
        if matches.sum() < MIN_PAIRS:
            return Refinement(model, False, rounds, moved, float(matches.sum()), {})
        learned = [
            _learned(levels, matches, anchor, pseudo_count)
            for levels, anchor in zip(by_comparison, given, strict=True)
        ]
        moved = max(
            float(np.abs(new.m - old.m).max())
            for new, old in zip(learned, by_comparison, strict=True)
        )
        prior = float(np.clip(matches.sum() / comparison_count, MIN_PRIOR, MAX_PRIOR))
        by_comparison, rounds = learned, rounds + 1
    return Refinement(
        _with(model, by_comparison, prior),
        moved < REFINEMENT_TOLERANCE,
        rounds,
        moved,
        float(matches.sum()),
        {
            name: _on_levels(levels, matches).tolist()
            for name, levels in zip(model.comparison_names, by_comparison, strict=True)
        },
    )


def _levels_of(model: Model, pairs: pa.Table, place: int) -> _Levels:
    comparison = model.comparisons[place]
    name = comparison["output_column_name"]
    levels = [each for each in comparison["comparison_levels"] if not each.get("is_null_level")]
    m = np.array([level["m_probability"] for level in reversed(levels)])
    u = np.array([level["u_probability"] for level in reversed(levels)])
    gammas = pairs[f"gamma_{name}"].to_numpy().astype(np.int64)
    is_fixed = any(level.get("fix_m_probability") for level in levels)
    bare = _Levels(gammas, np.zeros(len(gammas)), m, u, is_fixed)
    return bare._replace(adjustments=pairs[f"weight_{name}"].to_numpy() - bare.weights())


def _learned(levels: _Levels, matches: Floats, anchor: Floats, pseudo_count: float) -> _Levels:
    """One maximisation: the share of matches on each level; a level without pairs keeps its m."""
    if levels.is_fixed:
        return levels
    found = _on_levels(levels, matches)
    if found.sum() < MIN_PAIRS and not pseudo_count:
        return levels
    is_known = levels.gammas != NULL_GAMMA
    seen = np.bincount(levels.gammas[is_known], minlength=len(levels.m)) > 0
    shares = (found + pseudo_count * anchor) / (found.sum() + pseudo_count)
    return levels._replace(m=np.clip(np.where(seen, shares, levels.m), MIN_M, MAX))


def _on_levels(levels: _Levels, matches: Floats) -> Floats:
    """How many of the expected matches are on each level, by gamma."""
    is_known = levels.gammas != NULL_GAMMA
    counts = np.bincount(
        levels.gammas[is_known], weights=matches[is_known], minlength=len(levels.m)
    )
    return np.asarray(counts, dtype=np.float64)


def _with(model: Model, by_comparison: list[_Levels], prior: float) -> Model:
    changed: list[dict[str, Any]] = []
    for comparison, levels in zip(model.comparisons, by_comparison, strict=True):
        values = iter(reversed(levels.m.tolist()))
        with_m = [
            level if level.get("is_null_level") else {**level, "m_probability": next(values)}
            for level in comparison["comparison_levels"]
        ]
        changed.append({**comparison, "comparison_levels": with_m})
    return model.model_copy(
        update={"comparisons": changed, "probability_two_random_records_match": prior}
    )


def level_weight(level: dict[str, Any]) -> float:
    """Return the match weight of a level (bits): log2(m / u)."""
    return log2(level["m_probability"] / level["u_probability"])
