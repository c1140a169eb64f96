"""The clerical sample is drawn by stratum, can be drawn again, and names no child."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.publishing import Generation
from register.review.clerical_sample import allocate, draw_sample, sampled_pair_ids
from register.review.pairs import CaseLists
from register.settings import Settings
from tests.review.cases import NAMES


def test_strata_get_the_same_until_one_is_exhausted() -> None:
    """Prevents the many plain pairs from crowding out the few doubtful ones."""
    assert allocate({"low": 3, "middle": 50, "high": 9_000}, 43) == {
        "low": 3,
        "middle": 20,
        "high": 20,
    }


@given(
    st.dictionaries(st.text(min_size=1, max_size=3), st.integers(0, 60), max_size=6),
    st.integers(0, 200),
)
def test_an_allocation_is_whole_and_never_more_than_there_is(
    counts: dict[str, int], size: int
) -> None:
    """Prevents a sample of another size than was asked for."""
    allotted = allocate(counts, size)
    assert sum(allotted.values()) == min(size, sum(counts.values()))
    assert all(0 <= allotted[name] <= counts[name] for name in counts)


@pytest.fixture
def scratch(published: tuple[Settings, Generation], tmp_path: Path) -> Settings:
    """Settings with a folder of decisions of their own."""
    return replace(published[0], home=tmp_path / "scratch")


def test_the_same_seed_draws_the_same_pairs(scratch: Settings, case_lists: CaseLists) -> None:
    """Prevents a sample that cannot be drawn again."""
    drawn = [draw_sample(scratch, case_lists, 3, seed) for seed in (5, 5, 6)]
    with (scratch.decisions / "clerical_sample.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 9
    firsts, seconds = ([row["review_pair_id"] for row in rows[at : at + 3]] for at in (0, 3))
    assert firsts == seconds
    assert sampled_pair_ids(scratch) == [row["review_pair_id"] for row in rows[6:]]
    for each in drawn[0].strata:
        assert each.sampling_weight == pytest.approx(each.pair_count / each.sampled_count)


def test_the_order_of_a_sample_is_drawn_too(scratch: Settings, case_lists: CaseLists) -> None:
    """Prevents reviewers from telling the weight of a pair by its place in the list."""
    orders = []
    for seed in range(1, 6):
        draw_sample(scratch, case_lists, 400, seed)
        orders.append(tuple(sampled_pair_ids(scratch)))
    assert {frozenset(order) for order in orders} == {frozenset(orders[0])}
    assert len(set(orders)) == 5


def test_the_file_holds_keys_and_strata_and_nothing_else(
    scratch: Settings, case_lists: CaseLists
) -> None:
    """Prevents names from lying in a file that is kept for ever."""
    draw_sample(scratch, case_lists, 400, 1)
    text = (scratch.decisions / "clerical_sample.csv").read_text(encoding="utf-8").lower()
    assert len(text.splitlines()) == 1 + len(case_lists.scored_pairs())
    assert not any(name in text for name in NAMES)
    assert "2010-02-03" not in text
