"""Training of a linkage model on a home's records, and its comparison with the model in use.

Training, comparison and criteria belong in `register.identity`, and model files in
`register.linkage_models`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from orchestration.warehouse_exports import export_tables
from register.home import prepare_home
from register.identity.cluster import CARE_SCHEMA
from register.identity.evaluate import (
    Criterion,
    JudgedPair,
    ModelComparison,
    compare_models,
    judge_model,
)
from register.identity.score import (
    AdaptationReport,
    Model,
    OnStep,
    adapt_model,
    ignore_step,
    load_model,
)
from register.linkage_models import LinkageModelError, model_path, save_candidate
from register.review import first_judgements, read_judgements, sampling_weights
from register.settings import Settings

READ_RECORDS = "Read records"
# Purposes of reviews in which the reviewer does not see the pair's match weight.
BLIND_PURPOSES = ("blind", "double", "sample")


@dataclass(frozen=True)
class Candidate:
    """A trained model, its comparison with the model in use, and the result of each criterion."""

    path: Path
    model: Model
    training: AdaptationReport
    comparison: ModelComparison
    criteria: list[Criterion]

    @property
    def may_be_pinned(self) -> bool:
        """Whether the model misses no criterion; one that could not be judged does not count."""
        return all(criterion.is_met is not False for criterion in self.criteria)

    def as_dict(self) -> dict[str, Any]:
        """Return the candidate's report as plain data. It has only counts and probabilities."""
        return {
            "version": self.model.version,
            "in_use": self.comparison.in_use.model_version,
            "may_be_pinned": self.may_be_pinned,
            "criteria": [asdict(criterion) for criterion in self.criteria],
            "training": asdict(self.training),
            "comparison": asdict(self.comparison),
        }


def train_candidate(
    settings: Settings,
    pseudo_count: float,
    records: tuple[pa.Table, pa.Table] | None = None,
    on_step: OnStep = ignore_step,
) -> Candidate:
    """Train a candidate model and write it to the home with its report. No load uses it yet.

    `records` are cleaned mentions and their care histories, by default from the warehouse.
    `on_step` is told the name of each step when it begins. Raises `ModelError` if there are too few
    records, and `LinkageModelError` before the first load.
    """
    prepare_home(settings)
    if records is None:
        on_step(READ_RECORDS)
    mentions, care = read_linkage_records(settings) if records is None else records
    model, training = adapt_model(mentions, pseudo_count, on_step)
    on_step("Link by both models and compare")
    in_use = load_model(model_path(settings))
    comparison = compare_models(
        mentions, care.select(CARE_SCHEMA.names), in_use, model, read_judged_pairs(settings)
    )
    criteria = judge_model(training, comparison)
    on_step("Write the report")
    candidate = Candidate(
        settings.models / f"{model.version}.json", model, training, comparison, criteria
    )
    save_candidate(settings, model, candidate.as_dict())
    return candidate


def read_linkage_records(settings: Settings) -> tuple[pa.Table, pa.Table]:
    """Return the cleaned mentions of a home and their care histories, from the last load."""
    if not (settings.warehouse / "warehouse.duckdb").exists():
        raise LinkageModelError("nothing is loaded yet: run `register load`, or give --mentions")
    operation, arguments = "write_linkage_records", ("mentions", "care")
    with export_tables(settings, operation, arguments) as (mentions, care):
        return mentions, care


def read_judged_pairs(settings: Settings) -> Mapping[tuple[str, str], JudgedPair]:
    """Return the sampled pairs that people judged blind, each with the majority's judgement.

    A pair without a majority is left out. So are judged pairs outside the samples: they were chosen
    for being doubtful, and have no sampling weight.
    """
    weights = sampling_weights(settings)
    votes: dict[tuple[str, str], int] = {}
    for keys, by_reviewer in first_judgements(read_judgements(settings)).items():
        blind = [item.judgement for item in by_reviewer.values() if item.purpose in BLIND_PURPOSES]
        votes[keys] = blind.count("same") - blind.count("different")
    return {
        keys: JudgedPair(balance > 0, weights[keys])
        for keys, balance in votes.items()
        if balance and keys in weights
    }
