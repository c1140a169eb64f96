"""Why two records are, or are not, one child: every kind of answer."""

from __future__ import annotations

import pytest

from register.identity.score import load_model
from register.review.evidence import ANSWERS, Explanation, explain_link
from register.review.pairs import CaseLists, ReviewError
from tests.review.cases import child_id, mention_id, pair_id, record_key


def _explained(case_lists: CaseLists, left: str, right: str | None = None) -> Explanation:
    return explain_link(case_lists, load_model(), left, right)


def test_one_child_by_a_chain_of_links(case_lists: CaseLists) -> None:
    """Prevents an answer that leaves out the record through which two others are one child."""
    explanation = _explained(case_lists, mention_id("1"), record_key("3"))
    assert (explanation.is_one_child, explanation.answer_code) == (True, "joined")
    assert [step.pair.review_pair_id for step in explanation.steps] == [
        pair_id("1", "2"),
        pair_id("2", "3"),
    ]
    for step in explanation.steps:
        total = sum(weight.weight for weight in step.weights)
        assert total == pytest.approx(step.pair.match_weight)
        assert step.weights[0].comparison_code == "prior"


def test_why_the_records_of_a_child_are_one(case_lists: CaseLists) -> None:
    """Prevents a child whose links cannot be undone one by one: two links for three records."""
    explanation = _explained(case_lists, child_id("1"))
    assert (explanation.answer_code, len(explanation.steps)) == ("joined", 2)
    assert _explained(case_lists, child_id("6")).answer_code == "alone"
    assert _explained(case_lists, child_id("1"), mention_id("1")).steps == explanation.steps


@pytest.mark.parametrize(
    ("left", "right", "answer_code"),
    [
        ("1", "4", "guarded"),
        ("2", "4", "kept_apart_by_cluster"),
        ("7", "8", "kept_apart_by_decision"),
        ("1", "5", "for_review"),
        ("3", "4", "below_threshold"),
        ("1", "6", "never_compared"),
    ],
)
def test_two_records_that_are_not_one_child(
    case_lists: CaseLists, left: str, right: str, answer_code: str
) -> None:
    """Prevents the same answer for a guard, a person, a cap, too little and no comparison."""
    explanation = _explained(case_lists, mention_id(left), mention_id(right))
    assert (explanation.is_one_child, explanation.answer_code) == (False, answer_code)
    assert explanation.answer_text.startswith(ANSWERS[answer_code])


def test_an_answer_holds_what_it_rests_on(case_lists: CaseLists) -> None:
    """Prevents an answer that has to be believed: the guard, the decision, the cap, the weights."""
    (guarded,) = (
        step
        for step in _explained(case_lists, record_key("1"), record_key("4")).steps
        if step.pair.guard_code
    )
    assert guarded.pair.guard_code == "conflicting_identifiers"
    (decided,) = _explained(case_lists, record_key("7"), record_key("8")).steps
    assert (decided.pair.decision, decided.pair.decided_by) == ("split", "R. Viewer")
    (capped,) = _explained(case_lists, record_key("1"), record_key("5")).steps
    assert capped.pair.capped_by == "near_date_elsewhere"
    below = _explained(case_lists, record_key("3"), record_key("4"))
    assert below.match_weight is not None
    assert below.match_weight < load_model().thresholds.review
    assert sum(each.weight for each in below.weights) == pytest.approx(below.match_weight)
    # Where clustering kept a pair apart, the guard that stood elsewhere is part of the answer.
    elsewhere = _explained(case_lists, record_key("2"), record_key("4")).steps
    assert {step.pair.guard_code for step in elsewhere} == {None, "conflicting_identifiers"}


def test_an_answer_says_what_clustering_had_to_do_with_it(case_lists: CaseLists) -> None:
    """Prevents one answer for a tie, a doubt, a guard and a weakest link."""
    undone = _explained(case_lists, mention_id("2"), mention_id("4"))
    assert undone.answer_text == (
        "They link, but clustering undid that. The link would join the right record and"
        f" {mention_id('1')}, and a rule forbids that: their identifiers conflict."
    )
    explanation = _explained(case_lists, mention_id("3"), mention_id("1"))
    assert explanation.answer_text == (
        "They are one child, by these links. There is no evidence that these two"
        " records are of one child. Strong links of other records keep them together."
    )
    assert _explained(case_lists, mention_id("1"), mention_id("2")).cause is None


@pytest.mark.parametrize("identifier", ["Zoe Sample", "", "P0123456789ABCDEF", mention_id("f")])
def test_an_id_that_is_none_is_refused_without_repeating_a_name(
    case_lists: CaseLists, identifier: str
) -> None:
    """Prevents a name that somebody typed from being answered, or echoed."""
    with pytest.raises(ReviewError) as refused:
        _explained(case_lists, identifier)
    assert "Zoe" not in str(refused.value)
