"""Training: a job that learns a model from persons.

A failed run leaves the old model in place. Scoring never trains, and training never reads the
truth. `estimation` estimates u, m and the prior.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from register.identity.block import RuleCount, Scope
from register.identity.clean import CROWDED_HOLDERS, list_other_columns, persons_from_mentions
from register.identity.score.comparisons import (
    ComparisonPlan,
    build_comparisons,
    list_frequency_columns,
)
from register.identity.score.context_model import ContextModel, read_register_context
from register.identity.score.estimation import (
    OnStep,
    Refinement,
    apply_estimates,
    build_linker,
    compute_level_weight,
    estimate_m,
    estimate_prior,
    estimate_u,
    ignore_step,
    refine_model,
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
from register.yaml_file import read_yaml

LOGGER = logging.getLogger(__name__)
MIN_PERSONS = 200
SHAPE_RECORDS, ESTIMATE_U = "Shape records", "Estimate u from random pairs"
MIN_TRAINING_WEIGHT = -20.0
REGISTER_THRESHOLDS = Thresholds(strict=8.0, link=4.0, loose=0.0, review=-1.5, keep=-4.0)


def read_register_caps() -> tuple[Cap, ...]:
    """Read the caps of the register's model from `caps.yaml`."""
    texts = read_yaml(Path(__file__).with_name("caps.yaml"))
    return tuple(Cap(unless=texts["unless"], **each) for each in texts["caps"])


def read_register_calibrations() -> tuple[Calibration, ...]:
    """Read the calibrations of the register's model from `calibrations.yaml`."""
    texts = read_yaml(Path(__file__).with_name("calibrations.yaml"))
    return tuple(Calibration(**each) for each in texts["calibrations"])


@dataclass(frozen=True)
class TrainingOptions:
    """Settings of a training run.

    `max_pairs` limits the pairs for u and for each run of expectation maximisation. The model lists
    the frequency of values that at least `least_holders` persons have. A postcode of more than
    `crowded_holders` persons is crowded. The prior refers to the pairs in `scope`. `on_step` is
    told the name of each step when it begins.
    """

    seed: int = 20261124
    max_pairs: int = 4_000_000
    least_holders: int = 10
    crowded_holders: int = CROWDED_HOLDERS
    thresholds: Thresholds = REGISTER_THRESHOLDS
    caps: tuple[Cap, ...] = field(default_factory=read_register_caps)
    calibrations: tuple[Calibration, ...] = field(default_factory=read_register_calibrations)
    context: ContextModel | None = field(default_factory=read_register_context)
    scope: Scope = "all"
    on_step: OnStep = ignore_step


@dataclass(frozen=True)
class TrainingReport:
    """A report on a training run: counts and probabilities only, never a person's value."""

    is_trained: bool
    message: str
    person_count: int
    prior: float | None = None
    em_runs: list[dict[str, Any]] = field(default_factory=list)
    levels: list[dict[str, Any]] = field(default_factory=list)
    levels_without_pairs: list[str] = field(default_factory=list)
    chart_files: list[str] = field(default_factory=list)
    blocking: list[dict[str, Any]] = field(default_factory=list)


def train_model(
    mentions: pa.Table,
    model_path: Path,
    report_folder: Path | None = None,
    on_step: OnStep = ignore_step,
) -> tuple[Model, TrainingReport]:
    """Train on cleaned mentions and write the model to `model_path`.

    If training fails and a usable model is at `model_path`, this model stays. It is returned with a
    report that training failed. Without a usable model `ModelError` is raised.
    """
    on_step(SHAPE_RECORDS)
    persons = persons_from_mentions(mentions)
    try:
        options = TrainingOptions(on_step=on_step)
        model, report = train_persons(persons, options, report_folder)
    except ModelError as error:
        LOGGER.warning("training failed, the old model is kept: %s", error)
        return load_model(model_path), TrainingReport(False, str(error), persons.num_rows)
    save_model(model, model_path)
    return model, report


