"""Links: method, evidence and threshold of a scored pair, and the weights behind it."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import cache

import pytest

from register.identity.score import (
    LINK_SCHEMA,
    PRIOR,
    WEIGHT_SCHEMA,
    ModelError,
    apply_threshold,
    calibrated_probability,
    list_weights,
    load_model,
    score_pairs,
)
from register.identity.score.links import estimate_load_prior
from register.identity.score.model import prior_weight
from tests.identity.people import BORN, NHS, OTHER_NHS, Case, links_of, mention, mention_table
from tests.review.cases import mentions_table


def links_by_pair(case):
    """The links of a case, by their pair."""
    table = case.links()
    assert table.schema == LINK_SCHEMA
    return {(row["left_mention_key"], row["right_mention_key"]): row for row in table.to_pylist()}


SPELT_OTHERWISE = Case(
    mention("p1", "AMELIA ROSE|SMITH-JONES"),
    mention("a1", "Amelia Rose|Smith Jones", source="authority"),
)


def test_the_same_name_and_date_of_birth_link_whatever_the_spelling():
    """Prevents a capital, a hyphen or a middle name from making two children of one."""
    link = links_by_pair(SPELT_OTHERWISE)["a1", "p1"]
    assert link["link_method"] == "exact_name_and_birth_date"
    assert link["band"] == "link"
    assert link["is_exact"]


ALIAS = Case(
    mention("p1", "Jamie|Flint", "Jackie|Flynn"), mention("a1", "Jackie|Flynn", source="authority")
)


def test_an_alias_of_one_source_is_a_name_to_the_other():
    """Prevents a child recorded by police under a street name from never being found."""
    link = links_by_pair(ALIAS)["a1", "p1"]
    assert link["band"] == "link"
    assert "forename=another_forename" in link["evidence"]


SWAPPED = Case(mention("p1", "Flynn|Jackie"), mention("p2", "Jackie|Flynn"))


def test_swapped_names_link_under_a_method_of_their_own():
    """Prevents forename and surname typed into each other's boxes from losing the child."""
    link = links_by_pair(SWAPPED)["p1", "p2"]
    assert link["link_method"] == "swapped_name_and_birth_date"
    assert not link["is_exact"]


WITHOUT_A_DATE = Case(mention("p1", "Jack|Smith", born=[]), mention("p2", "Jack|Smith", born=[]))


def test_a_name_without_a_date_of_birth_is_evidence_only():
    """Prevents namesakes of unknown age from becoming one child."""
    link = links_by_pair(WITHOUT_A_DATE)
    assert {row["band"] for row in link.values()} <= {"review"}
    assert {row["link_method"] for row in link.values()} <= {"evidence_only"}


PLACEHOLDERS = Case(mention("p1", "Unknown|Unknown"), mention("p2", "Unknown|Unknown"))


def test_placeholders_do_not_link():
    """Prevents all unknown children of one day from becoming one child."""
    assert {row["band"] for row in links_by_pair(PLACEHOLDERS).values()} <= {"review"}


OF_ONE_NUMBER = Case(
    mention("a1", "Jackie|Flynn", source="authority", identifiers=[NHS]),
    mention("a2", "Jackie|Stone", source="authority", issuer="374", identifiers=[NHS]),
)


def test_a_shared_nhs_number_links_names_that_differ():
    """Prevents a child whose name changed from being counted twice."""
    link = links_by_pair(OF_ONE_NUMBER)["a1", "a2"]
    assert link["link_method"] == "shared_nhs_number"
    assert link["evidence"].startswith("identifier=shared_nhs_number")


REFERENCE = ["police|NOM/0012326"]
REFERENCE_COPIED = Case(
    mention("p1", "Jackie|Flynn", identifiers=REFERENCE),
    mention("a1", "Jackie|Flyn", source="authority", identifiers=REFERENCE, born=[]),
)


