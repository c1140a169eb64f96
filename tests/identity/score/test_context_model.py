"""The context model: what other records add to the weight of a doubtful pair."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from register.identity.cluster import CAPS, FEATURES
from register.identity.score import NO_CAP, ContextModel, Term, load_model

SUPPORT = Term(feature="support", reason="a third record", knots=[0, 10], bits=[1, 3], missing=-2)
HOME = Term(feature="weight_at_home", reason="sum", knots=[0, 20], bits=[0, 10])
ELSEWHERE = Term(feature="weight_elsewhere", reason="sum", knots=[0, 20], bits=[0, 10], missing=-1)
MODEL = ContextModel(base=-4, of_caps={"no_forename": 1.5}, terms=[HOME, ELSEWHERE, SUPPORT])


@pytest.mark.parametrize(
    ("value", "bits"), [(-5, 1), (0, 1), (5, 2), (10, 3), (40, 3), (np.nan, -2)]
)
def test_a_term_is_linear_between_its_knots_and_constant_beyond(value: float, bits: float) -> None:
    """Prevents a value outside the knots from adding more than any pair that was learned from."""
    assert SUPPORT.compute_bits(np.array([value])) == pytest.approx([bits])


def test_what_context_adds_is_listed_and_adds_up() -> None:
    """Prevents an explanation that leaves out a part of the weight."""
    features = {
        "weight": np.array([20.0, 4.0]),
        "weight_at_home": np.array([20.0, np.nan]),
        "weight_elsewhere": np.array([np.nan, 4.0]),
        "support": np.array([5.0, np.nan]),
    }
    added = MODEL.compute_contributions(features, np.array(["no_forename", NO_CAP]))
    assert list(added) == ["discount", "cap", "support"]
    # Base -4, and 10 - 1 for 20 bits at home; and base -4, and 2 for 4 bits elsewhere.
    assert added["discount"] == pytest.approx([-4 + 10 - 1 - 20, -4 + 2 - 4])
    assert added["cap"] == pytest.approx([1.5, 0])
    assert added["support"] == pytest.approx([2, -2])
    no_pair = {name: each[:0] for name, each in features.items()}
    none = MODEL.compute_contributions(no_pair, np.array([], np.str_))
    assert all(len(each) == 0 for each in none.values())


@pytest.mark.parametrize(("knots", "bits"), [([0, 0], [1, 2]), ([1, 0], [1, 2]), ([0, 1], [1])])
def test_knots_that_do_not_rise_are_refused(knots: list[float], bits: list[float]) -> None:
    """Prevents an edited model whose terms have no meaning."""
    with pytest.raises(ValueError, match="knots must rise"):
        Term(feature="support", reason="edited", knots=knots, bits=bits)


def test_the_pinned_context_knows_every_cap_and_every_feature() -> None:
    """Prevents a new cap or feature that has no weight, or a weight that nothing uses."""
    model = load_model()
    assert model.context is not None
    caps = {cap.name for cap in model.caps} | set(CAPS) | {NO_CAP}
    assert set(model.context.of_caps) == caps
    assert {term.feature for term in model.context.terms} == set(FEATURES)


def test_more_evidence_for_a_pair_never_takes_from_its_weight() -> None:
    """Prevents a learned term by which a pair becomes less likely the more speaks for it."""
    model = load_model()
    assert model.context is not None
    falling = {"other_names", "contradiction"}
    for term in model.context.terms:
        steps = [later - before for before, later in pairwise(term.bits)]
        sign = -1 if term.feature in falling else 1
        assert all(sign * step >= 0 for step in steps), term.feature
