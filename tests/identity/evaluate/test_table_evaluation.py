"""Evaluation of person tables against known pairs, from files and in memory."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow as pa
import pytest
import yaml

from register.identity.clean import ColumnsMap, PersonsError
from register.identity.evaluate import TableFiles, TableTask, evaluate_files, evaluate_tables
from tests.identity.linkage_people import QUICK, population


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
    """Prevents a method that works only on our own simulation."""
    evaluation = evaluate_files(write_tables(tmp_path), one_to_one=True, training=QUICK)
    assert evaluation["truth_pair_count"] == 600
    assert evaluation["pairwise"]["precision"] > 0.995
    assert evaluation["pairwise"]["recall"] > 0.95
    assert {row["group"] for row in evaluation["groups"]} == {"female", "male"}
    json.dumps(evaluation)


def test_a_truth_without_its_second_key_is_refused_by_line(tmp_path: Path) -> None:
    """Prevents a damaged truth file from being read as recall of 0."""
    files = write_tables(tmp_path)
    files.truth.write_text("left,right\nonly\n")
    with pytest.raises(PersonsError, match=r"truth\.csv, line 2"):
        evaluate_files(files)


def test_one_table_is_searched_for_duplicates_but_not_one_to_one() -> None:
    """Prevents groups of three duplicates from being cut to pairs."""
    table = pa.table({"ref": ["1"]})
    task = TableTask(table, None, table, ColumnsMap(key="ref"), one_to_one=True)
    with pytest.raises(PersonsError, match="two tables"):
        evaluate_tables(task)
