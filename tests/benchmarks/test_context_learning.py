"""The context model is learned from labelled pairs, and held to a library and to another nation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm

from benchmarks.external_validation import labelled_nation
from benchmarks.linkage.learn_context import (
    SHAPES,
    Pairs,
    compute_probabilities,
    fit_calibrations,
    fit_context,
    read_pairs,
    regress,
)
from register.identity.evaluate import calibrate
from register.identity.score import NO_CAP, load_model

# A development seed from which nothing was learned. In a smaller nation, chance alone makes errors
# of some hundredths.
SEED, CHILDREN = 5, 6_000


@pytest.fixture(scope="module")
def nation(tmp_path_factory: pytest.TempPathFactory) -> Pairs:
    """The scored pairs of a small validation nation."""
    folder: Path = tmp_path_factory.mktemp("nation")
    return read_pairs("small", labelled_nation(CHILDREN, SEED, folder), load_model())


def draw(slope: float, offset: float, count: int = 20_000) -> Pairs:
    """Pairs whose odds (bits) are linear in the weight and in the support of a third record."""
    random = np.random.default_rng(1)
    features = {name: np.full(count, np.nan) for name in SHAPES}
    features["weight_elsewhere"] = random.uniform(0, 12, count)
    features["support"] = np.where(random.uniform(size=count) < 0.5, 18.0, 0.0)
    features["weight"] = features["weight_elsewhere"]
    bits = offset + slope * features["weight"] + features["support"] / 6
    is_true = random.uniform(size=count) < 1 / (1 + 2.0**-bits)
    doubtful = np.ones(count, dtype=bool)
    return Pairs(
        "drawn", features, np.full(count, NO_CAP), np.full(count, "kind"), doubtful, is_true
    )


def test_the_weights_are_those_by_which_pairs_were_drawn() -> None:
    """Prevents a context model in other units than bits, or one that its priors decide."""
    pairs = draw(0.5, -4.0)
    context = fit_context([pairs])
    found = compute_probabilities(pairs, context)
    expected = 1 / (
        1 + 2.0 ** -(-4 + 0.5 * pairs.features["weight"] + pairs.features["support"] / 6)
    )
    assert np.abs(found - expected).max() < 0.05
    terms = {term.feature: term for term in context.terms}
    assert terms["support"].bits[-1] - terms["support"].bits[0] == pytest.approx(3, abs=0.3)


def test_a_feature_that_speaks_the_wrong_way_counts_nothing() -> None:
    """Prevents a chance pattern by which support from a third record counts against a pair."""
    pairs = draw(0.5, -4.0)
    turned = pairs.features | {"support": 18 - pairs.features["support"]}
    context = fit_context([Pairs("turned", turned, *list(vars(pairs).values())[2:])])
    term = next(term for term in context.terms if term.feature == "support")
    assert max(term.bits) == min(term.bits)


def test_the_regression_is_that_of_a_library() -> None:
    """Prevents our penalised regression from another result than a library's without penalty."""
    random = np.random.default_rng(2)
    columns = np.column_stack([np.ones(3_000), random.normal(size=(3_000, 3))])
    is_true = random.uniform(size=3_000) < 1 / (1 + np.exp(-(columns @ [0.5, 1.0, -2.0, 0.0])))
    ours = regress(columns, is_true, [(None, None)] * 4, np.full(4, 1e6))
    library = sm.Logit(is_true.astype(float), columns).fit(disp=False).params
    assert ours == pytest.approx(library, abs=1e-3)


def test_a_kind_of_few_links_is_no_surer_than_they_are() -> None:
    """Prevents five true links from being taken for certainty at any weight."""
    drawn = draw(1.0, 8.0, count=5)
    few = Pairs("few", drawn.features, drawn.caps, drawn.kinds, ~drawn.is_doubtful, drawn.is_true)
    assert few.is_true.sum() >= 4
    slope, offset = fit_calibrations([few])["kind"]
    assert slope < 0.7
    assert offset < 5


def test_the_pinned_probabilities_are_calibrated_where_the_sum_of_weights_is_not(
    nation: Pairs,
) -> None:
    """Prevents a probability of 0.97 for pairs of which three in four are true."""
    context = load_model().context
    assert context is not None
    is_true = nation.is_true[nation.is_doubtful]
    weighed = 1 / (1 + 2.0 ** -nation.features["weight"][nation.is_doubtful])
    errors = [
        calibrate(each, is_true).mean_absolute_error
        for each in (compute_probabilities(nation, context), weighed)
    ]
    assert errors[0] is not None
    assert errors[1] is not None
    assert errors[0] <= 0.05 < errors[1]


def test_every_link_has_a_calibration(nation: Pairs) -> None:
    """Prevents a link whose probability is the sum of its weights."""
    pinned = {each.name for each in load_model().calibrations}
    assert set(nation.kinds[~nation.is_doubtful]) <= pinned