def test_a_police_reference_typed_into_a_case_file_links_the_two_records():
    """Prevents a police reference that a social worker copied from being ignored."""
    assert links_by_pair(REFERENCE_COPIED)["a1", "p1"]["link_method"] == "shared_police_reference"


ONE_OF_ANOTHER_NUMBER = Case(
    mention("p1", "Jackie|Flynn", identifiers=[NHS]),
    mention("p2", "Jackie|Flynn", identifiers=[NHS]),
    mention("p3", "Jackie|Flynn", identifiers=[OTHER_NHS]),
)


def test_identifiers_that_differ_weigh_against_a_pair():
    """Prevents namesakes from being joined although their numbers differ."""
    link = links_by_pair(ONE_OF_ANOTHER_NUMBER)
    assert link["p1", "p2"]["match_weight"] > link["p1", "p3"]["match_weight"]


UNLIKE_TWINS = Case(
    mention("p1", "Aaron|Flynn", postcodes=["S1 1AA"]),
    mention("p2", "Mehmet|Flynn", postcodes=["S1 1AA"]),
)


def test_a_capped_pair_links_at_no_threshold():
    """Prevents twins from being linked at the loose threshold."""
    link = links_by_pair(UNLIKE_TWINS)["p1", "p2"]
    assert link["capped_by"] == "unlike_forenames"
    assert (link["is_strict"], link["band"], link["is_loose"]) == (False, "review", False)


LIKE_AND_LESS_LIKE = Case(
    mention("p1", "Jackie|Flynn", postcodes=["S1 1AA"]),
    mention("p2", "Jackie|Flynn", postcodes=["S1 1AA"]),
    mention("p3", "Jacky|Flyn", born=[date(2010, 5, 15)], postcodes=["S1 9ZZ"]),
)


def test_strict_and_loose_move_the_threshold_and_nothing_else():
    """Prevents the sensitivity analyses from using another set of pairs."""
    table = LIKE_AND_LESS_LIKE.links()
    bands = {name: apply_threshold(table, name)["band"].to_pylist() for name in ("strict", "loose")}
    counts = [bands["strict"].count("link"), table["band"].to_pylist().count("link")]
    assert counts == sorted(counts)
    assert bands["loose"].count("link") >= counts[-1]
    assert apply_threshold(table, "central").equals(table)
    with pytest.raises(ValueError, match="strict, central or loose"):
        apply_threshold(table, "middling")


OF_A_DEFAULT_DATE, OF_A_REAL_DATE = (
    Case(mention("p1", "Ali|Ahmadi", born=born), mention("p2", "Ali|Ahmadi", born=born))
    for born in ([date(2010, 1, 1)], [BORN])
)


def test_a_default_date_of_birth_is_the_same_date_but_weighs_less():
    """Prevents namesakes with an assessed age, and so 1 January, from becoming one child."""
    default, real = links_by_pair(OF_A_DEFAULT_DATE), links_by_pair(OF_A_REAL_DATE)
    assert default["p1", "p2"]["match_weight"] < real["p1", "p2"]["match_weight"]


OF_ONE_CHILD = Case(*[mention(f"p{i}", "Jackie|Flynn", identifiers=[NHS]) for i in range(4)])


def test_the_same_mentions_in_another_order_give_the_same_links():
    """Prevents links from depending on the order in which files arrived."""
    turned = mention_table(*reversed(OF_ONE_CHILD.rows))
    assert OF_ONE_CHILD.links().equals(links_of(turned))


def test_a_case_of_many_has_the_links_that_it_has_alone():
    """Prevents cases that are scored in one run from having other links than a load gives."""
    for case in (ONE_OF_ANOTHER_NUMBER, LIKE_AND_LESS_LIKE):
        assert case.links().equals(links_of(case.mentions))


@cache
def score_small_set():
    """The scores of the mentions of a small home."""
    return score_pairs(mentions_table(), load_model())


