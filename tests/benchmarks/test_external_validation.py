"""The validation nation goes the path of a load, and planted cases can be left out."""

from __future__ import annotations

import pytest

from benchmarks.external_validation import Measured, measure_nation


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> list[Measured]:
    """A nation of a few hundred children, whole and in part."""
    return list(measure_nation(700, 1, tmp_path_factory.mktemp("nation")))


def test_a_validation_nation_is_measured_on_the_whole_path(parts: list[Measured]) -> None:
    """Prevents a nation that cannot be read, or one in which nothing is linked or missed."""
    found = parts[0].evaluation
    assert found.child_count == 700
    assert found.labelled_count == found.mention_count > 1000
    assert 0.9 < found.in_children.precision < 1
    assert 0.7 < found.in_children.recall < 1
    assert set(found.kin_joined) == {"twins", "before and after adoption"}
    groupings = {each.grouping for each in found.groups}
    assert {"group_code", "is_unaccompanied", "planted_class"} <= groupings


def test_planted_cases_are_linked_and_can_be_left_out_of_the_figures(
    parts: list[Measured],
) -> None:
    """Prevents planted cases from being told as the nation's own errors."""
    whole, without_strangers, without_any = parts
    assert whole.evaluation.child_count > without_strangers.evaluation.child_count
    assert without_strangers.evaluation.child_count > without_any.evaluation.child_count
    assert whole.evaluation.mention_count == without_any.evaluation.mention_count
    assert set(whole.merges_by_class) - {"none"}
    assert "stranger" not in without_strangers.merges_by_class
    assert set(without_any.merges_by_class) <= {"none"}
    assert sum(whole.merges_by_class.values()) >= whole.evaluation.false_merges.count
