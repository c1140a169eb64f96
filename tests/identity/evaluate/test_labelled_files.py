"""Files that people bring: mentions as CSV, refused rows, and counts of what is not used."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from register.identity.clean import PersonsError
from register.identity.evaluate import (
    SetFiles,
    TableFiles,
    evaluate_files,
    evaluate_set,
    read_labelled_set,
    read_records,
)
from tests.identity.people import BORN, NHS

HEADER = "mention_key,source,names,birth_dates,postcodes,identifiers,first_received_at\n"
CHILD = f"m1,police,Kezia Ann|Thornbury;Kez Quill,2010-05-14,S11 8AA;LS6 2AB,{NHS},2026-05-01\n"
TRUTH = "mention_key,child_key\nm1,c1\nm2,c1\n"
MAP = """
key: ref
forenames: given
surname: family
aliases: other
birth_date: born
postcodes: post
identifiers: {nhs: number}
"""
TABLE = "ref,given,family,other,born,post,number\n"
PERSON = "1,Kezia,Thornbury,,14/05/2010,S11 8AA,943 476 5919\n"


def mention_files(folder: Path, lines: str, truth: str = TRUTH, header: str = HEADER) -> SetFiles:
    """Write mentions and their truth as CSV."""
    (folder / "mentions.csv").write_text(header + lines, encoding="utf-8")
    (folder / "truth.csv").write_text(truth, encoding="utf-8")
    return SetFiles(folder / "truth.csv", mentions=folder / "mentions.csv")


def table_files(folder: Path, lines: str, truth: str = "one,other\n1,2\n") -> SetFiles:
    """Write one table of persons with its map and true pairs."""
    (folder / "table.csv").write_text(TABLE + lines, encoding="utf-8")
    (folder / "pairs.csv").write_text(truth, encoding="utf-8")
    (folder / "map.yaml").write_text(MAP, encoding="utf-8")
    return SetFiles(folder / "pairs.csv", left=folder / "table.csv", columns=folder / "map.yaml")


def refusal(files: SetFiles) -> str:
    """Return the message with which a set is refused."""
    with pytest.raises(PersonsError) as refused:
        read_labelled_set(files)
    assert refused.value.__cause__ is None
    return str(refused.value)


def test_mentions_in_csv_become_what_parquet_gives(tmp_path: Path) -> None:
    """Prevents outsiders from needing a program of their own to write lists."""
    lines = CHILD + 'm2,authority,"kezia|Thornbury; ",14/05/2010,s118aa,,2026-05-01T09:30:00\n'
    labelled = read_labelled_set(mention_files(tmp_path, lines))
    rows = [
        {"mention_key": "m1", "source": "police", "names": ["Kezia Ann|Thornbury", "Kez Quill"],
         "birth_dates": [BORN], "postcodes": ["S11 8AA", "LS6 2AB"], "identifiers": [NHS],
         "first_received_at": datetime(2026, 5, 1)},  # noqa: DTZ001 - UTC
        {"mention_key": "m2", "source": "authority", "names": ["kezia|Thornbury"],
         "birth_dates": [BORN], "postcodes": ["s118aa"], "identifiers": [],
         "first_received_at": datetime(2026, 5, 1, 9, 30)},  # noqa: DTZ001 - UTC
    ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "mentions.parquet")
    parquet = read_labelled_set(
        SetFiles(tmp_path / "truth.csv", mentions=tmp_path / "mentions.parquet")
    )
    assert labelled.mentions.equals(parquet.mentions)
    assert labelled.mentions["names"].to_pylist()[0] == ["kezia ann|thornbury", "kez|quill"]
    assert evaluate_set(labelled).in_children.recall == 1


def test_a_mention_without_time_of_receipt_keeps_its_date_of_birth(tmp_path: Path) -> None:
    """Prevents every date of birth from being dropped where an optional column is left out."""
    lines = "m1,police,A|B,2010-05-14\nm2,police,A|B,9999-01-01\n"
    header = "mention_key,source,names,birth_dates\n"
    mentions, _ = read_records(mention_files(tmp_path, lines, header=header).mentions or tmp_path)
    assert mentions["birth_dates"].to_pylist() == [[BORN], []]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (CHILD * 3, "mentions.csv, 2 lines: 3, 4: mention_key is that of an earlier line."),
        (CHILD + "m2,Police,Zed|Y,,,,\n", "mentions.csv, line 3: source is neither of authority"),
        ('m1,police,"Zed\n|Y",,,,\n\nm2,x,Zed|Y,,,,\n', "mentions.csv, line 5: source is neither"),
        (
            "m1,police,Zed|Y,May 2010,,,\n",
            "mentions.csv, line 2: birth_dates has a date of another",
        ),
        (
            "".join(f"m{each},police,Zed|Y,2010,,,\n" for each in range(5)),
            "mentions.csv, 5 lines: 2, 3, 4, …: birth_dates has a date of another form than yyyy",
        ),
        ("m1,police,Zed|Y,,,,31/02/2026\n", "mentions.csv, line 2: first_received_at is no date"),
        ("m1,police,['Zed|Y'],,,,\n", "mentions.csv, line 2: names begins with a bracket"),
        ("m1,police,Zed|Y\n", "mentions.csv, line 2: the header has 7 columns"),
        ('m1,police,"Zed|Y,,,,\n', "mentions.csv: not a CSV file in UTF-8"),
    ],
)
def test_a_faulty_line_is_refused_by_its_number_and_without_its_values(
    tmp_path: Path, lines: str, message: str
) -> None:
    """Prevents a fault that nobody finds in a long file, and a message that names a person."""
    refused = refusal(mention_files(tmp_path, lines))
    assert refused.startswith(message)
    assert not [each for each in ("Zed", "Kezia", "May", "31/02") if each in refused]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (PERSON * 2, "table.csv, record 2: ref is that of an earlier record."),
        ("1,Zed,Y,,May 2010,,\n2,Zed,Y,,,,\n", "table.csv, record 1: born has a date of another"),
    ],
)
def test_a_faulty_record_of_a_table_is_refused_by_its_number(
    tmp_path: Path, lines: str, message: str
) -> None:
    """Prevents a date of another country's form from being left out of every comparison."""
    files = table_files(tmp_path, lines)
    assert refusal(files).startswith(message)
    assert files.left is not None
    assert files.columns is not None
    with pytest.raises(PersonsError, match=message):
        evaluate_files(TableFiles(files.left, None, files.truth, files.columns))


