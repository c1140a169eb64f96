"""Estimation of u, m and the prior.

Splink estimates u from random pairs, and m by expectation maximisation (EM) under blocking rules,
both with a seed. Then EM over all scored candidate pairs estimates the prior, and m once more.
Another model's m may serve as a prior for m. `training` and `adaptation` turn the estimates into
models.
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
    build_splink_settings,
    prior_weight,
)

LOGGER = logging.getLogger(__name__)
# Match weights (bits) for levels that no pair of the training set reaches, by the level's label.
UNSEEN_WEIGHTS = {
    "same": 8.0, "swapped_with_surname": 8.0, "another_forename": 6.0, "nickname": 4.0,
    "one_letter_off": 5.0, "initial_or_part": 2.0, "same_sound": 3.0, "similar": 1.0,
    "another_surname": 7.0, "half_of_double_barrelled": 6.0, "default_day": 5.0,
    "another_date": 8.0, "day_month_swapped": 7.0, "year_near": 6.0, "one_digit_off": 5.0,
    "default_against_day": 2.0, "another_calendar": 2.0, "age_disputed": 0.0,
    "two_parts_equal": 1.0, "age_agrees": 2.0,
    "shares_postcode_and_surname": 12.0, "shares_postcode": 9.0, "shares_crowded": 5.0,
    "one_character_off": 4.0, "shares_district": 3.0, "shares_area": 1.0, "differs": -3.0,
    "nearly_swapped": 7.0, "same_tokens": 8.0, "within_the_names": 5.0,
}  # fmt: skip
# Bounds of m and u, so that no single level decides a pair.
MIN_M, MIN_U, MAX_PROBABILITY = 1e-3, 1e-6, 0.9999
# Used as u if no random pair is on the level.
UNSEEN_U = 1e-5
MIN_PRIOR, MAX_PRIOR = 1e-12, 0.5
PRIOR_ROUNDS, PRIOR_TOLERANCE = 100, 1e-6
REFINEMENT_ROUNDS, REFINEMENT_TOLERANCE = 25, 1e-4
MIN_PAIRS = 200.0
Floats = npt.NDArray[np.float64]
# Is told the name of each step of a training when it begins, for people who wait.
OnStep = Callable[[str], None]

# Two rules whose pairs are nearly always one person; together they are taken to find this share of
# all matches. They serve only Splink's first estimate of the prior.
SURE_RULE_RECALL = 0.8
SURE_RULES = (
    "l.forename = r.forename and l.surname = r.surname and l.birth_date = r.birth_date",
    "l.surname = r.surname and l.birth_date = r.birth_date and l.postcode = r.postcode"
    " and jaro_winkler_similarity(l.forename, r.forename) >= 0.8",
)
# Blocking rules for EM are narrow, since EM needs 1 to 99 % matches among the pairs (Splink's
# advice). Under a rule, EM cannot learn the comparisons of the rule's own columns. Several other
# comparisons remain, because with a single one EM would learn that it never differs. An address
# alone is no rule, because it finds siblings.
RARE_NAME_HOLDERS = 5
EM_RULES = (
    "l.birth_date = r.birth_date and list_has_any(l.districts, r.districts)",
    "l.rare_name = r.rare_name",
)
PERSONS_WITH_RARE_NAMES = f"""
create temp table persons as
select *,
    case when count(*) over (partition by forename, surname) <= {RARE_NAME_HOLDERS}
        then forename || '|' || surname end as rare_name
from persons_given
order by person_id
"""


def ignore_step(_: str) -> None:
    """Tell nobody about a step."""


def build_linker(
    connection: duckdb.DuckDBPyConnection,
    persons: pa.Table,
    comparisons: list[dict[str, Any]],
    frequencies: dict[str, Frequencies],
) -> Any:
    """Return a Splink linker over shaped persons, with the model's term frequencies."""
    from splink import DuckDBAPI, Linker

    # Sampling by seed repeats only if rows keep their order, which takes a single thread.
    connection.execute("set threads = 1")
    connection.register("persons_given", persons)
    connection.execute(PERSONS_WITH_RARE_NAMES)
    database = DuckDBAPI(connection)
    table = database.register("persons", dataset_display_name="persons")
    settings = build_splink_settings(comparisons, 1e-4)
    linker = Linker(table, settings, log_level=None, validate_settings=False)
    for column, measured in frequencies.items():
        shares = database.register(frequency_table(persons, column, measured))
        linker.table_management.register_term_frequency_lookup(shares, column)
    return linker


