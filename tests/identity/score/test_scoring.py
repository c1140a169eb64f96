"""Scores follow from two records and the model alone, and bands follow from scores and caps."""

from __future__ import annotations

import random
from functools import cache
from math import log2
from typing import Any

import pytest

from register.identity.clean import shape_persons
from register.identity.score import score_pairs, score_persons, scoring
from register.identity.score.scoring import Scores
from tests.identity.linkage_people import (
    collected,
    new_person,
    population,
    small_model,
    small_population,
)
from tests.identity.people import mention, mention_table

NHS, OTHER_NHS = ["nhs|9434765919"], ["nhs|4010232137"]
AT_HOME = {"postcodes": ["S11AA"], "districts": ["S1"], "sex": "male"}
# Two records under a name; each pair is a dataset, and pairs are scored within one.
PAIRS = {
    "common": (new_person("a", "mohammed|harlow"), new_person("b", "mohammed|harlow")),
    "rare": (new_person("a", "ptolemy|harlow"), new_person("b", "ptolemy|harlow")),
    "unknown": (
        new_person("a", sex=None),
        new_person("b", sex="male", postcodes=["S11AA"], districts=["S1"]),
    ),
    "twins": (
        new_person("a", "jayden|harlow", **AT_HOME), new_person("b", "oscar|harlow", **AT_HOME)
    ),
    "one number": (new_person("a", identifiers=NHS), new_person("b", identifiers=NHS)),
    "two numbers": (new_person("a", identifiers=NHS), new_person("b", identifiers=OTHER_NHS)),
    "strangers": (
        new_person("a", identifiers=NHS),
        new_person("b", "zoe|bright", born=["20081103"], identifiers=NHS),
    ),
}  # fmt: skip


@cache
def scored_pairs() -> dict[str, dict[str, Any]]:
    """The scores of the pairs above, all in one run."""
    rows = [
        row | {"person_key": f"{name}:{row['person_key']}", "dataset": name}
        for name, pair in PAIRS.items()
        for row in pair
    ]
    persons = shape_persons(collected(*rows))
    scores = score_persons(persons, small_model()[0], scope="within", min_weight=-200)
    assert scores.pairs.num_rows == len(PAIRS)
    return {row["left_key"].split(":")[0]: row for row in scores.pairs.to_pylist()}


@cache
def score_all() -> Scores:
    """The scores of the small population, scored once for all tests."""
    return score_persons(small_population()[0], small_model()[0])


def test_the_order_of_records_changes_nothing() -> None:
    """Prevents the same deliveries from giving other children on another day."""
    table, _ = population(1200)
    order = list(range(table.num_rows))
    random.Random(3).shuffle(order)
    shuffled = score_persons(shape_persons(table.take(order)), small_model()[0])
    assert shuffled.pairs.equals(score_all().pairs)


def test_the_number_of_pairs_at_once_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents a memory limit from changing scores."""
    assert score_all().candidate_pair_count > 900
    # Three parts: each is a query of its own.
    monkeypatch.setattr(scoring, "PAIRS_AT_ONCE", score_all().candidate_pair_count // 3 + 1)
    assert score_persons(small_population()[0], small_model()[0]).pairs.equals(score_all().pairs)


def test_weights_of_comparisons_add_up_to_the_match_weight() -> None:
    """Prevents a match weight that its comparisons and the prior do not add up to."""
    model = small_model()[0]
    prior = model.probability_two_random_records_match
    for row in score_all().pairs.to_pylist()[:50]:
        parts = sum(row[f"weight_{name}"] for name in model.comparison_names)
        assert row["match_weight"] == pytest.approx(parts + log2(prior / (1 - prior)))


def test_a_rare_name_weighs_more_than_a_common_one() -> None:
    """Prevents the name Mohammed from weighing as much as the name Ptolemy."""
    common, rare = (scored_pairs()[name] for name in ("common", "rare"))
    assert rare["weight_forename"] > common["weight_forename"] > 0


def test_what_is_not_known_weighs_nothing() -> None:
    """Prevents a missing field from counting for or against a pair."""
    row = scored_pairs()["unknown"]
    assert (row["weight_sex"], row["weight_postcode"], row["weight_identifier"]) == (0, 0, 0)


def test_twins_go_to_review_however_well_they_agree() -> None:
    """Prevents two children of one birth from becoming one."""
    assert scored_pairs()["twins"]["capped_by"] == "unlike_forenames"


def test_an_identifier_is_evidence_and_a_different_one_is_counter_evidence() -> None:
    """Prevents a mistyped number from linking strangers, and different ones from not counting."""
    same, unlike, strangers = (
        scored_pairs()[name] for name in ("one number", "two numbers", "strangers")
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
    _, truth = small_population()
    linked = {
        (row["left_key"], row["right_key"])
        for row in score_all().pairs.to_pylist()
        if row["match_weight"] >= small_model()[0].thresholds.link and row["capped_by"] is None
    }
    assert len(linked & truth) / len(linked) > 0.995
    assert len(linked & truth) / len(truth) > 0.93


def test_pairs_are_kept_that_another_prior_may_bring_into_review() -> None:
    """Prevents a small register, where matches are less rare, from missing pairs for review."""
    model = small_model()[0]
    weights = score_all().pairs["match_weight"].to_pylist()
    assert min(weights) < model.thresholds.keep
    assert min(weights) >= model.thresholds.keep - scoring.MAX_PRIOR_SHIFT


def test_nothing_to_compare_gives_no_pairs() -> None:
    """Prevents a first delivery of one person from failing the load."""
    empty = score_persons(shape_persons(collected(new_person("a"))), small_model()[0])
    assert (empty.pairs.num_rows, empty.candidate_pair_count) == (0, 0)
    none = score_persons(shape_persons(collected()), small_model()[0])
    assert none.pairs.num_rows == 0
