"""Context features: what other records say about a pair, on pairs made by hand."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from register.identity.cluster.context_features import measure_features
from register.identity.score import LINK_SCHEMA
from tests.identity.people import mention, mention_table, pinned_model

# Records a to d; e is of another supplier. The names of a and b have two sounds in common.
MENTIONS = mention_table(
    mention("a", "Amina Sara|Harlow"),
    mention("b", "Amina|Harlow Cole"),
    mention("c", "Oswin|Flint"),
    mention("d", "Oswin|Flint"),
    mention("e", "Oswin|Flint", issuer="E23000099"),
    mention("f"),
)
WEIGHTS = {("a", "b"): 9.0, ("a", "c"): 5.0, ("b", "c"): 7.0, ("a", "d"): 12.0, ("d", "e"): 6.0}


def features_of(pair: tuple[str, str], capped_by: str | None = None) -> dict[str, float]:
    """The features of one pair."""
    rows = [
        {"left_mention_key": left, "right_mention_key": right, "match_weight": weight,
         "capped_by": capped_by, "evidence": "postcode=shares_postcode" if left == "a" else ""}
        for (left, right), weight in WEIGHTS.items()
    ]  # fmt: skip
    features = measure_features(
        MENTIONS, pa.Table.from_pylist(rows, schema=LINK_SCHEMA), pinned_model()
    )
    place = list(WEIGHTS).index(pair)
    return {name: float(values[place]) for name, values in features.items()}


def test_a_pair_leads_over_the_strongest_other_pair_of_its_records() -> None:
    """Prevents a pair from being judged without the likelier record beside it."""
    found = features_of(("a", "b"))
    assert found["lead"] == 9 - 12, "a is more like d"
    assert found["lead_at_one_end"] == 9 - 7, "b is next most like c"
    alone = features_of(("d", "e"))
    assert alone["lead"] == 6 - 12
    assert alone["lead_at_one_end"] == 6 + 20, "e is like nobody else"


def test_a_third_record_that_is_like_both_supports_a_pair() -> None:
    """Prevents support from counting more than the weaker of its two pairs."""
    assert features_of(("a", "b"))["support"] == 5
    assert np.isnan(features_of(("d", "e"))["support"])


def test_a_third_record_that_is_like_one_of_the_two_contradicts_a_pair() -> None:
    """Prevents a record of another child at one end from being overlooked."""
    assert features_of(("a", "b"))["contradiction"] == 12 + 12, "d is like a, and not scored with b"
    assert features_of(("b", "c"))["contradiction"] == 9 - 5, "a is like b, and less like c"


def test_names_in_common_are_counted_by_sound() -> None:
    """Prevents a name that only one record has from counting as one in common."""
    found = features_of(("a", "b"))
    assert (found["shared_names"], found["other_names"]) == (2, 1)


def test_suppliers_that_share_children_have_an_affinity() -> None:
    """Prevents a neighbouring force from counting no more than one at the other end of England."""
    same, other = features_of(("a", "b"))["affinity"], features_of(("d", "e"))["affinity"]
    # Five sure pairs: four within one supplier, which has nine of the ten ends, and one between.
    assert same == pytest.approx(np.log2(4.5 / (9 * 9 / 20 + 0.5)))
    assert other == pytest.approx(np.log2(1.5 / (9 * 1 / 10 + 0.5)))


def test_the_bits_that_a_cap_overstates_are_taken_off() -> None:
    """Prevents a twin, whose weight is far too high, from ruling out the child's own records."""
    overstated = next(each for each in pinned_model().caps if each.name == "unlike_forenames")
    plain, capped = (features_of(("a", "b"), cap) for cap in (None, "unlike_forenames"))
    assert overstated.overstated_by > 0
    assert capped["support"] == plain["support"] - overstated.overstated_by
    assert capped["weight"] == plain["weight"] == 9


def test_the_weight_is_told_apart_by_the_address() -> None:
    """Prevents a family's address from being weighed as two strangers' names are."""
    home, elsewhere = features_of(("a", "b")), features_of(("d", "e"))
    assert home["weight_at_home"] == 9
    assert np.isnan(home["weight_elsewhere"])
    assert elsewhere["weight_elsewhere"] == 6
    assert np.isnan(elsewhere["weight_at_home"])
