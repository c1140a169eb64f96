"""What a model of a home is compared by: judged pairs of samples, as often as they stand for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from orchestration.linkage_training import read_judged_pairs
from register.decision_files import append_decisions
from register.identity.evaluate import JudgedPair
from register.settings import Settings

NOW = "2026-11-01T09:00:00Z"


def judge(settings: Settings, left: str, right: str, judgement: str, purpose: str) -> None:
    """Write a blind judgement of a pair."""
    row = [NOW, "A Reviewer", left, right, judgement, "true", purpose]
    append_decisions(settings, "reviews.csv", [row], ValueError)


def test_a_judged_pair_has_the_weight_of_its_sample(settings: Settings, tmp_path: Path) -> None:
    """Prevents pairs that were picked for being doubtful from being taken for a sample."""
    home = replace(settings, home=tmp_path / "judged")
    drawn = ["S1", NOW, "1", "r1", "m1", "m2", "20 and over", "300", "10", "30.000000"]
    append_decisions(home, "clerical_sample.csv", [drawn], ValueError)
    judge(home, "m1", "m2", "same", "sample")
    judge(home, "m3", "m4", "different", "blind")
    assert read_judged_pairs(home) == {("m1", "m2"): JudgedPair(True, 30.0)}
