"""Doubtful pairs: weighed anew with what other records say."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import pyarrow as pa
import pytest

from register.identity.cluster import (
    CapSamples,
    find_weakly_connected_pairs,
    promote_links,
    weigh_doubtful_pairs,
)
from register.identity.score import LINK_SCHEMA, list_weights, score_pairs
from tests.identity.people import Case, care_table, mention, mention_table, pinned_model

FIRST_HOME, OTHER_HOME = ["SE1 7AB"], ["LS2 8CD"]
PAIR = [
    mention("m1", "Oswin|Harlow", postcodes=FIRST_HOME),
    mention("m2", "Oswin|Harlow", born=[date(2011, 5, 14)], postcodes=OTHER_HOME),
]
# A third record with both dates of birth and both addresses.
BETWEEN = mention(
    "m3", "Oswin|Harlow", source="authority", born=[date(2010, 5, 14), date(2011, 5, 14)],
    postcodes=[*FIRST_HOME, *OTHER_HOME],
)  # fmt: skip
ALONE, WITH_A_THIRD = Case(*PAIR), Case(*PAIR, BETWEEN)


def weigh(case: Case) -> dict[tuple[str, str], dict[str, object]]:
    """The links of a case with their context, by pair."""
    links = promote_links(case.mentions, case.links(), care_table())
    table = weigh_doubtful_pairs(case.mentions, links)
    assert table.schema == LINK_SCHEMA
    return {(row["left_mention_key"], row["right_mention_key"]): row for row in table.to_pylist()}


def test_a_third_record_speaks_for_a_pair() -> None:
    """Prevents a pair with two addresses from being weighed as if no record had both."""
    alone, supported = weigh(ALONE)["m1", "m2"], weigh(WITH_A_THIRD)["m1", "m2"]
    assert supported["match_weight"] > alone["match_weight"]
    assert supported["match_probability"] > alone["match_probability"]
    assert {each["code"]: each["level"] for each in alone["context"]}["support"] == "not_known"
    assert {each["code"]: each["level"] for each in supported["context"]}["support"] != "not_known"


def test_the_probability_of_a_doubtful_pair_is_that_of_its_weight() -> None:
    """Prevents a weight and a probability that tell a reviewer two things."""
    row = weigh(ALONE)["m1", "m2"]
    assert row["match_probability"] == pytest.approx(1 / (1 + 2 ** -row["match_weight"]))


def test_a_link_keeps_its_weight_and_has_no_context() -> None:
    """Prevents a third record from undoing what two records show by themselves."""
    (before,) = (
        row["match_weight"]
        for row in WITH_A_THIRD.links().to_pylist()
        if (row["left_mention_key"], row["right_mention_key"]) == ("m1", "m3")
    )
    after = weigh(WITH_A_THIRD)["m1", "m3"]
    assert after["band"] == "link"
    assert after["context"] is None
    assert after["match_weight"] == before


def test_the_weights_of_a_doubtful_pair_add_up() -> None:
    """Prevents an explanation that leaves out what other records add."""
    mentions = mention_table(*PAIR, BETWEEN)
    links = weigh_doubtful_pairs(mentions, WITH_A_THIRD.links())
    listed = defaultdict(list)
    scored = score_pairs(mentions, pinned_model())
    for row in list_weights(scored, pinned_model(), links).to_pylist():
        listed[row["left_mention_key"], row["right_mention_key"]].append(row)
    doubtful = [row for row in links.to_pylist() if row["context"]]
    assert doubtful
    for row in doubtful:
        own = row["match_weight"] - sum(each["weight"] for each in row["context"])
        assert row["context"][0]["code"] == "discount"
        assert row["context"][0]["level"] == f"{own:.0f}", "the weight of the two alone"
    for row in links.to_pylist():
        weights = listed[row["left_mention_key"], row["right_mention_key"]]
        assert sum(each["weight"] for each in weights) == pytest.approx(row["match_weight"])
        places = [each["comparison_place"] for each in weights]
        assert places == list(range(len(weights)))


NO_SAMPLES = CapSamples()


def add_to_base(case: Case, bits: float, cap_samples: CapSamples = NO_SAMPLES) -> dict[str, object]:
    """The only pair of a case, as if doubtful pairs had so many bits more."""
    model = pinned_model()
    assert model.context is not None
    context = model.context.model_copy(update={"base": model.context.base + bits})
    links = promote_links(case.mentions, case.links(), care_table())
    changed = model.model_copy(update={"context": context})
    rows = weigh_doubtful_pairs(case.mentions, links, changed, cap_samples).to_pylist()
    return rows[0] if rows else {}


def reach(case: Case, weight: float, cap_samples: CapSamples = NO_SAMPLES) -> dict[str, object]:
    """The only pair of a case, with just this match weight."""
    bits = weight - add_to_base(case, 30)["match_weight"] + 30
    return add_to_base(case, bits, cap_samples)


TWIN_NAMES = Case(
    mention("m1", "Amelia|Harlow", postcodes=FIRST_HOME),
    mention("m2", "|Harlow", source="authority", postcodes=FIRST_HOME),
)
OTHER_NAMES = Case(
    mention("m1", "Amelia|Harlow", postcodes=FIRST_HOME),
    mention("m2", "Oswin|Harlow", source="authority", postcodes=FIRST_HOME),
)


@pytest.mark.parametrize(
    ("case", "weight", "band", "is_loose"),
    [
        (ALONE, 4.01, "link", True),
        (ALONE, 3.99, "review", True),
        (ALONE, -0.01, "review", False),
        (ALONE, -1.49, "review", False),
        (ALONE, -1.51, "unlikely", False),
        (ALONE, -3.99, "unlikely", False),
        (TWIN_NAMES, 8.01, "link", True),
        (TWIN_NAMES, 7.99, "review", True),
        (TWIN_NAMES, 4.01, "review", True),
        (TWIN_NAMES, 3.99, "review", False),
        (OTHER_NAMES, 30, "review", True),
    ],
)
def test_a_band_begins_at_its_threshold(
    case: Case, weight: float, band: str, is_loose: bool
) -> None:
    """Prevents a link below the threshold; twins need more, and two forenames a reviewer."""
    row = reach(case, weight)
    assert row["match_weight"] == pytest.approx(weight)
    assert (row["band"], row["is_loose"]) == (band, is_loose)
    assert not row["is_strict"]
    assert (row["link_method"] == "context") == (band == "link")


def test_without_a_context_model_a_pair_keeps_its_own_weight() -> None:
    """Prevents a model of person tables from listing every pair that was ever scored."""
    model = pinned_model().model_copy(update={"context": None})
    links = WITH_A_THIRD.links()
    rows = weigh_doubtful_pairs(WITH_A_THIRD.mentions, links, model).to_pylist()
    assert rows == [row for row in links.to_pylist() if row["match_weight"] >= -1.5]
    assert rows
    high = model.thresholds.model_copy(update={"review": 5.0, "link": 5.0, "strict": 8.0})
    stricter = model.model_copy(update={"thresholds": high})
    fewer = weigh_doubtful_pairs(WITH_A_THIRD.mentions, links, stricter)
    assert fewer.num_rows < len(rows)


def test_a_pair_below_the_keep_threshold_is_left_out() -> None:
    """Prevents every pair that was ever scored from being kept."""
    assert reach(ALONE, -4.01) == {}


@pytest.mark.parametrize(
    ("cap", "band"), [("looked_after_twice", "review"), ("common_name_and_birth_date", "link")]
)
def test_care_of_both_at_one_time_links_only_by_a_person(cap: str, band: str) -> None:
    """Prevents other records from joining two children of one authority."""
    (row,) = ALONE.links().to_pylist()
    links = pa.Table.from_pylist([row | {"capped_by": cap, "band": "review"}], schema=LINK_SCHEMA)
    model = pinned_model()
    enough = model.thresholds.model_copy(update={"link": -9.0, "strict": -9.0, "review": -9.0})
    model = model.model_copy(update={"thresholds": enough})
    (found,) = weigh_doubtful_pairs(ALONE.mentions, links, model).to_pylist()
    assert found["match_weight"] > enough.strict
    assert found["band"] == band


@pytest.mark.parametrize(("cap", "is_weak"), [("looked_after_twice", True), (None, False)])
def test_care_of_both_at_one_time_supports_no_chain(cap: str | None, is_weak: bool) -> None:
    """Prevents a third record from joining two children of one authority by weak links."""
    rows = [
        {"left_mention_key": left, "right_mention_key": right, "match_weight": 6.0,
         "capped_by": cap if (left, right) == ("m1", "m2") else None}
        for left, right in (("m1", "m2"), ("m1", "m3"), ("m2", "m3"))
    ]  # fmt: skip
    links = pa.Table.from_pylist(rows, schema=LINK_SCHEMA)
    weak = find_weakly_connected_pairs(WITH_A_THIRD.mentions, links.slice(1), links)
    expected = [{"left_mention_key": "m1", "right_mention_key": "m2"}] if is_weak else []
    assert weak.to_pylist() == expected
