"""Public sets: the rivals, the recall at the register's precision, and rows for the page."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow as pa
import pytest
import yaml

from benchmarks.linkage import public_sets
from benchmarks.linkage.public_set_rows import (
    LOAD_COLUMNS,
    LOAD_TITLE,
    SCORE_COLUMNS,
    SCORE_TITLE,
    write_yaml_tables,
)
from benchmarks.linkage.public_sets import FILE_NAMES, PUBLIC_SETS, SetFigures, measure_load
from benchmarks.linkage.rivals import (
    KnownTables,
    evaluate_stock,
    exact_matching,
    find_recall,
    score_known_tables,
)
from benchmarks.linkage.write_page import FIGURES
from benchmarks.measured_pages import read_figures
from register.identity.clean import read_columns_map
from register.identity.evaluate import SetFiles

NAMES = ("rec_id", "given_name", "surname", "date_of_birth")
ROWS = [
    ("1", "anna", "berg", "19900101"),
    ("2", "anna", "berg", "19900101"),
    ("3", "anna", None, "19900101"),
    ("4", "anna", None, "19900101"),
]
SCORED = pa.table(
    {
        "left_key": ["left|1", "left|1", "left|2", "left|3"],
        "right_key": ["left|2", "left|3", "left|3", "left|4"],
        "match_weight": [9.0, 5.0, 5.0, 1.0],
    }
)
TRUTH = {("left|1", "left|2"), ("left|1", "left|3"), ("left|3", "left|4"), ("left|5", "left|6")}


def _build_table(rows: list[tuple[str | None, ...]], names: tuple[str, ...] = NAMES) -> pa.Table:
    columns = zip(*rows, strict=True)
    return pa.table(
        dict(zip(names, (pa.array(each, pa.string()) for each in columns), strict=True))
    )


def _damage(rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return a copy of each row with other keys and one wrong letter or digit."""
    copies = []
    for number, (key, forename, surname, born) in enumerate(rows):
        fields = [forename, surname, born]
        fields[number % 3] = fields[number % 3][:-1] + ("x", "x", "9")[number % 3]
        copies.append((f"{key}b", *fields))
    return copies


def _invent_persons(count: int) -> list[tuple[str, ...]]:
    draw = random.Random(7)
    letters = "bcdfghklmnprst"
    return [
        (
            str(number),
            "".join(draw.choice(letters) + draw.choice("aeiou") for _ in range(3)),
            "".join(draw.choice(letters) + draw.choice("aeiou") for _ in range(4)),
            f"{draw.randint(1930, 1999)}{draw.randint(1, 12):02}{draw.randint(1, 28):02}",
        )
        for number in range(count)
    ]


def test_exact_matching_of_one_table_links_no_record_to_itself() -> None:
    """Prevents an exact match of a record with itself, of a pair twice, and of empty fields."""
    evaluation = exact_matching(KnownTables(_build_table(ROWS), None, TRUTH))
    assert (evaluation.linked_pair_count, evaluation.record_count) == (1, 4)
    assert evaluation.pairwise.precision == 1.0


def test_exact_matching_of_two_tables_links_between_them_alone() -> None:
    """Prevents pairs within a table where two tables are linked to each other."""
    table = _build_table(ROWS)
    evaluation = exact_matching(KnownTables(table, table, {("left|1", "right|1")}))
    assert evaluation.linked_pair_count == 4
    assert evaluation.pairwise.recall == 1.0


def test_exact_matching_reads_the_postcode_of_a_set_that_has_one() -> None:
    """Prevents a rival that reads fewer fields than the register does."""
    rows = [(*row, code) for row, code in zip(ROWS, ("2000", "2001", "2", "2"), strict=True)]
    table = _build_table(rows, (*NAMES, "postcode"))
    assert exact_matching(KnownTables(table, None, TRUTH)).linked_pair_count == 0


def test_stock_splink_finds_damaged_copies_in_one_table_without_postcodes() -> None:
    """Prevents a rival that fails on one table or without postcodes, and so looks worse."""
    persons = _invent_persons(300)
    copies = _damage(persons[:120])
    truth = {(f"left|{row[0]}", f"left|{row[0]}b") for row in persons[:120]}
    known = KnownTables(_build_table(persons + copies), None, truth)
    evaluation = evaluate_stock(score_known_tables(known), known)
    assert evaluation.candidate_recall == 1.0
    assert evaluation.pairwise.precision == 1.0
    assert (evaluation.pairwise.recall or 0.0) > 0.95