def estimate_m(linker: Any, max_pairs: int, on_step: OnStep = ignore_step) -> list[dict[str, Any]]:
    """Estimate m by Splink under each blocking rule; raise `ModelError` if every rule fails."""
    runs: list[dict[str, Any]] = []
    for place, rule in enumerate(EM_RULES, start=1):
        on_step(f"Estimate m, blocking rule {place} of {len(EM_RULES)}")
        before = deepcopy(linker._settings_obj.core_model_settings)
        try:
            session = linker.training.estimate_parameters_using_expectation_maximisation(
                rule, max_pairs=max_pairs, record_sample_proportion=1.0
            )
        except Exception as error:  # on scarce data Splink raises many kinds of error
            # A failed session leaves Splink's settings without the rule's own comparisons, so
            # restore them.
            linker._settings_obj.core_model_settings = before
            LOGGER.warning("no EM under %s: %s", rule, type(error).__name__)
            runs.append({"rule": rule, "is_learned": False, "error": type(error).__name__})
            continue
        history = session._core_model_settings_history
        runs.append({"rule": rule, "is_learned": True, "iterations": len(history) - 1})
    if not any(run["is_learned"] for run in runs):
        raise ModelError("no EM run converged: too few pairs under any blocking rule")
    return runs


def estimate_u(linker: Any, seed: int, max_pairs: int) -> None:
    """Estimate the prior and u by Splink; raise `ModelError` if one cannot be estimated."""
    parameter = "prior"
    try:
        linker.training.estimate_probability_two_random_records_match(
            list(SURE_RULES), recall=SURE_RULE_RECALL
        )
        parameter = "u"
        linker.training.estimate_u_using_random_sampling(
            max_pairs=max_pairs, seed=seed, min_count_per_level=None
        )
    except Exception as error:
        raise ModelError(f"{parameter} could not be estimated: {type(error).__name__}") from error


