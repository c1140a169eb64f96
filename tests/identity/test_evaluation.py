"""Figures of an evaluation against examples worked out by hand and values in print."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import yaml

from register.identity.assignment import assign_one_to_one, exclusive_weights
from register.identity.calibration import prior_bits, recalibrated_prior
from register.identity.evaluation import (
    Counts,
    closed_pairs,
    clusters_of,
    evaluate_scores,
    measure,
    measure_groups,
    threshold_curve,
)
from register.identity.intervals import bootstrap_f1_interval, wilson_interval
from register.identity.persons import PersonsError
from register.identity.table_evaluation import (
    TableFiles,
    TableTask,
    evaluate_files,
    evaluate_tables,
)
from tests.identity.linkage_people import QUICK, population

TRUTH = {("a", "b"), ("c", "d"), ("e", "f"), ("g", "h")}


def scored(*rows: tuple[str, str, float, str]) -> pa.Table:
    """Scored pairs: the two keys, the weight and the band."""
    names = ("left_key", "right_key", "match_weight", "band")
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows])


@pytest.mark.parametrize(
    ("successes", "trials", "lower", "upper"),
    [
        # Newcombe (1998), Statistics in Medicine 17, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_intervals_are_those_in_print(
    successes: int, trials: int, lower: float, upper: float
) -> None:
    """Prevents an interval that has no width at 0 or is too narrow near it."""
    interval = wilson_interval(successes, trials)
    assert interval is not None
    assert (interval.lower, interval.upper) == pytest.approx((lower, upper), abs=5e-5)


def test_no_trials_have_no_interval_and_impossible_counts_are_refused() -> None:
    """Prevents a share of nothing from being shown as a figure."""
    assert wilson_interval(0, 0) is None
    with pytest.raises(ValueError, match="successes"):
        wilson_interval(3, 2)


def test_precision_recall_and_f1_are_those_worked_out_by_hand() -> None:
    """Prevents swapped denominators: 3 of 4 links are right, 3 of 5 pairs are found."""
    found = measure(3, 1, 2)
    assert (found.precision, found.recall, found.f1) == pytest.approx((0.75, 0.6, 2 / 3))
    assert measure(0, 0, 2).precision is None
    assert measure(0, 2, 0).recall is None


def test_bootstrap_interval_holds_f1_and_repeats() -> None:
    """Prevents an interval that moves from run to run."""
    counts = np.array([[1, 0, 0]] * 80 + [[0, 1, 0]] * 10 + [[0, 0, 1]] * 10)
    interval = bootstrap_f1_interval(counts, seed=1)
    assert interval is not None
    assert interval == bootstrap_f1_interval(counts, seed=1)
    assert interval.lower < 160 / 180 < interval.upper
    assert interval.upper - interval.lower == pytest.approx(0.09, abs=0.03)
    assert bootstrap_f1_interval(np.array([[1, 0, 0]] * 9), seed=1) == (1.0, 1.0)


def test_an_evaluation_counts_links_review_and_what_blocking_missed() -> None:
    """Prevents a pair left to people from counting as found, or blocking's losses from hiding."""
    pairs = scored(
        ("a", "b", 12.0, "link"),
        ("c", "d", 4.0, "review"),
        ("a", "c", 9.0, "link"),
        ("e", "f", -3.0, "none"),
    )
    found = evaluate_scores(pairs, TRUTH, Counts(8, 4))
    assert (found.linked_pair_count, found.review_pair_count, found.review_true_count) == (2, 1, 1)
    assert (found.pairwise.precision, found.pairwise.recall) == (0.5, 0.25)
    assert found.candidate_recall == 0.75


def test_closure_shows_what_a_wrong_link_costs() -> None:
    """Prevents one wrong link between two right pairs from looking like one error, not four."""
    pairs = scored(("a", "b", 9.0, "link"), ("c", "d", 9.0, "link"), ("b", "c", 9.0, "link"))
    found = evaluate_scores(pairs, {("a", "b"), ("c", "d")}, Counts(4, 3))
    assert (found.pairwise.false_count, found.closed.false_count) == (1, 4)
    assert (found.clusters.true_count, found.clusters.false_count) == (0, 1)


def test_clusters_are_right_only_when_whole() -> None:
    """Prevents a child of three records, found as two, from counting as found."""
    truth = clusters_of({("a", "b"), ("b", "c"), ("d", "e")})
    assert truth == {frozenset("abc"), frozenset("de")}
    assert closed_pairs(truth) == {("a", "b"), ("a", "c"), ("b", "c"), ("d", "e")}
    found = evaluate_scores(
        scored(("a", "b", 9.0, "link"), ("d", "e", 9.0, "link")),
        {("a", "b"), ("b", "c"), ("a", "c"), ("d", "e")},
        Counts(5, 2),
    ).clusters
    assert (found.precision, found.recall) == (0.5, 0.5)


def test_the_curve_falls_with_the_threshold_as_by_hand() -> None:
    """Prevents a threshold from being chosen on a curve that is one step off."""
    curve = {
        point["match_weight"]: (point["linked_pair_count"], point["precision"], point["recall"])
        for point in threshold_curve(
            np.array([3.0, 2.0, 0.5]), np.array([True, False, True]), truth_count=4
        )
    }
    assert curve == {
        0: (3, pytest.approx(2 / 3), 0.5),
        1: (2, 0.5, 0.25),
        2: (2, 0.5, 0.25),
        3: (1, 1.0, 0.25),
    }


