"""A labelled set goes the whole path of a load, and its errors are counted."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from defusedxml import ElementTree

from register.identity.cluster import link_mentions
from register.identity.evaluate import (
    LabelledSet,
    PathEvaluation,
    evaluate_set,
    review_list,
    write_report,
)
from register.identity.score import load_model
from tests.identity.people import NHS, OTHER_NHS, care_table, mention, mention_table

HOME = ["S11 8AA"]
BORN_LATER = [date(2012, 9, 3)]


@cache
def small_set() -> LabelledSet:
    """Seven children in ten mentions: one told twice, twins at home, strangers of one number."""
    mentions = mention_table(
        mention("a1", "kezia|thornbury", postcodes=HOME, identifiers=[NHS]),
        mention("a2", "kezia|thornbury", source="authority", postcodes=HOME, identifiers=[NHS]),
        mention("b1", "oswin|bellweather", postcodes=["LS6 2AB"]),
        mention("b2", "ottilie|bellweather", postcodes=["LS6 2AB"]),
        # One child whose forename the police did not know.
        mention("c1", "|vanterpool", postcodes=["M14 5RT"], born=BORN_LATER),
        mention("c2", "idris|vanterpool", source="authority", postcodes=["M14 5RT"],
                born=BORN_LATER),
        # Two children under one number: a mistake of a source that nothing can see.
        mention("d1", "perpetua|quill", identifiers=[OTHER_NHS], born=[date(2011, 2, 2)]),
        mention("d2", "perpetua|quill", source="authority", identifiers=[OTHER_NHS],
                born=[date(2011, 2, 2)]),
        mention("e1", "lazarus|finch", born=[date(2009, 7, 7)]),
        mention("u1", "lazarus|finch", born=[date(2009, 7, 7)], source="authority"),
    )  # fmt: skip
    child_of = {"a1": "A", "a2": "A", "b1": "B", "b2": "C", "c1": "D", "c2": "D", "d1": "E",
                "d2": "F", "e1": "G"}  # fmt: skip
    groups = {"district": {"a1": "S", "a2": "S", "c1": "M", "c2": "M", "d1": "S"}}
    return LabelledSet(
        mentions, care_table(), child_of, groups, {"twins": {("B", "C"), ("E", "F")}}
    )


@cache
def evaluated() -> PathEvaluation:
    """The small set at production's operating point."""
    return evaluate_set(small_set())


def test_the_errors_of_the_whole_path_are_counted() -> None:
    """Prevents precision and recall of anything but the children that a load would make."""
    evaluation = evaluated()
    assert (evaluation.mention_count, evaluation.labelled_count, evaluation.child_count) == (
        10,
        9,
        7,
    )
    within = evaluation.in_children
    assert (within.true_count, within.false_count, within.missed_count) == (1, 1, 1)
    assert within.recall == 0.5
    assert within.recall_interval is not None
    assert within.f1_interval is not None


def test_a_child_made_of_two_is_a_false_merge() -> None:
    """Prevents the worst error of the register from being lost among right pairs."""
    merges = evaluated().false_merges
    assert (merges.count, merges.of_count) == (1, 7)
    assert merges.interval is not None
    assert merges.interval.lower > 0


def test_twins_that_are_joined_are_counted_among_all_twins() -> None:
    """Prevents a joined pair of twins from looking like any other error."""
    twins = evaluated().kin_joined["twins"]
    assert (twins.count, twins.of_count) == (1, 2)


def test_a_cap_holds_on_an_outside_set_and_its_pairs_are_reviewed() -> None:
    """Prevents an outside table from being linked without the caps of production."""
    evaluation = evaluated()
    by_cap = {each.capped_by: each.pairs for each in evaluation.review_by_reason}
    assert (by_cap["no_forename"].count, by_cap["no_forename"].of_count) == (1, 1)
    assert by_cap["unlike_forenames"].count == 0
    assert evaluation.missed.count == 0, "the pair that a cap holds is listed"
    assert evaluation.review_per_1000_children == pytest.approx(
        1000 * evaluation.review.of_count / 7
    )


def test_the_list_is_measured_by_its_questions_too() -> None:
    """Prevents a list of few questions from looking long, and a true pair behind one as missed."""
    evaluation = evaluated()
    assert 1 <= evaluation.questions.of_count <= evaluation.review.of_count
    assert evaluation.questions.count == 1
    assert evaluation.unasked.count == 0, "the pair that a cap holds is behind a question"
    assert (evaluation.first_questions.of_count, evaluation.unanswered.count) == (0, 1), (
        "60 of 1,000 is none"
    )


