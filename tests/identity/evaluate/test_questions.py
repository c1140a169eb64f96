"""Questions of the review list: one for two children, however many of their pairs are listed."""

from __future__ import annotations

from register.identity.evaluate.questions import build_questions, find_subjects

CHILD_OF = {"a1": "a1", "a2": "a1", "b1": "b1", "b2": "b1", "c1": "c1"}


def test_two_children_are_one_question_with_all_their_pairs() -> None:
    """Prevents a list of three pairs of two children from counting as three decisions."""
    probabilities = {("a1", "b1"): 0.3, ("a2", "b2"): 0.6, ("b1", "c1"): 0.5}
    first, second = build_questions(sorted(probabilities), CHILD_OF, probabilities)
    assert (first.subjects, first.probability) == (("a1", "b1"), 0.6)
    assert first.pairs == (("a1", "b1"), ("a2", "b2"))
    assert second.subjects == ("b1", "c1")


def test_a_doubt_within_a_child_is_a_question_of_its_own() -> None:
    """Prevents two doubts within one child from being answered by one decision."""
    questions = build_questions([("a1", "a2"), ("b1", "b2")], CHILD_OF, {})
    assert [each.subjects for each in questions] == [("a1", "a2"), ("b1", "b2")]
    assert {each.probability for each in questions} == {1.0}


def test_subjects_are_the_same_in_either_order() -> None:
    """Prevents one question from being asked twice, once from each side."""
    assert find_subjects(("b1", "a2"), CHILD_OF) == find_subjects(("a1", "b2"), CHILD_OF)
    assert find_subjects(("a1", "a2"), CHILD_OF) == ("a1", "a2")