def apply_estimates(
    comparisons: list[dict[str, Any]], estimated: list[dict[str, Any]], prior: float
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the comparisons with estimated m and u, within bounds, and the levels without pairs.

    Some random pairs are matches, at the rate of the prior. Their part of u is subtracted. This
    matters if a level is rarer among non-matches than matches are among pairs.
    """
    unseen, result = [], []
    estimates = {comparison["output_column_name"]: comparison for comparison in estimated}
    for comparison in comparisons:
        name = comparison["output_column_name"]
        levels = []
        for level, estimate in zip(
            comparison["comparison_levels"], estimates[name]["comparison_levels"], strict=True
        ):
            if level.get("is_null_level") or level.get("fix_m_probability"):
                levels.append(level)
                continue
            m, u = estimate.get("m_probability"), estimate.get("u_probability")
            if m is None or u is None:
                unseen.append(f"{name}.{level['label_for_charts']}")
                u = UNSEEN_U if u is None else u
                m = u * 2.0 ** UNSEEN_WEIGHTS[level["label_for_charts"]]
            else:
                u = (u - prior * m) / (1 - prior)
            levels.append(
                {
                    **level,
                    "m_probability": min(max(m, MIN_M), MAX_PROBABILITY),
                    "u_probability": min(max(u, MIN_U), MAX_PROBABILITY),
                }
            )
        result.append({**comparison, "comparison_levels": levels})
    return result, unseen


def estimate_prior(weights: Floats, prior: float, comparison_count: int) -> float:
    """Return the share (0-1) of matches among `comparison_count` pairs, with m and u held fixed.

    `weights` (bits) of the candidate pairs include `prior`. Pairs that blocking left out count as
    non-matches.
    """
    evidence = weights - prior_weight(prior)
    estimate = prior
    for _ in range(PRIOR_ROUNDS):
        bits = np.clip(evidence + prior_weight(estimate), -500, 500)
        share = float((1.0 / (1.0 + np.exp2(-bits))).sum()) / max(comparison_count, 1)
        following = min(max(share, MIN_PRIOR), MAX_PRIOR)
        if abs(following - estimate) <= PRIOR_TOLERANCE * estimate:
            return following
        estimate = following
    return estimate


class _Levels(NamedTuple):
    """One comparison: the gamma and frequency adjustment of each pair, and m and u by gamma.

    A gamma is the number of a level, or `NULL_GAMMA` if one person lacks the field.
    """

    gammas: npt.NDArray[np.int64]
    adjustments: Floats
    m: Floats
    u: Floats
    is_fixed: bool

    def compute_weights(self) -> Floats:
        """Return the comparison's match weight for each pair; 0 if one person lacks the field."""
        bits = np.append(np.log2(self.m / self.u), 0.0)
        return np.asarray(bits[self.gammas] + self.adjustments)


class Refinement(NamedTuple):
    """A refined model, and how its expectation maximisation (EM) went.

    `match_count` is the expected number of matches. `level_matches` gives, by name of comparison
    and gamma, the expected number of matches on each level.
    """

    model: Model
    is_converged: bool
    round_count: int
    match_count: float
    level_matches: dict[str, list[float]]


def refine_model(
    model: Model,
    pairs: pa.Table,
    comparison_count: int,
    pseudo_count: float = 0.0,
    on_step: OnStep = ignore_step,
) -> Refinement:
    """Estimate m and the prior of a model by EM over its own scored candidate pairs.

    EM under a single blocking rule has few fields left to separate matches. If these fields are
    correlated (names and regions, homes and dates), it takes strangers for matches. With all
    fields, nearly every pair is clearly a match or not.

    u is not changed. `comparison_count` is the number of all pairs, blocked or not. Capped pairs
    count as non-matches, since the sum of their weights is too high. With too few matches the model
    is returned unchanged and marked as not converged.

    With a `pseudo_count`, m is the maximum a posteriori: the model's m is a Dirichlet prior that
    counts as this number of matches. A level without any pair keeps its m. Without a
    `pseudo_count`, m is the maximum likelihood estimate.
    """
    by_comparison = [_read_levels(model, pairs, place) for place in range(len(model.comparisons))]
    anchors = [levels.m for levels in by_comparison]
    is_open = pairs["capped_by"].is_null().to_numpy(zero_copy_only=False)
    prior = model.probability_two_random_records_match
    change, matches, rounds = np.inf, np.zeros(pairs.num_rows), 0
    while rounds < REFINEMENT_ROUNDS and change >= REFINEMENT_TOLERANCE:
        on_step(f"Expectation maximisation, round {rounds + 1} of at most {REFINEMENT_ROUNDS}")
        bits = prior_weight(prior) + sum(levels.compute_weights() for levels in by_comparison)
        matches = is_open / (1.0 + np.exp2(-np.clip(bits, -500, 500)))
        if matches.sum() < MIN_PAIRS:
            return Refinement(model, False, rounds, float(matches.sum()), {})
        maximised = [
            _maximise(levels, matches, anchor, pseudo_count)
            for levels, anchor in zip(by_comparison, anchors, strict=True)
        ]
        change = max(
            float(np.abs(new.m - old.m).max())
            for new, old in zip(maximised, by_comparison, strict=True)
        )
        prior = float(np.clip(matches.sum() / comparison_count, MIN_PRIOR, MAX_PRIOR))
        by_comparison, rounds = maximised, rounds + 1
    level_matches = {
        name: _count_matches_by_level(levels, matches).tolist()
        for name, levels in zip(model.comparison_names, by_comparison, strict=True)
    }
    refined = _replace_m(model, by_comparison, prior)
    is_converged = change < REFINEMENT_TOLERANCE
    return Refinement(refined, is_converged, rounds, float(matches.sum()), level_matches)


def _read_levels(model: Model, pairs: pa.Table, place: int) -> _Levels:
    comparison = model.comparisons[place]
    name = comparison["output_column_name"]
    levels = [each for each in comparison["comparison_levels"] if not each.get("is_null_level")]
    m = np.array([level["m_probability"] for level in reversed(levels)])
    u = np.array([level["u_probability"] for level in reversed(levels)])
    gammas = pairs[f"gamma_{name}"].to_numpy().astype(np.int64)
    is_fixed = any(level.get("fix_m_probability") for level in levels)
    unadjusted = _Levels(gammas, np.zeros(len(gammas)), m, u, is_fixed)
    adjustments = pairs[f"weight_{name}"].to_numpy() - unadjusted.compute_weights()
    return unadjusted._replace(adjustments=adjustments)


def _maximise(levels: _Levels, matches: Floats, anchor: Floats, pseudo_count: float) -> _Levels:
    """Set m to each level's share of the matches; a level without pairs keeps its m."""
    if levels.is_fixed:
        return levels
    counts = _count_matches_by_level(levels, matches)
    if counts.sum() < MIN_PAIRS and not pseudo_count:
        return levels
    is_known = levels.gammas != NULL_GAMMA
    has_pairs = np.bincount(levels.gammas[is_known], minlength=len(levels.m)) > 0
    shares = (counts + pseudo_count * anchor) / (counts.sum() + pseudo_count)
    m = np.clip(np.where(has_pairs, shares, levels.m), MIN_M, MAX_PROBABILITY)
    return levels._replace(m=m)


def _count_matches_by_level(levels: _Levels, matches: Floats) -> Floats:
    """Return the expected number of matches on each level, by gamma."""
    is_known = levels.gammas != NULL_GAMMA
    counts = np.bincount(
        levels.gammas[is_known], weights=matches[is_known], minlength=len(levels.m)
    )
    return np.asarray(counts, dtype=np.float64)


def _replace_m(model: Model, by_comparison: list[_Levels], prior: float) -> Model:
    comparisons: list[dict[str, Any]] = []
    for comparison, levels in zip(model.comparisons, by_comparison, strict=True):
        values = iter(reversed(levels.m.tolist()))
        with_m = [
            level if level.get("is_null_level") else {**level, "m_probability": next(values)}
            for level in comparison["comparison_levels"]
        ]
        comparisons.append({**comparison, "comparison_levels": with_m})
    return model.model_copy(
        update={"comparisons": comparisons, "probability_two_random_records_match": prior}
    )


def compute_level_weight(level: dict[str, Any]) -> float:
    """Return the match weight of a level (bits): log2(m / u)."""
    return log2(level["m_probability"] / level["u_probability"])