def test_groups_show_who_is_found_less_often() -> None:
    """Prevents a method that misses one group of children from hiding in the average."""
    of_key = {"a": "WBRI", "b": "WBRI", "c": "BAFR", "d": "BAFR", "e": "BAFR"}
    rows = measure_groups({("a", "b"), ("e", "x")}, TRUTH, {"ethnicity": of_key})
    by_group = {row["group"]: row for row in rows}
    assert by_group["WBRI"]["recall"] == 1.0
    assert (by_group["BAFR"]["recall"], by_group["BAFR"]["precision"]) == (0.0, 0.0)
    assert by_group["BAFR"]["missed_count"] == 2


def test_one_to_one_takes_the_heaviest_and_leaves_ties_to_people() -> None:
    """Prevents a record from being linked twice, and a coin from being tossed over a tie."""
    pairs = scored(
        ("a", "x", 9.0, "link"),
        ("a", "y", 8.0, "link"),
        ("b", "y", 7.0, "link"),
        ("c", "z", 5.0, "link"),
        ("d", "z", 5.0, "link"),
        ("c", "w", 4.0, "link"),
    )
    assert assign_one_to_one(pairs)["assignment"].to_pylist() == [
        "best",
        "beaten",
        "best",
        "tie",
        "tie",
        "beaten",
    ]


def test_rivals_count_against_a_pair_and_want_of_them_for_it() -> None:
    """Prevents one to one from being a sorting alone: who else could it be is evidence."""
    pairs = scored(("a", "x", 3.0, "link"), ("b", "y", 3.0, "link"), ("b", "z", 3.0, "link"))
    alone, *rivals = exclusive_weights(pairs, 0.25, 0.25)
    # 8 against 0.25 for no partner; 8 against 8 of the rival and 0.25.
    assert alone == pytest.approx(np.log2(8 / 0.25))
    assert rivals == pytest.approx([np.log2(8 / 8.25)] * 2, abs=1e-6)


def test_the_prior_comes_out_at_the_share_that_matches() -> None:
    """Prevents a prior ten times too small from turning sure pairs into review."""
    evidence = np.array([40.0] * 50 + [-40.0] * 500)
    given = 1e-5
    found = recalibrated_prior(evidence + prior_bits(given), given, 100_000)
    assert found == pytest.approx(50 / 100_000)


def write_tables(folder: Path) -> TableFiles:
    """Write the small population as two files with columns of their own, truth and map."""
    table, truth = population(600, seed=3)
    rows = table.to_pylist()
    for side, dataset in (("left", "authority"), ("right", "police")):
        with (folder / f"{side}.csv").open("w", newline="") as lines:
            writer = csv.writer(lines)
            writer.writerow(["ref", "given", "family", "born", "post", "gender"])
            for row in (row for row in rows if row["dataset"] == dataset):
                day = "".join(row["birth_dates"])
                born = f"{day[6:8]}/{day[4:6]}/{day[:4]}" if day else ""
                post = "".join(row["postcodes"])
                cells = [*row["names"][0].split("|"), born, post, row["sex"] or ""]
                writer.writerow([row["person_key"], *cells])
    with (folder / "truth.csv").open("w", newline="") as lines:
        csv.writer(lines).writerows([("left", "right"), *sorted(truth)])
    columns = {
        "key": "ref",
        "forenames": "given",
        "surname": "family",
        "birth_date": "born",
        "postcodes": "post",
        "sex": "gender",
        "groups": ["gender"],
    }
    (folder / "map.yaml").write_text(yaml.safe_dump(columns))
    return TableFiles(
        *(folder / name for name in ("left.csv", "right.csv", "truth.csv", "map.yaml"))
    )


def test_any_two_tables_can_be_evaluated_from_files(tmp_path: Path) -> None:
    """Prevents a method that works on our own simulation alone."""
    found = evaluate_files(write_tables(tmp_path), one_to_one=True, training=QUICK)
    assert found["truth_pair_count"] == 600
    assert found["pairwise"]["precision"] > 0.995
    assert found["pairwise"]["recall"] > 0.95
    assert {row["group"] for row in found["groups"]} == {"female", "male"}
    json.dumps(found)


def test_a_truth_without_its_second_key_is_refused_by_line(tmp_path: Path) -> None:
    """Prevents a damaged truth from being read as a method that finds nothing."""
    files = write_tables(tmp_path)
    files.truth.write_text("left,right\nonly\n")
    with pytest.raises(PersonsError, match=r"truth\.csv, line 2"):
        evaluate_files(files)


def test_one_table_is_searched_for_duplicates_but_not_one_to_one() -> None:
    """Prevents groups of three duplicates from being cut to pairs."""
    table = pa.table({"ref": ["1"]})
    from register.identity.person_tables import ColumnsMap

    task = TableTask(table, None, table, ColumnsMap(key="ref"), one_to_one=True)
    with pytest.raises(PersonsError, match="two tables"):
        evaluate_tables(task)
