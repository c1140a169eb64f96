"""False merges by kind, and the file of their keys."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from register.identity.cluster import Linkage, link_mentions
from register.identity.evaluate import LabelledSet, measure_linkage, write_error_keys
from register.identity.evaluate.false_merges import FalseMerge, find_false_merges
from tests.identity.people import NHS, care_table, mention, mention_table

ONE_CHILD = {"born": [date(2011, 2, 2)], "identifiers": [NHS]}
CHILD_OF = {"a1": "A", "a2": "A", "b1": "B", "c1": "C", "c2": "C"}


@cache
def linked_set() -> tuple[Linkage, LabelledSet]:
    """Two children whom one number joins, and one child whose records have nothing in common."""
    mentions = mention_table(
        mention("a1", "perpetua|quill", **ONE_CHILD),
        mention("a2", "perpetua|quill", source="authority", postcodes=["M14 5RT"], **ONE_CHILD),
        mention("b1", "perpetua|quil", postcodes=["LS6 2AB"], **ONE_CHILD),
        mention("c1", "kezia|thornbury"),
        mention("c2", "oswin|bellweather", born=[date(2008, 1, 3)]),
    )
    labelled = LabelledSet(mentions, care_table(), CHILD_OF)
    return link_mentions(mentions, labelled.care), labelled


def merges_of(**facts: object) -> list[FalseMerge]:
    """Return the false merges of the set with other facts about its children."""
    linkage, labelled = linked_set()
    mixed = [frozenset({"a1", "a2", "b1"})]
    return find_false_merges(mixed, linkage, replace(labelled, **facts))


SIBLINGS = {"siblings": {"A": {"f1", "f2"}, "B": {"f2"}}}
HOME = {"one home or postcode": {"A": {"h"}, "B": {"h"}}}
PLACED = ("b1", "m14 5rt", date(2020, 1, 1), None)


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("strangers", {}),
        ("strangers", {"shared": {"siblings": {"A": {"f1"}, "B": {"f2"}, "C": {"f1"}}}}),
        ("twins", {"kin": {"twins": {("A", "B")}}, "shared": SIBLINGS}),
        ("before and after adoption", {"kin": {"before and after adoption": {("A", "B")}}}),
        ("siblings", {"shared": SIBLINGS | HOME}),
        ("one home or postcode", {"shared": HOME}),
        ("one home or postcode", {"care": care_table(PLACED)}),
    ],
)
def test_a_false_merge_is_of_the_closest_kind_that_fits(kind: str, facts: dict) -> None:
    """Prevents joined twins and joined strangers from being one figure."""
    merges = merges_of(**facts)
    assert [(each.kind, each.children) for each in merges] == [(kind, ("A", "B"))]


def test_a_false_merge_names_the_records_that_are_most_alike() -> None:
    """Prevents a merge of many records from being looked for in the wrong two."""
    linkage, _ = linked_set()
    names = ("left_mention_key", "right_mention_key", "match_probability")
    rows = zip(*(linkage.links[name].to_pylist() for name in names), strict=True)
    likely = {(left, right): each for left, right, each in rows if right == "b1"}
    assert len(likely) == 2
    assert merges_of()[0].mentions == max(likely, key=likely.__getitem__)


def test_kinds_add_up_to_the_pairs_that_are_merged() -> None:
    """Prevents a false merge that is in no row of the report."""
    evaluation = measure_linkage(*linked_set())
    assert evaluation.false_merges.count == 1
    counts = {kind: (each.count, each.of_count) for kind, each in evaluation.merged_pairs.items()}
    assert counts == {
        "twins": (0, 1), "before and after adoption": (0, 1), "siblings": (0, 1),
        "one home or postcode": (0, 1), "strangers": (1, 1),
    }  # fmt: skip


def test_the_keys_of_errors_are_written_for_their_owner_alone(tmp_path: Path) -> None:
    """Prevents keys that lead to children from being open to all accounts of a machine."""
    path = tmp_path / "private" / "keys.csv"
    write_error_keys(*linked_set(), path)
    assert path.stat().st_mode & 0o777 == 0o600
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [tuple(row.values()) for row in rows] == [
        ("strangers", *merges_of()[0].mentions, "A", "B"),
        ("missed pair", "c1", "c2", "C", "C"),
    ]
    assert measure_linkage(*linked_set()).missed.count == 1
