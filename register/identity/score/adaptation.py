"""Adaptation: a home's own model, learned from its records without labels.

u and term frequencies are estimated from the home's records. m is the maximum a posteriori by
expectation maximisation; the packaged model's m is the prior. Thresholds, caps and weights of
identifiers are set by hand and do not change. `register.identity.evaluate` decides whether such a
model may be used. `register.linkage_models` keeps its file.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from register.choices import PSEUDO_COUNT
from register.identity.clean import persons_from_mentions
from register.identity.score.comparisons import build_comparisons, list_frequency_columns
from register.identity.score.estimation import (
    MAX_PROBABILITY,
    MIN_U,
    OnStep,
    build_linker,
    compute_level_weight,
    estimate_u,
    ignore_step,
)
from register.identity.score.frequencies import measure_frequencies
from register.identity.score.model import NULL_GAMMA, Model, ModelError, load_model
from register.identity.score.training import (
    ESTIMATE_U,
    SHAPE_RECORDS,
    TrainingOptions,
    describe_training,
    refine_on_persons,
    require_persons,
    train_persons,
)


@dataclass(frozen=True)
class LevelDifference:
    """A level in the base model (`given_…`) and in the home's model: m, u (0-1) and weights (bits).

    `match_count` is the expected number of matches on the level. `is_fixed` marks a level whose
    weight is set by hand.
    """

    comparison: str
    level: str
    given_m: float
    given_u: float
    given_weight: float
    m: float
    u: float
    weight: float
    match_count: float
    is_fixed: bool

    @property
    def difference(self) -> float:
        """The number of bits by which the home's weight of the level exceeds the given weight."""
        return self.weight - self.given_weight


@dataclass(frozen=True)
class AdaptationReport:
    """A report on learning a home's model: counts and probabilities, never a person's value."""

    given_version: str
    version: str
    pseudo_count: float
    record_count: int
    match_count: float
    is_converged: bool
    round_count: int
    given_prior: float
    prior: float
    data_hash: str
    levels: list[LevelDifference]


def adapt_model(
    mentions: pa.Table, pseudo_count: float = PSEUDO_COUNT, on_step: OnStep = ignore_step
) -> tuple[Model, AdaptationReport]:
    """Learn a model from cleaned mentions (`MENTION_SCHEMA`), with the package's m as a prior.

    `pseudo_count` is the number of matches that the prior counts as. If it is very large, m stays
    that of the package. If it is 0, there is no prior, and the result equals that of
    `train_persons`. `on_step` is told the name of each step when it begins. Raises `ModelError` if
    there are too few records to learn from.

    Method: Fellegi and Sunter (1969); maximum a posteriori by expectation maximisation (Dempster,
    Laird and Rubin 1977) under a Dirichlet prior.
    """
    base = load_model()
    on_step(SHAPE_RECORDS)
    persons = persons_from_mentions(mentions, base.crowded_holders)
    return adapt_to_persons(persons, base, pseudo_count, TrainingOptions(on_step=on_step))


def adapt_to_persons(
    persons: pa.Table,
    base: Model,
    pseudo_count: float,
    options: TrainingOptions | None = None,
    trained_at: datetime | None = None,
) -> tuple[Model, AdaptationReport]:
    """Learn a model from shaped persons, with the m of `base` as a prior (see `adapt_model`)."""
    if pseudo_count < 0:
        raise ModelError("a pseudo-count is a number of matches, and none is negative")
    chosen = replace(
        options or TrainingOptions(),
        thresholds=base.thresholds,
        caps=tuple(base.caps),
        calibrations=tuple(base.calibrations),
        context=base.context,
        crowded_holders=base.crowded_holders,
    )
    require_persons(persons)
    unrefined = (
        _replace_u(base, persons, chosen, trained_at)
        if pseudo_count
        else train_persons(persons, chosen, None, trained_at)[0]
    )
    refined, _ = refine_on_persons(unrefined, persons, chosen.scope, pseudo_count, chosen.on_step)
    model = (refined.model if pseudo_count else unrefined).with_version()
    report = AdaptationReport(
        given_version=base.version,
        version=model.version,
        pseudo_count=pseudo_count,
        record_count=model.record_count,
        match_count=refined.match_count,
        is_converged=refined.is_converged,
        round_count=refined.round_count,
        given_prior=base.probability_two_random_records_match,
        prior=model.probability_two_random_records_match,
        data_hash=model.data_hash,
        levels=level_differences(base, model, refined.level_matches),
    )
    return model, report


def _replace_u(
    base: Model, persons: pa.Table, options: TrainingOptions, trained_at: datetime | None
) -> Model:
    """Return the base model with u, prior and term frequencies estimated from these persons."""
    comparisons = build_comparisons(base.comparison_plan)
    columns = list_frequency_columns(comparisons)
    frequencies = measure_frequencies(persons, columns, options.least_holders)
    with duckdb.connect(":memory:") as connection:
        linker = build_linker(connection, persons, comparisons, frequencies)
        options.on_step(ESTIMATE_U)
        estimate_u(linker, options.seed, options.max_pairs)
        settings = linker.misc.save_model_to_json()
    prior = settings["probability_two_random_records_match"]
    return base.model_copy(
        update={
            **describe_training(persons, options.seed, trained_at),
            "probability_two_random_records_match": prior,
            "frequencies": frequencies,
            "comparisons": _apply_u(base.comparisons, settings["comparisons"], prior),
        }
    )


def _apply_u(
    comparisons: list[dict[str, Any]], estimated: list[dict[str, Any]], prior: float
) -> list[dict[str, Any]]:
    """Replace the u of comparisons (Splink's settings) by estimates; `prior` is 0-1.

    Some random pairs are matches, at the rate of the prior; their part of u is subtracted. A level
    keeps its u if it is set by hand or if no random pair is on it.
    """
    estimates = {comparison["output_column_name"]: comparison for comparison in estimated}
    result = []
    for comparison in comparisons:
        estimated_levels = estimates[comparison["output_column_name"]]["comparison_levels"]
        levels = []
        for level, estimate in zip(comparison["comparison_levels"], estimated_levels, strict=True):
            u = estimate.get("u_probability")
            if level.get("is_null_level") or level.get("fix_m_probability") or u is None:
                levels.append(level)
                continue
            own_u = (u - prior * level["m_probability"]) / (1 - prior)
            levels.append({**level, "u_probability": min(max(own_u, MIN_U), MAX_PROBABILITY)})
        result.append({**comparison, "comparison_levels": levels})
    return result


def level_differences(
    base: Model, model: Model, matches: dict[str, list[float]] | None = None
) -> list[LevelDifference]:
    """Return every level of two models with the same comparisons, in order, with both weights.

    `matches` gives the expected number of matches on each level, by name of comparison and gamma.
    """
    differences = []
    for name in base.comparison_names:
        old_levels, new_levels = base.levels_by_label(name), model.levels_by_label(name)
        on_level = (matches or {}).get(name, [])
        for gamma, label in sorted(base.level_labels(name).items(), reverse=True):
            if gamma == NULL_GAMMA:
                continue
            old, new = old_levels[label], new_levels[label]
            differences.append(
                LevelDifference(
                    comparison=name,
                    level=label,
                    given_m=old["m_probability"],
                    given_u=old["u_probability"],
                    given_weight=compute_level_weight(old),
                    m=new["m_probability"],
                    u=new["u_probability"],
                    weight=compute_level_weight(new),
                    match_count=on_level[gamma] if gamma < len(on_level) else 0.0,
                    is_fixed=bool(old.get("fix_m_probability")),
                )
            )
    return differences
