"""Training: learns a model from persons, as a job of its own.

A run that fails keeps the old model. Scoring never trains, and training reads no truth. How u, m
and the prior are estimated is in `estimation`.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from register.identity.block import RuleCount, Scope
from register.identity.clean import CROWDED_HOLDERS, list_other_columns, persons_from_mentions
from register.identity.score.calibrations import REGISTER_CALIBRATIONS
from register.identity.score.caps import REGISTER_CAPS
from register.identity.score.comparisons import ComparisonPlan, comparisons, frequency_columns
from register.identity.score.estimation import (
    bounded,
    learn,
    level_weight,
    recalibrated_prior,
    refine,
    training_linker,
)
from register.identity.score.frequencies import measure_frequencies
from register.identity.score.model import (
    Calibration,
    Cap,
    Model,
    ModelError,
    Thresholds,
    load_model,
    save_model,
)
from register.identity.score.scoring import score_persons

LOGGER = logging.getLogger(__name__)
MIN_PERSONS = 200
MIN_TRAINING_WEIGHT = -20.0
REGISTER_THRESHOLDS = Thresholds(strict=8.0, link=4.0, loose=0.0, review=-4.0)


@dataclass(frozen=True)
class TrainingOptions:
    """Settings of a training run.

    `max_pairs` limits the pairs of u and of each EM run; the prior is for the pairs of `scope`.
    """

    seed: int = 20261124
    max_pairs: int = 4_000_000
    sure_rule_recall: float = 0.8
    least_holders: int = 10
    crowded_holders: int = CROWDED_HOLDERS
    thresholds: Thresholds = REGISTER_THRESHOLDS
    caps: tuple[Cap, ...] = REGISTER_CAPS
    calibrations: tuple[Calibration, ...] = REGISTER_CALIBRATIONS
    scope: Scope = "all"


@dataclass(frozen=True)
class TrainingReport:
    """Report of a training run: counts and probabilities only, never a value of a person."""

    is_trained: bool
    message: str
    person_count: int
    prior: float | None = None
    em_runs: list[dict[str, Any]] = field(default_factory=list)
    levels: list[dict[str, Any]] = field(default_factory=list)
    levels_without_pairs: list[str] = field(default_factory=list)
    chart_files: list[str] = field(default_factory=list)
    blocking: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The report as plain data for JSON."""
        return asdict(self)


def train(
    mentions: pa.Table,
    model_path: Path,
    report_folder: Path | None = None,
    options: TrainingOptions | None = None,
    trained_at: datetime | None = None,
) -> tuple[Model, TrainingReport]:
    """Train on cleaned mentions and write the model to `model_path`.

    If training fails and `model_path` has a usable model, that one is kept and returned with a
    report that says so; otherwise `ModelError` is raised.
    """
    chosen = options or TrainingOptions()
    persons = persons_from_mentions(mentions, chosen.crowded_holders)
    try:
        model, report = train_persons(persons, chosen, report_folder, trained_at)
    except ModelError as error:
        LOGGER.warning("training failed, the old model is kept: %s", error)
        kept = load_model(model_path)
        return kept, TrainingReport(False, str(error), persons.num_rows)
    save_model(model, model_path)
    return model, report