def test_a_time_of_receipt_that_is_none_is_refused_by_its_record(tmp_path: Path) -> None:
    """Prevents a mistyped time from ending the command without a place to look at."""
    files = table_files(tmp_path, PERSON)
    (tmp_path / "map.yaml").write_text(MAP.replace("aliases: other", "received_at: other"))
    (tmp_path / "table.csv").write_text(TABLE + "1,A,B,2026-05-01T09:30,,,\n2,Zed,Y,soon,,,\n")
    assert refusal(files) == "table.csv, record 2: other is no ISO 8601 time"


def test_records_for_training_may_be_csv_and_lines_without_a_key_are_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Prevents a model that is trained on fewer records than its maker believes."""
    path = mention_files(tmp_path, CHILD + ",police,C|D,,,,\n").mentions
    assert path is not None
    mentions, _ = read_records(path)
    assert mentions["mention_key"].to_pylist() == ["m1"]
    assert caplog.messages == ["left out for want of a key: 1 mentions and 0 care placements"]


def test_a_pattern_of_the_map_tells_an_impossible_day_from_another_form(tmp_path: Path) -> None:
    """Prevents a whole table from being refused for one mistyped day."""
    files = table_files(tmp_path, PERSON + "2,Zed,Y,,31/02/2010,,\n")
    (tmp_path / "map.yaml").write_text(MAP + 'birth_date_format: "%d/%m/%Y"\n')
    assert read_labelled_set(files).dropped.birth_dates == 1
    (tmp_path / "table.csv").write_text(TABLE + "1,Zed,Y,,14 May 2010,,\n")
    assert refusal(files).startswith("table.csv, record 1: born has a date of another form than %d")


@pytest.mark.parametrize(
    ("truth", "message"),
    [
        ("mention_key,child_key\nm1,c1\nm1,c1\n", "truth.csv, line 3: mention_key is that of an"),
        ("mention_key,child_key\nx1,c1\n", "truth.csv: no row is of a mention."),
        ("mention_key,mention_key\nm1,c1\n", "truth.csv, line 1: two columns have one name"),
    ],
)
def test_a_truth_with_one_key_twice_or_other_keys_is_refused(
    tmp_path: Path, truth: str, message: str
) -> None:
    """Prevents a measurement against another truth than the one that was meant."""
    assert refusal(mention_files(tmp_path, CHILD, truth)).startswith(message)


@pytest.mark.parametrize(
    ("truth", "message"),
    [
        ("one,other\n1,2\n1,3\n1,2\n", "pairs.csv, line 4: this pair is that of an earlier line"),
        ("one,other\n8,9\n", "pairs.csv: no row is of a mention."),
    ],
)
def test_true_pairs_that_are_there_twice_or_of_no_record_are_refused(
    tmp_path: Path, truth: str, message: str
) -> None:
    """Prevents true pairs of another table from being measured as recall of 0."""
    lines = PERSON + "2,A,B,,,,\n3,C,D,,,,\n"
    assert refusal(table_files(tmp_path, lines, truth)).startswith(message)


def test_what_a_set_of_mentions_drops_is_counted(tmp_path: Path) -> None:
    """Prevents a recall that is low because values could not be used, unsaid."""
    lines = (
        CHILD
        + "m2,authority,not known;A|B,31/02/2010;1950-01-01;2027-01-01;2010-05-14,"
        + "M14;nowhere,nhs|1;car|2,2026-05-01\n"
        + ",police,C|D,2010-05-14,,,\n"
        + "m3,police,C|D,,,,2026-05-01\n"
    )
    truth = TRUTH + ",c2\nm3,\nm9,c9\n"
    files = mention_files(tmp_path, lines, truth)
    (tmp_path / "care.csv").write_text(
        "mention_key,place,care_start_date\nm1,M14 5RT,2020-01-02\n,,\n"
    )
    labelled = read_labelled_set(SetFiles(files.truth, files.mentions, care=tmp_path / "care.csv"))
    assert labelled.mentions["birth_dates"].to_pylist() == [[BORN], [BORN], []]
    assert labelled.care["care_start_date"].to_pylist() == [date(2020, 1, 2)]
    assert asdict(evaluate_set(labelled).dropped) == {
        "records_without_key": 1, "names": 1, "birth_dates": 3, "postcodes": 1, "identifiers": 2,
        "care_rows_without_key": 1, "truth_rows_without_key": 2, "truth_rows_of_no_mention": 1,
        "mentions_without_truth": 1,
    }  # fmt: skip


def test_what_a_table_drops_is_counted(tmp_path: Path) -> None:
    """Prevents a table's unusable values from being left out without a word."""
    lines = (
        PERSON
        + "2,Unknown,n/a,not known,31/02/2010|1950-01-01,--|M14,1\n"
        + ",A,B,,,,\n3,C,D,E F,,,\n"
    )
    labelled = read_labelled_set(table_files(tmp_path, lines, "one,other\n1,2\n1,9\n3,\n"))
    assert asdict(labelled.dropped) == {
        "records_without_key": 1, "names": 2, "birth_dates": 2, "postcodes": 1, "identifiers": 1,
        "care_rows_without_key": 0, "truth_rows_without_key": 1, "truth_rows_of_no_mention": 1,
        "mentions_without_truth": 0,
    }  # fmt: skip


def test_cleaned_mentions_may_have_no_impossible_date(tmp_path: Path) -> None:
    """Prevents a day that stands for none from being compared as a date of birth."""
    header = HEADER.replace("postcodes", "postcodes,postcode_districts")
    files = mention_files(tmp_path, "m1,police,a|b,31/02/2010,,,,\n", header=header)
    assert refusal(files).startswith("mentions.csv, line 2: birth_dates has a day that")