def test_guards_hold_on_an_outside_set() -> None:
    """Prevents figures before guards from being taken for those of production."""
    records = (
        mention("t1", "oswin|bellweather", postcodes=HOME, identifiers=[NHS]),
        mention("t2", "oswin|bellweather", postcodes=HOME, identifiers=[OTHER_NHS]),
    )
    labelled = LabelledSet(mention_table(*records), care_table(), {"t1": "A", "t2": "B"})
    evaluation = evaluate_set(labelled)
    assert evaluation.linked.false_count == 1
    assert evaluation.closed.false_count == 1
    assert evaluation.in_children.false_count == 0
    assert evaluation.false_merges.count == 0
    reasons = {each.reason_code: each.pairs.of_count for each in evaluation.review_by_reason}
    assert reasons == {"guarded_link": 1}, "what a guard forbids against evidence is shown"


def test_groups_are_measured_before_and_after_guards_with_their_children() -> None:
    """Prevents a group that is missed from hiding in the whole."""
    groups = {(each.stage, each.group): each for each in evaluated().groups}
    assert {stage for stage, _ in groups} == {"before guards", "in children"}
    assert groups["in children", "M"].measure.recall == 0
    assert groups["in children", "S"].measure.recall == 1
    assert groups["in children", "S"].child_count == 2


def test_what_links_is_measured_by_method() -> None:
    """Prevents a rule that joins wrong children from hiding among those that do not."""
    number = evaluated().linked_by_method["shared_nhs_number"]
    assert (number.count, number.of_count) == (1, 2)


def test_an_unlabelled_mention_is_linked_but_counts_nowhere() -> None:
    """Prevents a record whose child nobody knows from counting as an error."""
    labelled = small_set()
    linkage = link_mentions(labelled.mentions, labelled.care)
    assert any("u1" in pair for pair in [*review_list(linkage), *_list_links(linkage.links)])
    evaluation = evaluated()
    assert evaluation.linked.false_count == 1
    assert evaluation.calibration["all pairs"].pair_count < linkage.scored.num_rows


def _list_links(links: object) -> list[tuple[str, str]]:
    columns = ("left_mention_key", "right_mention_key")
    return list(zip(*(links[name].to_pylist() for name in columns), strict=True))  # type: ignore[index]


def test_a_free_threshold_replaces_the_pinned_one_alone() -> None:
    """Prevents an option for the link threshold from lifting caps or guards as well."""
    evaluation = evaluate_set(small_set(), link_weight=-3.0)
    assert evaluation.details["thresholds"]["link"] == -3.0
    assert evaluation.details["thresholds"]["strict"] == load_model().thresholds.strict
    assert evaluation.details["cap_count"] == len(load_model().caps)
    assert "no_forename" in {each.capped_by for each in evaluation.review_by_reason}


def test_the_report_has_figures_and_a_picture_and_no_record(tmp_path: Path) -> None:
    """Prevents a report that cannot be read by machine, by eye, or outside the house."""
    paths = {path.name: path for path in write_report(evaluated(), tmp_path / "out")}
    assert set(paths) == {"report.md", "evaluation.json", "reliability.svg", "reliability.json"}
    figures = json.loads(paths["evaluation.json"].read_text())
    assert figures["in_children"]["recall"] == 0.5
    diagram = json.loads(paths["reliability.json"].read_text())
    assert len(diagram["all pairs"]["bins"]) == 10
    drawn = ElementTree.fromstring(paths["reliability.svg"].read_text())
    assert drawn.attrib["role"] == "img"
    assert len(drawn.findall("{*}circle")) == sum(
        each["pair_count"] > 0 for kind in diagram.values() for each in kind["bins"]
    )
    text = paths["report.md"].read_text()
    assert "| children made of two or more true ones (false merges) | 1 | 7 |" in text
    assert "| twins | 1 | 1 | 1.0000" in text
    assert "| mentions without truth (linked, not counted) | 1 |" in text
    assert figures["dropped"]["mentions_without_truth"] == 1
    assert "| district | M | 1 | in children | 0 | 0 | 1 |" in text
    written = text + paths["evaluation.json"].read_text()
    assert not [key for key in ("a1", "bellweather", "kezia") if f'"{key}"' in written]
    assert "bellweather" not in written