@pytest.mark.parametrize(
    ("least_precision", "recall"), [(1.0, 0.25), (0.75, 0.75), (0.6, 0.75), (0.9, 0.25)]
)
def test_recall_is_that_of_a_threshold(least_precision: float, recall: float) -> None:
    """Prevents a recall at which two pairs of one weight are on both sides of the threshold."""
    assert find_recall(SCORED, TRUTH, least_precision) == recall


def test_recall_without_a_precise_threshold_is_none_of_the_truth() -> None:
    """Prevents a crash, or a recall of pairs that are not linked, where the best pair is false."""
    assert find_recall(SCORED, {("left|3", "left|4")}, 0.9) == 0.0
    assert find_recall(SCORED.slice(0, 0), TRUTH, 0.9) == 0.0


def test_a_load_is_measured_beside_stock_splink(tmp_path: Path) -> None:
    """Prevents shares of true pairs that do not add up: linked, listed, and neither."""
    persons = _invent_persons(60)
    rows = [",".join(row) for row in persons + _damage(persons[:30])]
    (tmp_path / "set.csv").write_text("\n".join([",".join(NAMES), *rows]) + "\n", encoding="utf-8")
    pairs = [f"{row[0]},{row[0]}b" for row in persons[:30]]
    (tmp_path / "truth.csv").write_text("\n".join(["left,right", *pairs]) + "\n", encoding="utf-8")
    columns = public_sets.HERE / "rldata_names.yaml"
    files = SetFiles(tmp_path / "truth.csv", left=tmp_path / "set.csv", columns=columns)
    stock = pa.table({"left_key": ["left|0"], "right_key": ["left|0b"], "match_weight": [3.0]})
    load = measure_load(files, stock)
    shares = (load["recall"], load["listed_share"], load["missed_share"])
    assert all(0 <= share <= 1 for share in shares)
    assert sum(shares) == pytest.approx(1)
    assert load["recall"] > 0
    assert load["stock_recall"] == pytest.approx(1 / 30)


def test_every_public_set_has_its_files_and_maps() -> None:
    """Prevents a set whose map is missing, reads no date of birth, or shares a file."""
    assert len(set(FILE_NAMES)) == len(FILE_NAMES)
    for each in PUBLIC_SETS:
        files = each.locate_files(Path("folder"))
        assert (files.right is None) != each.has_right
        for fields in ("names", "all"):
            assert read_columns_map(each.locate_map(fields)).birth_date == "date_of_birth"


def _figures() -> SetFigures:
    score = {"set": "A", "method": "register, one to one", "is_trained": True, "precision": 1.0}
    score |= {"recall": 0.5, "f1": 2 / 3, "f1_interval": (0.6, 0.7), "best_f1": 0.7}
    score |= {"candidate_recall": 0.9}
    load = {"set": "A", "model_version": "v", "precision": None, "recall": 0.0, "f1": 0.0}
    load |= {"f1_interval": None, "stock_recall": 0.4, "listed_share": 0.5, "missed_share": 0.5}
    load |= {"questions_per_1000": 12.3, "question_true_share": None, "calibration_error": None}
    others = [
        score | {"method": "exact matching"},
        score | {"method": "register, all fields"},
        {"set": "A", "method": "register", "is_trained": False},
    ]
    return SetFigures([score, *others], load)


def test_rows_can_be_pasted_into_the_measurements() -> None:
    """Prevents rows that YAML reads as other cells, and rows of methods that read other fields."""
    _, scores, loads = write_yaml_tables([_figures()]).split("# ")
    table = yaml.load(scores.removeprefix(SCORE_TITLE), yaml.BaseLoader)  # noqa: S506 - text alone
    assert table["columns"] == list(SCORE_COLUMNS)
    assert table["rows"] == [
        [
            *("A", "register, one to one", "1.0000", "0.5000", "0.6667 (0.6000-0.7000)"),
            *("0.7000", "0.9000"),
        ],
        ["A", "register (not trained)", "-", "-", "-", "-", "-"],
    ]
    table = yaml.load(loads.removeprefix(LOAD_TITLE), yaml.BaseLoader)  # noqa: S506 - text alone
    assert table["columns"] == list(LOAD_COLUMNS)
    assert table["model"] == "v"
    assert table["rows"] == [["A", "-", "0.0000", "-", "0.4000", "0.5000", "0.5000", "12 (-)", "-"]]


def test_the_recorded_tables_have_the_columns_of_the_command() -> None:
    """Prevents recorded figures that stand under the heading of another figure."""
    tables = {table["title"]: table["columns"] for table in read_figures(FIGURES)["tables"]}
    assert tables[SCORE_TITLE] == list(SCORE_COLUMNS)
    assert tables[LOAD_TITLE] == list(LOAD_COLUMNS)
