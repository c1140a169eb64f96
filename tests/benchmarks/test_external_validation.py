"""The validation nation goes the path of a load, and planted cases can be left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.external_validation import (
    Measured,
    labelled_nation,
    leave_out_strangers,
    measure_city,
    measure_nation,
)


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
    whole, natural, without_any = parts
    assert whole.evaluation.child_count > natural.evaluation.child_count
    assert natural.evaluation.child_count > without_any.evaluation.child_count
    assert whole.evaluation.mention_count == without_any.evaluation.mention_count
    assert set(whole.merges_by_class) - {"none"}
    assert "stranger" not in natural.merges_by_class
    assert set(without_any.merges_by_class) <= {"none"}
    assert sum(whole.merges_by_class.values()) >= whole.evaluation.false_merges.count


def test_strangers_at_natural_density_are_a_few_of_those_planted(tmp_path: Path) -> None:
    """Prevents a headline on strangers who meet more often than in life, or never."""
    labelled = labelled_nation(2000, 3, tmp_path)
    planted = {
        labelled.child_of[key]
        for key, name in labelled.groups["planted_class"].items()
        if name == "stranger"
    }
    for per_10000, count in ((0, 0), (5, 1), (10, 2)):
        natural = leave_out_strangers(labelled, per_10000)
        assert len(planted & set(natural.child_of.values())) == count
    assert len(planted) > 2


def test_a_port_city_is_measured_on_the_whole_path(tmp_path: Path) -> None:
    """Prevents a third maker whose records nobody links."""
    (measured,) = measure_city(700, 1, tmp_path)
    figures = measured.evaluation
    assert figures.child_count >= 700
    assert figures.in_children.precision > 0.9
    assert 0.5 < figures.in_children.recall < 1
    alone = {each.group for each in figures.groups if each.grouping == "is_unaccompanied"}
    assert len(alone) == 2
