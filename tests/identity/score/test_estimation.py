"""Estimation of the prior and m from scored pairs; u and fixed weights stay as they are."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from register.identity.score.estimation import compute_level_weight, estimate_prior, refine_model
from register.identity.score.model import prior_weight
from register.identity.score.training import count_comparisons
from tests.identity.linkage_people import small_model, small_population, small_scores


def test_the_prior_comes_out_at_the_share_that_matches() -> None:
    """Prevents a prior that is ten times too small from sending sure pairs to review."""
    evidence = np.array([40.0] * 50 + [-40.0] * 500)
    first_prior = 1e-5
    estimated = estimate_prior(evidence + prior_weight(first_prior), first_prior, 100_000)
    assert estimated == pytest.approx(50 / 100_000)


def test_m_comes_out_at_the_share_of_true_pairs_on_a_level() -> None:
    """Prevents strangers who share a region or a name from being learned as matches."""
    persons, truth = small_population()
    model, pairs = small_model()[0], small_scores()
    place = pairs.column_names.index("capped_by")
    pairs = pairs.set_column(place, "capped_by", pa.nulls(pairs.num_rows, pa.string()))
    refined = refine_model(model, pairs, count_comparisons(persons, "all")).model
    is_true = np.array(
        [
            (min(ends), max(ends)) in truth
            for ends in zip(
                pairs["left_key"].to_pylist(), pairs["right_key"].to_pylist(), strict=True
            )
        ]
    )
    gammas = pairs["gamma_birth_date"].to_numpy()[is_true]
    labels = refined.level_labels("birth_date")
    levels = refined.comparisons[2]["comparison_levels"]
    learned = {level["label_for_charts"]: level.get("m_probability") for level in levels}
    for label in ("same", "year_near", "day_month_swapped", "default_against_day"):
        gamma = next(each for each, name in labels.items() if name == label)
        share = (gammas == gamma).sum() / (gammas >= 0).sum()
        assert abs(learned[label] - share) < 0.02


def test_u_and_fixed_weights_stay_as_they_are() -> None:
    """Prevents an identifier's weight from being learned from a handful of pairs."""
    persons, _ = small_population()
    model = small_model()[0]
    refined = refine_model(model, small_scores(), count_comparisons(persons, "all")).model
    for before, after in zip(model.comparisons, refined.comparisons, strict=True):
        pairs = zip(before["comparison_levels"], after["comparison_levels"], strict=True)
        for old, new in pairs:
            assert old.get("u_probability") == new.get("u_probability")
            if old.get("fix_m_probability"):
                assert compute_level_weight(new) == compute_level_weight(old)


def test_too_few_matches_leave_the_model_as_it_was() -> None:
    """Prevents a model from being rewritten by ten pairs."""
    persons, _ = small_population()
    model = small_model()[0]
    assert (
        refine_model(model, small_scores().slice(0, 100), count_comparisons(persons, "all")).model
        == model
    )


def test_capped_pairs_count_as_no_match() -> None:
    """Prevents m of different forenames from being learned from twins."""
    persons, _ = small_population()
    model, pairs = small_model()[0], small_scores()
    place = pairs.column_names.index("capped_by")
    capped = pairs.set_column(place, "capped_by", pa.array(["x"] * pairs.num_rows))
    assert refine_model(model, capped, count_comparisons(persons, "all")).model == model
