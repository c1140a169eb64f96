"""Adaptation: a home's own model, learned from its records without labels.

u and term frequencies are the home's; m is the maximum a posteriori by expectation maximisation,
with the m of the model in the package as a prior. Thresholds, caps and the weights of identifiers,
which are set by hand, stay. Whether such a model may be used does not belong here
(`register.identity.evaluate`), nor where it is kept (`register.linkage_models`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import duckdb
import pyarrow as pa

from register.choices import PSEUDO_COUNT
from register.identity.clean import persons_from_mentions
from register.identity.score.comparisons import comparisons, frequency_columns
from register.identity.score.estimation import (
    MAX,
    MIN_U,
    Refinement,
    learn_u,
    level_weight,
    recalibrated_prior,
    refine,
    training_linker,
)
from register.identity.score.frequencies import measure_frequencies
from register.identity.score.model import NULL_GAMMA, Model, ModelError, load_model
from register.identity.score.scoring import score_persons
from register.identity.score.training import (
    MIN_PERSONS,
    MIN_TRAINING_WEIGHT,
    TrainingOptions,
    comparison_count,
    hash_persons,
    train_persons,
)


@dataclass(frozen=True)
class LevelDifference:
    """A level in the model that was given and in the home's: m, u (0-1) and weights (bits).

    `match_count` is how many of the expected matches are on the level; `is_fixed` says that its
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
        """How many bits more the level weighs in the home's model."""
        return self.weight - self.given_weight


@dataclass(frozen=True)
class AdaptationReport:
    """How a home's model was learned: counts and probabilities only, never a value of a person."""

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

    def as_dict(self) -> dict[str, Any]:
        """The report as plain data for JSON."""
        return asdict(self)


def adapt(
    mentions: pa.Table,
    given: Model | None = None,
    pseudo_count: float = PSEUDO_COUNT,
    options: TrainingOptions | None = None,
    trained_at: datetime | None = None,
) -> tuple[Model, AdaptationReport]:
    """Learn a model from cleaned mentions (`MENTION_SCHEMA`), with `given` as the prior of m.

    `given` is the model of the package if left out. `pseudo_count` is how many matches its m counts
    for: with very many the result has the given m, with none the model is trained from nothing, as
    `train_persons` does. Raises `ModelError` where there are too few records to learn from.
    Method: Fellegi and Sunter (1969); maximum a posteriori by expectation maximisation (Dempster,
    Laird and Rubin 1977) under a Dirichlet prior.
    """
    start = load_model() if given is None else given
    persons = persons_from_mentions(mentions, start.crowded_holders)
    return adapt_persons(persons, start, pseudo_count, options, trained_at)


def adapt_persons(
    persons: pa.Table,
    given: Model,
    pseudo_count: float,
    options: TrainingOptions | None = None,
    trained_at: datetime | None = None,
) -> tuple[Model, AdaptationReport]:
    """Learn a model from shaped persons, as `adapt` does from mentions."""
    if pseudo_count < 0:
        raise ModelError("a pseudo-count is a number of matches, and none is negative")
    chosen = replace(
        options or TrainingOptions(),
        thresholds=given.thresholds,
        caps=tuple(given.caps),
        calibrations=tuple(given.calibrations),
        crowded_holders=given.crowded_holders,
    )
    if persons.num_rows < MIN_PERSONS:
        raise ModelError(f"{persons.num_rows} persons are too few to train on ({MIN_PERSONS})")
    unrefined = (
        _with_own_u(given, persons, chosen, trained_at)
        if pseudo_count
        else train_persons(persons, chosen, None, trained_at)[0]
    )
    refined = _refined(unrefined, persons, chosen, pseudo_count)
    model = (refined.model if pseudo_count else unrefined).versioned()
    return model, _report(given, model, refined, pseudo_count)