def test_the_weights_of_a_pair_add_up_to_its_match_weight() -> None:
    """Prevents an explanation with a missing weight or an unknown level."""
    model = load_model()
    listed = list_weights(score_small_set(), model)
    assert listed.schema == WEIGHT_SCHEMA
    rows = defaultdict(list)
    for row in listed.to_pylist():
        rows[row["left_mention_key"], row["right_mention_key"]].append(row)
    assert len(rows) == score_small_set().num_rows > 2
    for pair in score_small_set().to_pylist():
        weighed = rows[pair["left_mention_key"], pair["right_mention_key"]]
        assert sum(row["weight"] for row in weighed) == pytest.approx(pair["match_weight"])
        assert [row["comparison_code"] for row in weighed] == [PRIOR, *model.comparison_names]
        for row in weighed[1:]:
            gamma = pair[f"gamma_{row['comparison_code']}"]
            assert row["level_code"] == model.level_labels(row["comparison_code"])[gamma]


def test_the_prior_is_that_of_the_mentions_that_are_linked() -> None:
    """Prevents weights of a register of one size from being judged by the chance of another."""
    model = load_model()
    few, many = (estimate_load_prior(score_small_set(), count, model) for count in (2_000, 200_000))
    assert few.probability > many.probability
    assert few.shift > many.shift
    assert few.shift == pytest.approx(prior_weight(few.probability) - model.prior_weight)
    assert estimate_load_prior(score_small_set(), 2, model).shift < 1, (
        "a handful of records sets no prior"
    )
    assert estimate_load_prior(score_small_set().slice(0, 0), 0, model).shift == 0


def probability_of(weight: float) -> float:
    """The probability of odds in bits."""
    return 1 / (1 + 2**-weight)


def pair_at(one: list[str], other: list[str], number: str = NHS) -> Case:
    """Two records of one name and date of birth, at these addresses and with these numbers."""
    return Case(
        mention("m1", "Oswin|Harlow", postcodes=one, identifiers=[NHS]),
        mention("m2", "Oswin|Harlow", postcodes=other, identifiers=[number], source="authority"),
    )


@pytest.mark.parametrize(
    ("kind", "case"),
    [
        ("identifier_in_common", pair_at(["S1 1AA"], ["S1 1AA"])),
        ("address_in_common", pair_at(["S1 1AA"], ["S1 1AA"], "home_office|A1234567")),
        ("address_in_passing", pair_at(["S1 1AA"], ["S1 9ZZ"], "home_office|A1234567")),
        ("address_not_known", pair_at(["S1 1AA"], [], "home_office|A1234567")),
        ("no_address_in_common", pair_at(["S1 1AA"], ["M1 1AE"], "home_office|A1234567")),
    ],
)
def test_a_probability_under_no_cap_is_that_of_what_the_pair_shares(kind: str, case: Case) -> None:
    """Prevents a name and a date of birth in another city from being as sure as at one address."""
    (calibration,) = (each for each in load_model().calibrations if each.name == kind)
    (row,) = case.links().to_pylist()
    assert row["capped_by"] is None
    expected = calibration.log_odds(row["match_weight"])
    assert row["match_probability"] == pytest.approx(probability_of(expected))


def test_every_kind_of_link_has_a_calibration() -> None:
    """Prevents a new address level, whose links have the odds of a sum of weights."""
    model = load_model()
    covered = [
        label
        for each in model.calibrations
        if set(each.when) == {"postcode"}
        for label in each.when["postcode"]
    ]
    assert sorted(covered) == sorted(model.level_labels("postcode").values())


def test_a_method_has_the_probability_of_its_calibration() -> None:
    """Prevents the probability of collective evidence from being another one than the model's."""
    model, method = load_model(), "one_looked_after_child"
    known = next(each for each in model.calibrations if each.name == method)
    link = calibrated_probability(10.0, method, model)
    assert link == pytest.approx(probability_of(known.offset + 10 * known.slope))
    assert calibrated_probability(1e6, method, model) == 1
    with pytest.raises(ModelError, match="unheard"):
        calibrated_probability(10.0, "unheard", model)
