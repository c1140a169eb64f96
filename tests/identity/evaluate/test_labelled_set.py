"""Labelled sets are read from mentions or tables, and refused where they contradict themselves."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from register.identity.clean import PersonsError
from register.identity.evaluate import SetFiles, evaluate_set, read_labelled_set
from tests.identity.people import BORN, mention

MAP = """
key: ref
forenames: given
surname: family
birth_date: born
postcodes: post
"""


def _mention_files(folder: Path, **columns: list[object]) -> SetFiles:
    rows = [
        mention("m1", "Kezia|Thornbury", postcodes=["S11 8AA"]),
        mention("m2", "Kezia|Thornbury", source="authority", postcodes=["s118aa"]),
    ]
    for row in rows:
        del row["postcode_districts"]
    pq.write_table(pa.Table.from_pylist(rows), folder / "mentions.parquet")
    truth = {"mention_key": ["m1", "m2"], "child_key": ["c1", "c1"]} | columns
    pq.write_table(pa.table(truth), folder / "truth.parquet")
    return SetFiles(folder / "truth.parquet", mentions=folder / "mentions.parquet")


def _with_care(folder: Path, files: SetFiles, key: str) -> SetFiles:
    care = {
        "mention_key": [key, key],
        "place": ["S11 8AA", "LS6 2AB"],
        "care_start_date": [date(2020, 5, 1), date(2019, 1, 1)],
        "care_end_date": [date(2021, 6, 1), date(2020, 4, 1)],
        "is_ceased_by_adoption": [True, False],
    }
    pq.write_table(pa.table(care), folder / "care.parquet")
    return SetFiles(files.truth, files.mentions, files.left, files.right, files.columns,
                    folder / "care.parquet")  # fmt: skip


def test_collected_mentions_are_cleaned_and_columns_of_the_truth_are_groupings(
    tmp_path: Path,
) -> None:
    """Prevents a set that is measured on values that a load would never compare."""
    files = _mention_files(tmp_path, origin=["x", None], family_key=["f", "f"])
    labelled = read_labelled_set(files)
    assert labelled.mentions["names"].to_pylist() == [["kezia|thornbury"]] * 2
    assert labelled.mentions["postcodes"].to_pylist() == [["S118AA"]] * 2
    assert labelled.groups == {"origin": {"m1": "x"}}
    assert evaluate_set(labelled).in_children.recall == 1


def test_the_truth_says_which_children_are_never_to_be_joined(tmp_path: Path) -> None:
    """Prevents twins from being told apart from other strangers only by the simulator."""
    files = _mention_files(tmp_path, child_key=["c1", "c2"], twin_child_key=["c2", "c1"])
    assert read_labelled_set(files).kin == {"twins": {("c1", "c2")}}


def test_the_truth_says_which_children_are_siblings_or_live_in_one_home(tmp_path: Path) -> None:
    """Prevents a false merge within a family from being counted as one of strangers."""
    files = _mention_files(
        tmp_path, child_key=["c1", "c2"], family_key=["f", "f"], home_key=["h", None]
    )
    labelled = read_labelled_set(files)
    assert labelled.shared == {
        "siblings": {"c1": {"f"}, "c2": {"f"}}, "one home or postcode": {"c1": {"h"}},
    }  # fmt: skip
    assert labelled.groups == {}


def test_care_brings_its_dates_to_the_mentions(tmp_path: Path) -> None:
    """Prevents the guard of adoption from being off in every outside set."""
    files = _with_care(tmp_path, _mention_files(tmp_path), "m2")
    labelled = read_labelled_set(files)
    assert labelled.mentions["care_first_start_date"].to_pylist() == [None, date(2019, 1, 1)]
    assert labelled.mentions["adoption_date"].to_pylist() == [None, date(2021, 6, 1)]
    assert labelled.care.num_rows == 2


@pytest.mark.parametrize(
    ("truth", "message"),
    [
        ({"mention_key": ["m1", "m1"]}, r"truth\.parquet, record 2: mention_key is that of an"),
        ({"mention_key": ["x|m1", "x|m2"]}, r"truth\.parquet: no row is of a mention"),
    ],
)
def test_a_truth_that_contradicts_the_mentions_is_refused(
    tmp_path: Path, truth: dict[str, list[object]], message: str
) -> None:
    """Prevents a mistaken key from being measured as a missed pair."""
    files = _mention_files(tmp_path, **truth)
    with pytest.raises(PersonsError, match=message):
        read_labelled_set(files)


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("mention_key", ["m1", "m1"], r"mentions\.parquet, record 2: mention_key is that of an"),
        ("mention_key", [None, ""], r"mentions\.parquet: no row has a mention_key"),
        ("source", ["POLICE", "authority"], r"mentions\.parquet, record 1: source is neither of"),
        ("source", ["POLICE", None], r"mentions\.parquet, 2 records: 1, 2: source is neither of"),
        ("source", ["police", None], r"mentions\.parquet, record 2: source is neither of"),
    ],
)
def test_mentions_that_would_be_measured_wrongly_are_refused(
    tmp_path: Path, column: str, values: list[object], message: str
) -> None:
    """Prevents figures of two records under one key, or of a source that no rule knows."""
    files = _mention_files(tmp_path)
    assert files.mentions is not None
    table = pq.read_table(files.mentions)
    place = table.column_names.index(column)
    pq.write_table(table.set_column(place, column, pa.array(values)), files.mentions)
    with pytest.raises(PersonsError, match=message):
        read_labelled_set(files)


@pytest.mark.parametrize(("column", "values"), [("names", [7, 8]), ("birth_dates", [[1], [2]])])
def test_a_column_of_another_type_is_refused_without_its_values(
    tmp_path: Path, column: str, values: list[object]
) -> None:
    """Prevents a traceback, which may show a person, where a list or a date is a number."""
    files = _mention_files(tmp_path)
    assert files.mentions is not None
    table = pq.read_table(files.mentions)
    place = table.column_names.index(column)
    pq.write_table(table.set_column(place, column, pa.array(values)), files.mentions)
    with pytest.raises(
        PersonsError, match=rf"mentions\.parquet: {column} is .* as list"
    ) as refused:
        read_labelled_set(files)
    assert refused.value.__cause__ is None


def test_a_table_with_one_key_twice_is_refused_by_its_name(tmp_path: Path) -> None:
    """Prevents two persons of a table from being measured as one record."""
    files = _table_files(tmp_path)
    (tmp_path / "right.csv").write_text("ref,given,family,born,post\n1,A,B,,\n1,C,D,,\n")
    with pytest.raises(PersonsError, match=r"right\.csv, record 2: ref is that of an earlier"):
        read_labelled_set(files)


def test_care_of_nobody_and_a_missing_column_are_refused_by_name(tmp_path: Path) -> None:
    """Prevents care under other keys from being left out without a word."""
    files = _mention_files(tmp_path)
    with pytest.raises(PersonsError, match=r"care\.parquet, 2 records: 1, 2: care of a key"):
        read_labelled_set(_with_care(tmp_path, files, "m9"))
    pq.write_table(pa.table({"mention_key": ["m1"]}), files.truth)
    with pytest.raises(PersonsError, match=r"truth\.parquet: no such column: child_key"):
        read_labelled_set(files)


def _table_files(folder: Path, extra: str = "") -> SetFiles:
    (folder / "left.csv").write_text(
        "ref,given,family,born,post\n1,Kezia,Thornbury,14/05/2010,S11 8AA\n2,Idris,Vale,,M14\n"
    )
    (folder / "right.csv").write_text(
        "ref,given,family,born,post\n1,Kezia,Thornbury,14/05/2010,S11 8AA\n3,Ida,Vale,31/02/2010,\n"
    )
    (folder / "truth.csv").write_text("left,right\n1,1\n")
    (folder / "map.yaml").write_text(MAP + extra)
    return SetFiles(
        folder / "truth.csv",
        left=folder / "left.csv",
        right=folder / "right.csv",
        columns=folder / "map.yaml",
    )


def test_two_tables_become_mentions_of_police_and_authority(tmp_path: Path) -> None:
    """Prevents tables from going another way than mentions do."""
    files = _with_care(tmp_path, _table_files(tmp_path), "1")
    labelled = read_labelled_set(files)
    mentions = labelled.mentions
    assert mentions["mention_key"].to_pylist() == ["left|1", "left|2", "right|1", "right|3"]
    assert mentions["source"].to_pylist() == ["police", "police", "authority", "authority"]
    assert mentions["birth_dates"].to_pylist() == [[BORN], [], [BORN], []]
    assert mentions["postcode_districts"].to_pylist()[1] == ["M14"]
    assert labelled.care["mention_key"].to_pylist() == ["right|1", "right|1"]
    assert labelled.child_of["left|1"] == labelled.child_of["right|1"]
    assert labelled.child_of["left|2"] != labelled.child_of["right|3"]


def test_a_map_says_who_recorded_and_from_when_on_dates_of_birth_are_used(tmp_path: Path) -> None:
    """Prevents a table of adults from being linked without any date of birth, unsaid."""
    files = _table_files(tmp_path, "source: police\noldest_birth_date: 2011-01-01\n")
    mentions = read_labelled_set(files).mentions
    assert set(mentions["source"].to_pylist()) == {"police"}
    assert mentions["birth_dates"].to_pylist() == [[], [], [], []]
    files = _table_files(tmp_path, "source: given\n")
    with pytest.raises(PersonsError, match=r"left\.csv, 2 records: 1, 2: given is neither of"):
        read_labelled_set(files)


@pytest.mark.parametrize("lines", ["1,1\n2,3\n", "", "pair\n1,1\n"])
def test_true_pairs_without_a_header_are_refused(tmp_path: Path, lines: str) -> None:
    """Prevents the first true pair from being taken for a header, and counted as a false link."""
    files = _table_files(tmp_path)
    files.truth.write_text(lines)
    with pytest.raises(PersonsError, match=r"truth\.csv, line [12]: "):
        read_labelled_set(files)


def test_a_grouping_that_no_table_has_is_refused(tmp_path: Path) -> None:
    """Prevents a report without the groups that were asked for, unsaid."""
    files = _table_files(tmp_path, "groups: [origin]\n")
    with pytest.raises(PersonsError, match=r"map\.yaml: no table has the grouping: origin"):
        read_labelled_set(files)
