"""Causes in words: every cause has its sentence, and it names the records that it is about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from register.review.pairs import CaseLists, Pair
from register.review.wording import SENTENCES, compare_records, describe_cause, describe_outcome
from tests.review.cases import AUTHORITY_NAME, FORCE_NAME, mention_id, pair_id


def _undone_pair(case_lists: CaseLists, cause_code: str, **changes: Any) -> Pair:
    pair = case_lists.read_pair(pair_id("2", "4"))
    return replace(pair, cause_code=cause_code, cause_guard_code=None, **changes)


@pytest.mark.parametrize("cause_code", ["tie", "doubt", "weakest_edge", "decision"])
def test_every_cause_has_its_own_sentence_and_names_both_records(
    case_lists: CaseLists, cause_code: str
) -> None:
    """Prevents a reviewer from being told of a tie where there is a doubt."""
    cause = describe_cause(_undone_pair(case_lists, cause_code))
    assert cause is not None
    assert mention_id("1") in cause
    assert "the right record" in cause
    assert cause not in {
        describe_cause(_undone_pair(case_lists, other))
        for other in SENTENCES
        if other != cause_code
    }


def test_a_guard_is_named(case_lists: CaseLists) -> None:
    """Prevents a reviewer from having to guess which guard it is."""
    pair = case_lists.read_pair(pair_id("2", "4"))
    assert str(describe_cause(pair)).endswith("a rule forbids that: their identifiers conflict.")
    assert describe_outcome(pair) == (
        "kept apart by other records (a rule forbids it: their identifiers conflict)"
    )


def test_a_link_by_a_clerical_sample_says_so(case_lists: CaseLists) -> None:
    """Prevents a link under a cap that nothing explains, or that reads as held back."""
    capped = case_lists.read_pair(pair_id("1", "5"))
    held_back = "for review, held back by the cap “near date elsewhere”"
    assert describe_outcome(capped) == held_back
    linked = replace(capped, link_method="clerical_sample", outcome_code="joined")
    reason = "a link because a clerical sample supports the cap “near date elsewhere”"
    assert describe_outcome(linked) == f"linked as one child, {reason}"
    assert describe_outcome(replace(linked, outcome_code="guarded")) == f"guarded, {reason}"


def test_where_clustering_did_nothing_there_is_nothing_to_say(case_lists: CaseLists) -> None:
    """Prevents a sentence about clustering on a pair that it never held."""
    assert describe_cause(case_lists.read_pair(pair_id("1", "2"))) is None
    assert describe_cause(case_lists.read_pair(pair_id("1", "5"))) is None


def test_a_pair_that_a_person_confirmed_is_kept_in_doubt_no_more(case_lists: CaseLists) -> None:
    """Prevents a page that denies the evidence where a person has decided."""
    joined = case_lists.read_pair(pair_id("1", "3"))
    assert "no evidence that these two records are of one child" in str(describe_cause(joined))
    assert describe_outcome(joined) == "linked as one child (kept together on doubtful evidence)"
    assert describe_cause(replace(joined, decision="link")) is None


def test_a_supplier_is_called_by_its_name(case_lists: CaseLists) -> None:
    """Prevents a reviewer from having to look up which force or authority a code stands for."""
    left, right = (case_lists.read_mention(mention_id(digit)) for digit in ("1", "2"))
    rows = {row.title: row for row in compare_records(case_lists, left, right, [])}
    suppliers = rows["Force or authority"]
    assert (suppliers.left, suppliers.right) == ((FORCE_NAME,), (AUTHORITY_NAME,))