def train_persons(
    persons: pa.Table,
    options: TrainingOptions | None = None,
    report_folder: Path | None = None,
    trained_at: datetime | None = None,
) -> tuple[Model, TrainingReport]:
    """Train on shaped persons; raises `ModelError` if there are too few or EM does not converge."""
    chosen = options or TrainingOptions()
    if persons.num_rows < MIN_PERSONS:
        raise ModelError(f"{persons.num_rows} persons are too few to train on ({MIN_PERSONS})")
    plan = plan_for(persons)
    built = comparisons(plan)
    frequencies = measure_frequencies(persons, frequency_columns(built), chosen.least_holders)
    with duckdb.connect(":memory:") as connection:
        linker = training_linker(connection, persons, built, frequencies)
        em_runs = learn(linker, chosen.seed, chosen.max_pairs, chosen.sure_rule_recall)
        settings = linker.misc.save_model_to_json()
        charts = _save_charts(linker, report_folder)
    learned, unseen = bounded(
        built, settings["comparisons"], settings["probability_two_random_records_match"]
    )
    when = trained_at or datetime.now(UTC)
    data_hash = hash_persons(persons)
    model = Model(
        format=1,
        version="",
        trained_at=f"{when:%Y-%m-%dT%H:%M:%SZ}",
        splink_version=version("splink"),
        duckdb_version=version("duckdb"),
        seed=chosen.seed,
        data_hash=data_hash,
        record_count=persons.num_rows,
        crowded_holders=chosen.crowded_holders,
        probability_two_random_records_match=settings["probability_two_random_records_match"],
        thresholds=chosen.thresholds,
        caps=list(chosen.caps),
        calibrations=list(chosen.calibrations),
        frequencies=frequencies,
        has_sex=plan.has_sex,
        has_identifiers=plan.has_identifiers,
        others=list(plan.others),
        comparisons=learned,
    )
    model, rule_counts = _refined(model, persons, chosen.scope)
    report = _report(model, em_runs, unseen, charts)
    return model.versioned(), replace(report, blocking=[asdict(count) for count in rule_counts])


def _refined(model: Model, persons: pa.Table, scope: Scope) -> tuple[Model, list[RuleCount]]:
    """Re-estimate the prior for `scope`, then m and the prior; count the pairs of each rule."""
    count = comparison_count(persons, scope)
    scores = score_persons(persons, model, scope, least_weight=MIN_TRAINING_WEIGHT)
    pairs = scores.pairs
    prior = model.probability_two_random_records_match
    recalibrated = recalibrated_prior(pairs["match_weight"].to_numpy(), prior, count)
    model = model.model_copy(update={"probability_two_random_records_match": recalibrated})
    return refine(model, pairs, count).model, scores.rule_counts


def comparison_count(persons: pa.Table, scope: Scope) -> int:
    """Return how many pairs of `persons` there are in `scope`, blocked or not."""
    sizes = persons["dataset"].value_counts().field("counts").to_pylist()
    within = sum(size * (size - 1) // 2 for size in sizes)
    whole = persons.num_rows * (persons.num_rows - 1) // 2
    return {"all": whole, "within": within, "between": whole - within}[scope]


def plan_for(persons: pa.Table) -> ComparisonPlan:
    """Return the comparisons for which `persons` have any values."""

    def has_any(column: str) -> bool:
        return persons[column].null_count < persons.num_rows

    others = [name.removeprefix("other_") for name in list_other_columns(persons) if has_any(name)]
    kinds = [name for name in persons.column_names if name.startswith("identifiers_")]
    return ComparisonPlan(has_any("sex"), any(has_any(name) for name in kinds), tuple(others))


def hash_persons(persons: pa.Table) -> str:
    """Return a hash of the persons that a model was trained on, whatever their order."""
    digest = hashlib.sha256()
    ordered = persons.sort_by("person_key")
    for name in ordered.column_names:
        digest.update(name.encode())
        digest.update(repr(ordered[name].to_pylist()).encode())
    return digest.hexdigest()


def _report(
    model: Model, em_runs: list[dict[str, Any]], unseen: list[str], charts: list[str]
) -> TrainingReport:
    levels = [
        {
            "comparison": comparison["output_column_name"],
            "level": level["label_for_charts"],
            "m": level["m_probability"],
            "u": level["u_probability"],
            "match_weight": round(level_weight(level), 3),
        }
        for comparison in model.comparisons
        for level in comparison["comparison_levels"]
        if not level.get("is_null_level")
    ]
    prior = model.probability_two_random_records_match
    return TrainingReport(
        True, "trained", model.record_count, prior, em_runs, levels, unseen, charts
    )


def _save_charts(linker: Any, folder: Path | None) -> list[str]:
    """Save Splink's charts of weights as pages that open without a network; return their names."""
    if folder is None:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    charts = {
        "match_weights.html": linker.visualisations.match_weights_chart,
        "m_u_parameters.html": linker.visualisations.m_u_parameters_chart,
        "parameter_estimates.html": linker.visualisations.parameter_estimate_comparisons_chart,
    }
    for name, draw in charts.items():
        draw().save_offline_chart(str(folder / name), overwrite=True, print_msg=False)
    return list(charts)