def train_persons(
    persons: pa.Table,
    options: TrainingOptions | None = None,
    report_folder: Path | None = None,
    trained_at: datetime | None = None,
) -> tuple[Model, TrainingReport]:
    """Train on shaped persons; raise `ModelError` if they are too few or EM does not converge."""
    chosen = options or TrainingOptions()
    require_persons(persons)
    plan = plan_comparisons(persons)
    comparisons = build_comparisons(plan)
    columns = list_frequency_columns(comparisons)
    frequencies = measure_frequencies(persons, columns, chosen.least_holders)
    with duckdb.connect(":memory:") as connection:
        linker = build_linker(connection, persons, comparisons, frequencies)
        chosen.on_step(ESTIMATE_U)
        estimate_u(linker, chosen.seed, chosen.max_pairs)
        em_runs = estimate_m(linker, chosen.max_pairs, chosen.on_step)
        settings = linker.misc.save_model_to_json()
        charts = _save_charts(linker, report_folder)
    prior = settings["probability_two_random_records_match"]
    estimated, unseen = apply_estimates(comparisons, settings["comparisons"], prior)
    unrefined = Model(
        format=1,
        version="",
        **describe_training(persons, chosen.seed, trained_at),
        crowded_holders=chosen.crowded_holders,
        probability_two_random_records_match=prior,
        thresholds=chosen.thresholds,
        caps=list(chosen.caps),
        calibrations=list(chosen.calibrations),
        context=chosen.context,
        frequencies=frequencies,
        has_sex=plan.has_sex,
        has_identifiers=plan.has_identifiers,
        others=list(plan.others),
        comparisons=estimated,
    )
    refined, rule_counts = refine_on_persons(unrefined, persons, chosen.scope, 0.0, chosen.on_step)
    model = refined.model
    report = TrainingReport(
        is_trained=True,
        message="trained",
        person_count=model.record_count,
        prior=model.probability_two_random_records_match,
        em_runs=em_runs,
        levels=_describe_levels(model),
        levels_without_pairs=unseen,
        chart_files=charts,
        blocking=[asdict(count) for count in rule_counts],
    )
    return model.with_version(), report


def require_persons(persons: pa.Table) -> None:
    """Raise `ModelError` if there are too few persons to train on."""
    if persons.num_rows < MIN_PERSONS:
        raise ModelError(f"{persons.num_rows} persons are too few to train on ({MIN_PERSONS})")


def describe_training(
    persons: pa.Table, seed: int, trained_at: datetime | None = None
) -> dict[str, Any]:
    """Return the fields of a model that record when it was trained and on which persons."""
    return {
        "trained_at": f"{trained_at or datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "splink_version": version("splink"),
        "duckdb_version": version("duckdb"),
        "seed": seed,
        "data_hash": _hash_persons(persons),
        "record_count": persons.num_rows,
    }


def refine_on_persons(
    model: Model,
    persons: pa.Table,
    scope: Scope,
    pseudo_count: float = 0.0,
    on_step: OnStep = ignore_step,
) -> tuple[Refinement, list[RuleCount]]:
    """Estimate the prior for `scope`, then m and the prior again; count the pairs of each rule."""
    on_step("Block and score pairs")
    count = count_comparisons(persons, scope)
    scores = score_persons(persons, model, scope, min_weight=MIN_TRAINING_WEIGHT)
    weights = scores.pairs["match_weight"].to_numpy()
    prior = estimate_prior(weights, model.probability_two_random_records_match, count)
    with_prior = model.model_copy(update={"probability_two_random_records_match": prior})
    refined = refine_model(with_prior, scores.pairs, count, pseudo_count, on_step)
    return refined, scores.rule_counts


def count_comparisons(persons: pa.Table, scope: Scope) -> int:
    """Return the number of pairs of `persons` in `scope`, blocked or not."""
    sizes = persons["dataset"].value_counts().field("counts").to_pylist()
    within = sum(size * (size - 1) // 2 for size in sizes)
    total = persons.num_rows * (persons.num_rows - 1) // 2
    return {"all": total, "within": within, "between": total - within}[scope]


def plan_comparisons(persons: pa.Table) -> ComparisonPlan:
    """Choose the comparisons for which the persons have at least one value."""

    def has_any(column: str) -> bool:
        return persons[column].null_count < persons.num_rows

    others = [name.removeprefix("other_") for name in list_other_columns(persons) if has_any(name)]
    kinds = [name for name in persons.column_names if name.startswith("identifiers_")]
    return ComparisonPlan(has_any("sex"), any(has_any(name) for name in kinds), tuple(others))


def _hash_persons(persons: pa.Table) -> str:
    """Return a hash of the persons on whom a model was trained; their order does not matter."""
    digest = hashlib.sha256()
    ordered = persons.sort_by("person_key")
    for name in ordered.column_names:
        digest.update(name.encode())
        digest.update(repr(ordered[name].to_pylist()).encode())
    return digest.hexdigest()


def _describe_levels(model: Model) -> list[dict[str, Any]]:
    return [
        {
            "comparison": comparison["output_column_name"],
            "level": level["label_for_charts"],
            "m": level["m_probability"],
            "u": level["u_probability"],
            "match_weight": round(compute_level_weight(level), 3),
        }
        for comparison in model.comparisons
        for level in comparison["comparison_levels"]
        if not level.get("is_null_level")
    ]


def _save_charts(linker: Any, folder: Path | None) -> list[str]:
    """Save Splink's charts of weights as pages that open offline; return their names."""
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