def _with_own_u(
    given: Model, persons: pa.Table, options: TrainingOptions, trained_at: datetime | None
) -> Model:
    """The given model with u, prior and term frequencies of these persons."""
    built = comparisons(given.plan)
    frequencies = measure_frequencies(persons, frequency_columns(built), options.least_holders)
    with duckdb.connect(":memory:") as connection:
        linker = training_linker(connection, persons, built, frequencies)
        learn_u(linker, options.seed, options.max_pairs, options.sure_rule_recall)
        settings = linker.misc.save_model_to_json()
    prior = settings["probability_two_random_records_match"]
    when = trained_at or datetime.now(UTC)
    return given.model_copy(
        update={
            "trained_at": f"{when:%Y-%m-%dT%H:%M:%SZ}",
            "splink_version": version("splink"),
            "duckdb_version": version("duckdb"),
            "seed": options.seed,
            "data_hash": hash_persons(persons),
            "record_count": persons.num_rows,
            "probability_two_random_records_match": prior,
            "frequencies": frequencies,
            "comparisons": own_u(given.comparisons, settings["comparisons"], prior),
        }
    )


def own_u(
    given: list[dict[str, Any]], learned: list[dict[str, Any]], prior: float
) -> list[dict[str, Any]]:
    """Put learned u on the given comparisons (Splink's settings); `prior` is 0-1.

    A level that no random pair was on keeps its own, and so does one set by hand. Random pairs
    include matches at the rate of the prior: that part is subtracted.
    """
    by_name = {comparison["output_column_name"]: comparison for comparison in learned}
    result = []
    for comparison in given:
        found = by_name[comparison["output_column_name"]]["comparison_levels"]
        levels = []
        for level, seen in zip(comparison["comparison_levels"], found, strict=True):
            u = seen.get("u_probability")
            if level.get("is_null_level") or level.get("fix_m_probability") or u is None:
                levels.append(level)
                continue
            own = (u - prior * level["m_probability"]) / (1 - prior)
            levels.append({**level, "u_probability": min(max(own, MIN_U), MAX)})
        result.append({**comparison, "comparison_levels": levels})
    return result


def _refined(
    model: Model, persons: pa.Table, options: TrainingOptions, pseudo_count: float
) -> Refinement:
    """Learn the prior, then m and the prior, from all candidate pairs of the persons."""
    count = comparison_count(persons, options.scope)
    pairs = score_persons(persons, model, options.scope, least_weight=MIN_TRAINING_WEIGHT).pairs
    prior = recalibrated_prior(
        pairs["match_weight"].to_numpy(), model.probability_two_random_records_match, count
    )
    recalibrated = model.model_copy(update={"probability_two_random_records_match": prior})
    return refine(recalibrated, pairs, count, pseudo_count)


def _report(
    given: Model, model: Model, refined: Refinement, pseudo_count: float
) -> AdaptationReport:
    return AdaptationReport(
        given_version=given.version,
        version=model.version,
        pseudo_count=pseudo_count,
        record_count=model.record_count,
        match_count=refined.match_count,
        is_converged=refined.is_converged,
        round_count=refined.round_count,
        given_prior=given.probability_two_random_records_match,
        prior=model.probability_two_random_records_match,
        data_hash=model.data_hash,
        levels=level_differences(given, model, refined.level_matches),
    )


def level_differences(
    given: Model, model: Model, matches: dict[str, list[float]] | None = None
) -> list[LevelDifference]:
    """List every level of two models of the same comparisons, in order, with its weight in both.

    `matches` has, by name of comparison, the expected matches on each level, by gamma.
    """
    listed = []
    for name in given.comparison_names:
        before, after = given.levels(name), model.levels(name)
        on_level = (matches or {}).get(name, [])
        for gamma, label in sorted(given.level_labels(name).items(), reverse=True):
            if gamma == NULL_GAMMA:
                continue
            old, new = before[label], after[label]
            listed.append(
                LevelDifference(
                    comparison=name,
                    level=label,
                    given_m=old["m_probability"],
                    given_u=old["u_probability"],
                    given_weight=level_weight(old),
                    m=new["m_probability"],
                    u=new["u_probability"],
                    weight=level_weight(new),
                    match_count=on_level[gamma] if gamma < len(on_level) else 0.0,
                    is_fixed=bool(old.get("fix_m_probability")),
                )
            )
    return listed
