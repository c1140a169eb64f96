"""Scores follow from two records and the model alone, and bands follow from scores and caps."""

from __future__ import annotations

import random
from math import log2
from typing import Any

import pytest

from register.identity.clean import shape_persons
from register.identity.score import score_pairs, score_persons, scoring
from tests.identity.linkage_people import (
    collected,
    person,
    population,
    small_model,
    small_population,
)
from tests.identity.people import mention, mention_table


def pair(left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    """Score two records and return the one row."""
    persons = shape_persons(collected(left, right))
    rows = score_persons(persons, small_model()[0], least_weight=-200).pairs.to_pylist()
    assert len(rows) == 1
    return rows[0]


def test_the_order_of_records_changes_nothing() -> None:
    """Prevents the same deliveries from giving other children on another day."""
    persons, _ = small_population()
    table, _ = population(1200)
    order = list(range(table.num_rows))
    random.Random(3).shuffle(order)
    model = small_model()[0]
    shuffled = score_persons(shape_persons(table.take(order)), model).pairs
    assert shuffled.equals(score_persons(persons, model).pairs)


def test_the_number_of_pairs_at_once_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents a memory limit from changing scores."""
    persons, _ = small_population()
    whole = score_persons(persons, small_model()[0])
    monkeypatch.setattr(scoring, "PAIRS_AT_ONCE", 300)
    assert whole.candidate_pair_count > 900
    assert score_persons(persons, small_model()[0]).pairs.equals(whole.pairs)


def test_weights_of_comparisons_add_up_to_the_match_weight() -> None:
    """Prevents a match weight that its comparisons and the prior do not add up to."""
    model = small_model()[0]
    prior = model.probability_two_random_records_match
    for row in score_persons(small_population()[0], model).pairs.to_pylist()[:50]:
        parts = sum(row[f"weight_{name}"] for name in model.comparison_names)
        assert row["match_weight"] == pytest.approx(parts + log2(prior / (1 - prior)))


def test_a_rare_name_weighs_more_than_a_common_one() -> None:
    """Prevents the name Mohammed from weighing as much as the name Ptolemy."""
    common = pair(person("a", "mohammed|harlow"), person("b", "mohammed|harlow"))
    rare = pair(person("a", "ptolemy|harlow"), person("b", "ptolemy|harlow"))
    assert rare["weight_forename"] > common["weight_forename"] > 0


def test_what_is_not_known_weighs_nothing() -> None:
    """Prevents a missing field from counting for or against a pair."""
    row = pair(
        person("a", sex=None), person("b", sex="male", postcodes=["S11AA"], districts=["S1"])
    )
    assert (row["weight_sex"], row["weight_postcode"], row["weight_identifier"]) == (0, 0, 0)


def test_twins_go_to_review_however_well_they_agree() -> None:
    """Prevents two children of one birth from becoming one."""
    shared = {"postcodes": ["S11AA"], "districts": ["S1"], "sex": "male"}
    row = pair(person("a", "jayden|harlow", **shared), person("b", "oscar|harlow", **shared))
    assert row["capped_by"] == "unlike_forenames"


def test_an_identifier_is_evidence_and_a_different_one_is_counter_evidence() -> None:
    """Prevents a mistyped number from linking strangers, and different ones from not counting."""
    nhs, other = ["nhs|9434765919"], ["nhs|4010232137"]
    same = pair(person("a", identifiers=nhs), person("b", identifiers=nhs))
    unlike = pair(person("a", identifiers=nhs), person("b", identifiers=other))
    strangers = pair(
        person("a", identifiers=nhs),
        person("b", "zoe|bright", born=["20081103"], identifiers=nhs),
    )
    assert same["weight_identifier"] == pytest.approx(14)
    assert unlike["weight_identifier"] == pytest.approx(-7)
    link = small_model()[0].thresholds.link
    assert same["match_weight"] >= link
    assert strangers["capped_by"] or strangers["match_weight"] < link


def test_mentions_are_scored_with_their_own_keys_in_order() -> None:
    """Prevents links that clustering cannot read."""
    mentions = mention_table(
        mention("b", "Aisha|Harlow", postcodes=["S1 1AA"]),
        mention("a", "Aisha|Harlow", source="authority", postcodes=["S1 1AA"]),
    )
    scored = score_pairs(mentions, small_model()[0])
    row = scored.to_pylist()[0]
    assert (row["left_mention_key"], row["right_mention_key"]) == ("a", "b")
    assert score_pairs(mentions, small_model()[0], scope="within").num_rows == 0


def test_links_of_a_clean_population_are_right() -> None:
    """Prevents a change of comparisons that is good for each part and bad for the whole."""
    persons, truth = small_population()
    pairs = score_persons(persons, small_model()[0]).pairs.to_pylist()
    linked = {
        (row["left_key"], row["right_key"])
        for row in pairs
        if row["match_weight"] >= small_model()[0].thresholds.link and row["capped_by"] is None
    }
    assert len(linked & truth) / len(linked) > 0.995
    assert len(linked & truth) / len(truth) > 0.93


def test_pairs_are_kept_that_another_prior_may_bring_into_review() -> None:
    """Prevents a small register, where matches are less rare, from missing pairs for review."""
    model = small_model()[0]
    weights = score_persons(small_population()[0], model).pairs["match_weight"].to_pylist()
    assert min(weights) < model.thresholds.review
    assert min(weights) >= model.thresholds.review - scoring.MOST_PRIOR_SHIFT


def test_nothing_to_compare_gives_no_pairs() -> None:
    """Prevents a first delivery of one person from failing the load."""
    empty = score_persons(shape_persons(collected(person("a"))), small_model()[0])
    assert (empty.pairs.num_rows, empty.candidate_pair_count) == (0, 0)
    none = score_persons(shape_persons(collected()), small_model()[0])
    assert none.pairs.num_rows == 0
