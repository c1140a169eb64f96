"""What a model of a home is compared by: judged pairs of samples, as often as they stand for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from orchestration.linkage_training import judged_pairs
from register.identity.evaluate import JudgedPair
from register.review.decisions import append
from register.settings import Settings

NOW = "2026-11-01T09:00:00Z"


def judge(settings: Settings, left: str, right: str, judgement: str, purpose: str) -> None:
    """Write a blind judgement of a pair."""
    row = [NOW, "A Reviewer", left, right, judgement, "true", purpose]
    append(settings, "reviews.csv", [row])


def test_a_judged_pair_has_the_weight_of_its_sample(settings: Settings, tmp_path: Path) -> None:
    """Prevents pairs that were picked for being doubtful from being taken for a sample."""
    home = replace(settings, home=tmp_path / "judged")
    drawn = ["S1", NOW, "1", "r1", "m1", "m2", "20 and over", "300", "10", "30.000000"]
    append(home, "clerical_sample.csv", [drawn])
    judge(home, "m1", "m2", "same", "sample")
    judge(home, "m3", "m4", "different", "blind")
    assert judged_pairs(home) == {("m1", "m2"): JudgedPair(True, 30.0)}
