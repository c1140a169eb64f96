"""Calibrations: fitted on labelled pairs, and held to a nation that they were not fitted on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.external_validation import labelled_nation
from benchmarks.linkage.learn_calibrations import (
    UNKNOWN,
    Pairs,
    fit_calibrations,
    measure_calibration_errors,
    probabilities,
    read_scored_pairs,
)
from register.identity.score import load_model

# A development seed that no calibration was fitted on.
SEED, CHILDREN = 6, 1_500


@pytest.fixture(scope="module")
def nation(tmp_path_factory: pytest.TempPathFactory) -> Pairs:
    """The scored pairs of a small validation nation."""
    folder: Path = tmp_path_factory.mktemp("nation")
    return read_scored_pairs("small", labelled_nation(CHILDREN, SEED, folder))


def drawn(slope: float, offset: float) -> Pairs:
    """Pairs of one kind, true as often as slope and offset (bits) say."""
    random = np.random.default_rng(1)
    weights = random.uniform(-8, 20, 20_000)
    is_true = random.uniform(size=20_000) < 1 / (1 + 2.0 ** -(offset + slope * weights))
    every = np.ones(20_000, dtype=bool)
    return Pairs("drawn", np.full(20_000, "kind"), weights, is_true, every, ~every)


def test_slope_and_offset_are_those_by_which_pairs_were_drawn() -> None:
    """Prevents a calibration in other units than bits, or one that its prior decides."""
    slope, offset = fit_calibrations([drawn(0.3, -2.0)])["kind"]
    assert slope == pytest.approx(0.3, abs=0.02)
    assert offset == pytest.approx(-2.0, abs=0.1)


def test_a_kind_of_few_pairs_is_no_surer_than_they_are() -> None:
    """Prevents five true pairs from being taken for certainty at any weight."""
    whole = drawn(1.0, 8.0)
    few = Pairs(
        "few", *(getattr(whole, name)[:5] for name in
        ("kinds", "weights", "is_true", "is_shown", "is_planted"))
    )  # fmt: skip
    assert few.is_true.sum() >= 4
    slope, offset = fit_calibrations([few])["kind"]
    assert slope < 0.7
    assert offset < 5


def test_the_kinds_and_probabilities_are_those_of_a_load(nation: Pairs) -> None:
    """Prevents calibrations from being fitted on other kinds than they are used for."""
    pinned = {each.name: (each.slope, each.offset) for each in load_model().calibrations}
    assert UNKNOWN not in nation.kinds
    assert set(nation.kinds) <= pinned.keys()
    assert nation.is_shown.any()
    assert not nation.is_shown.all()
    shown = probabilities(nation, pinned)
    assert shown[nation.is_shown].mean() == pytest.approx(nation.is_true[nation.is_shown].mean(),
                                                          abs=0.03)  # fmt: skip


def test_the_pinned_probabilities_are_calibrated_where_the_sum_of_weights_is_not(
    nation: Pairs,
) -> None:
    """Prevents a probability of 0.97 for pairs of which three in four are true."""
    pinned = {each.name: (each.slope, each.offset) for each in load_model().calibrations}
    as_weighed = dict.fromkeys(pinned, (1.0, 0.0))
    calibrated, weighed = (
        measure_calibration_errors(nation, probabilities(nation, each), nation.is_shown)[0]
        for each in (pinned, as_weighed)
    )
    assert calibrated is not None
    assert weighed is not None
    assert calibrated <= 0.03 < weighed
