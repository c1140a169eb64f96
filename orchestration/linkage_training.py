"""Trains a linkage model on a home's own records and compares it with the one in use.

dbt says which records there are; how a model is learned, compared and judged belongs to
`register.identity`, where it is kept to `register.linkage_models`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.dagster_home import command_lock
from orchestration.dbt import run_dbt, warehouse_lock
from register.home import prepare_home
from register.identity.cluster import CARE_SCHEMA
from register.identity.evaluate import (
    Criterion,
    JudgedPair,
    ModelComparison,
    compare_models,
    judge_model,
)
from register.identity.score import AdaptationReport, Model, adapt_model, load_model
from register.linkage_models import LinkageModelError, model_path, save_candidate
from register.publishing import scratch_folder
from register.review import first_judgements, read_judgements, sampling_weights
from register.settings import Settings

OPERATION = "write_linkage_records"
# The purposes with which a pair is judged without its weight being seen.
BLIND = ("blind", "double", "sample")


@dataclass(frozen=True)
class Candidate:
    """A model of a home: how it was learned, what it would change, and by which criteria."""

    path: Path
    model: Model
    training: AdaptationReport
    comparison: ModelComparison
    criteria: list[Criterion]

    @property
    def may_be_pinned(self) -> bool:
        """Whether no criterion speaks against the model."""
        return all(each.is_met is not False for each in self.criteria)

    def as_dict(self) -> dict[str, Any]:
        """The report of the candidate as plain data: counts and probabilities alone."""
        return {
            "version": self.model.version,
            "in_use": self.comparison.in_use.model_version,
            "may_be_pinned": self.may_be_pinned,
            "criteria": [asdict(each) for each in self.criteria],
            "training": asdict(self.training),
            "comparison": asdict(self.comparison),
        }


def train_candidate(
    settings: Settings, pseudo_count: float, records: tuple[pa.Table, pa.Table] | None = None
) -> Candidate:
    """Train a candidate and write it with its report to the home; nothing links by it yet.

    `records` are cleaned mentions and their care: those of the warehouse unless given. Raises
    `ModelError` where there is too little to learn from, and `LinkageModelError` where nothing was
    loaded yet.
    """
    prepare_home(settings)
    mentions, care = read_linkage_records(settings) if records is None else records
    model, training = adapt_model(mentions, pseudo_count=pseudo_count)
    in_use = load_model(model_path(settings))
    comparison = compare_models(
        mentions, care.select(CARE_SCHEMA.names), in_use, model, judged_pairs(settings)
    )
    criteria = judge_model(training, comparison)
    made = Candidate(
        settings.models / f"{model.version}.json", model, training, comparison, criteria
    )
    save_candidate(settings, model, made.as_dict())
    return made


def read_linkage_records(settings: Settings) -> tuple[pa.Table, pa.Table]:
    """The cleaned mentions of a home and their care, as the last load left them."""
    if not (settings.warehouse / "warehouse.duckdb").exists():
        raise LinkageModelError("nothing is loaded yet: run `register load`, or give --mentions")
    with _quiet(settings) as scratch:
        mentions, care = (
            settings.warehouse / "mentions.parquet",
            settings.warehouse / "care.parquet",
        )
        try:
            arguments = json.dumps({"mentions": str(mentions), "care": str(care)})
            run_dbt(settings, ["run-operation", OPERATION, "--args", arguments], scratch)
            return pq.read_table(mentions), pq.read_table(care)
        finally:
            # Names of children: they stay in no file but the warehouse.
            mentions.unlink(missing_ok=True)
            care.unlink(missing_ok=True)


def judged_pairs(settings: Settings) -> Mapping[tuple[str, str], JudgedPair]:
    """The pairs of samples that people judged blind, with what more of them took each for.

    Pairs that no sample drew are left out: they were looked at for being doubtful, and nothing says
    how many pairs they stand for.
    """
    weights = sampling_weights(settings)
    votes: dict[tuple[str, str], int] = {}
    for keys, by_reviewer in first_judgements(read_judgements(settings)).items():
        blind = [each.judgement for each in by_reviewer.values() if each.purpose in BLIND]
        votes[keys] = blind.count("same") - blind.count("different")
    return {
        keys: JudgedPair(balance > 0, weights[keys])
        for keys, balance in votes.items()
        if balance and keys in weights
    }


@contextmanager
def _quiet(settings: Settings) -> Iterator[Path]:
    """A folder that dbt may write into, while nothing else writes the warehouse."""
    with command_lock(settings), warehouse_lock(settings):
        scratch = scratch_folder(settings)
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch)
