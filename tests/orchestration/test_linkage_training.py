"""What a model of a home is compared by: judged pairs of samples, as often as they stand for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from orchestration import linkage_training
from orchestration.linkage_training import read_judged_pairs, train_candidate
from register.decision_files import append_decisions
from register.identity.clean import MENTION_SCHEMA
from register.identity.cluster import CARE_SCHEMA
from register.identity.evaluate import JudgedPair
from register.identity.score import AdaptationReport, Model
from register.settings import Settings
from tests.orchestration.test_candidate_page import candidate

NOW = "2026-11-01T09:00:00Z"


def judge(settings: Settings, left: str, right: str, judgement: str, purpose: str) -> None:
    """Write a blind judgement of a pair."""
    row = [NOW, "A Reviewer", left, right, judgement, "true", purpose]
    append_decisions(settings, "reviews.csv", [row], ValueError)


def test_training_a_candidate_tells_its_steps(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents minutes in which nobody knows whether a model is still being trained."""
    home, created, steps = replace(settings, home=tmp_path / "trained"), candidate(), []
    tables = (MENTION_SCHEMA.empty_table(), CARE_SCHEMA.empty_table())

    def adapt(
        _: pa.Table, pseudo_count: float, on_step: Callable[[str], None]
    ) -> tuple[Model, AdaptationReport]:
        on_step(f"Learn with {pseudo_count:.0f}")
        return created.model, created.training

    monkeypatch.setattr(linkage_training, "read_linkage_records", lambda _: tables)
    monkeypatch.setattr(linkage_training, "adapt_model", adapt)
    monkeypatch.setattr(linkage_training, "compare_models", lambda *_: created.comparison)
    train_candidate(home, 50.0, None, steps.append)
    learned = ["Learn with 50", "Link by both models and compare", "Write the report"]
    assert steps == ["Read records", *learned]
    steps.clear()
    train_candidate(home, 50.0, tables, steps.append)
    assert steps == learned, "the command that gives the records says that it reads them"


def test_a_judged_pair_has_the_weight_of_its_sample(settings: Settings, tmp_path: Path) -> None:
    """Prevents pairs that were picked for being doubtful from being taken for a sample."""
    home = replace(settings, home=tmp_path / "judged")
    drawn = ["S1", NOW, "1", "r1", "m1", "m2", "20 and over", "300", "10", "30.000000"]
    append_decisions(home, "clerical_sample.csv", [drawn], ValueError)
    judge(home, "m1", "m2", "same", "sample")
    judge(home, "m3", "m4", "different", "blind")
    assert read_judged_pairs(home) == {("m1", "m2"): JudgedPair(True, 30.0)}
