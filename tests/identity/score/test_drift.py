"""Drift: none on the records of the training, and as much as a weight is off."""

from __future__ import annotations

from math import log2
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from register.identity.score import DRIFT_SCHEMA, Model, drift, weight_drift
from register.identity.score.links import LoadPrior
from tests.identity.linkage_people import small_model, small_population, small_scores


def drift_of(model: Model) -> dict[tuple[str, str], dict[str, Any]]:
    """Each level's row, by comparison and level."""
    table = weight_drift(small_scores(), model, small_population()[0].num_rows)
    assert table.schema == DRIFT_SCHEMA
    return {(row["comparison_code"], row["level_code"]): row for row in table.to_pylist()}


def test_a_model_has_no_drift_on_the_records_it_was_trained_on() -> None:
    """Prevents a drift that comes from the way it is measured."""
    rows = drift_of(small_model()[0])
    # Surnames are weighed where no address is shared: too few pairs for the training to learn from.
    for name in ("forename", "birth_date", "postcode", "sex"):
        for row in (row for (comparison, _), row in rows.items() if comparison == name):
            if row["match_count"] >= 30:
                assert abs(row["weight_home"] - row["weight_model"]) < 0.05, row


def test_a_weight_that_is_a_bit_too_low_drifts_by_a_bit() -> None:
    """Prevents drift with the wrong sign or unit."""
    model = small_model()[0]
    sex = model.levels_by_label("sex")["same"]["m_probability"]
    changed = [
        {
            **comparison,
            "comparison_levels": [
                {**level, "m_probability": sex / 2}
                if level["label_for_charts"] == "same"
                else level
                for level in comparison["comparison_levels"]
            ],
        }
        if comparison["output_column_name"] == "sex"
        else comparison
        for comparison in model.comparisons
    ]
    row = drift_of(model.model_copy(update={"comparisons": changed}))["sex", "same"]
    assert row["weight_home"] - row["weight_model"] == pytest.approx(1, abs=0.05)
    assert row["weight_home"] == pytest.approx(log2(row["m_home"] / row["u_model"]))


def test_every_level_of_the_model_has_a_row_the_closest_first() -> None:
    """Prevents a level whose drift nobody sees."""
    model, rows = small_model()[0], drift_of(small_model()[0])
    for name in model.comparison_names:
        labels = [row["level_code"] for key, row in rows.items() if key[0] == name]
        assert labels == list(model.levels_by_label(name))
    assert [row["level_place"] for key, row in rows.items() if key[0] == "sex"] == [1, 2]


def test_the_order_of_pairs_changes_no_digit() -> None:
    """Prevents a drift that is another one after a rebuild."""
    scores, model = small_scores(), small_model()[0]
    count = small_population()[0].num_rows
    drifted = weight_drift(scores, model, count)
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(scores.num_rows)
        assert weight_drift(scores.take(pa.array(order)), model, count).equals(drifted)


def test_matches_are_counted_at_the_prior_of_the_load(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents a drift at a prior at which the load did not link."""
    none = LoadPrior(probability=0.0, shift=-400.0)
    monkeypatch.setattr(drift, "estimate_load_prior", lambda *_: none)
    assert sum(row["match_count"] for row in drift_of(small_model()[0]).values()) < 1e-6


def test_without_pairs_there_is_no_weight_of_the_home() -> None:
    """Prevents a drift of nothing."""
    table = weight_drift(small_scores().slice(0, 0), small_model()[0], 0)
    assert set(table["weight_home"].to_pylist()) == {None}
    assert set(table["match_count"].to_pylist()) == {0.0}
