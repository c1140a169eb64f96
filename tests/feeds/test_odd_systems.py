"""What systems of suppliers do to references, headings and lines, and a layout can describe."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml
from pydantic import ValidationError

from register.feeds import (
    LandingFailedError,
    LedgerError,
    draft_layout,
    read_ledger,
    reread_delivery,
)
from register.feeds.layout import Layout
from register.feeds.layout_check import check_layout
from register.feeds.layout_parts import (
    CodePeriod,
    DatedCode,
    FileForm,
    Footer,
    JoinedFile,
    LayoutColumn,
    RowSelection,
)
from register.feeds.person_links import PersonLinks
from register.feeds.texts import clean_text, clean_texts, drop_decimals, pad_digits
from register.settings import PROJECT_ROOT
from tests.feeds.deliveries import AUTHORITY, QUARTER, Home
from tests.feeds.test_layout_tables import ABSENCES, EXTRACT, NUMBERS, assign, encoded

PAGE = PROJECT_ROOT / "docs" / "how-to" / "add-a-layout.md"
PERSONS = {
    "file": {"table_name": "ssd_person", "file_pattern": "children*.txt"},
    "columns": [{"name": "Child No", "field": "pers_person_id"}],
}
OWN = {**EXTRACT, "tables": [PERSONS, ABSENCES]}


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ('="0012"', "0012"),
        (' =" 0012 " ', "0012"),
        ('=""', ""),
        ("'0012", "0012"),
        ("''0012", "''0012"),
        ("'t Hooft", "'t Hooft"),
        ('="0012', '="0012'),
        ('="a" & "b', '="a" & "b'),
        ("=0012", "=0012"),
        ("O'Neil", "O'Neil"),
    ],
)
def test_marks_of_spreadsheets_are_no_part_of_a_value(text: str, cleaned: str) -> None:
    """Prevents one child under two numbers, of which a program wrote one for a spreadsheet."""
    assert clean_text(text) == cleaned
    assert clean_texts(pa.array([text, "x", None])).to_pylist() == [cleaned, "x", None]


def test_lost_zeros_are_added_to_numbers_alone() -> None:
    """Prevents a child from being split because a program removed the zeros of their number."""
    texts = pa.array(["40917", "0040917", "12345678", "A40917", "4 0917", None])
    assert pad_digits(texts, 7).to_pylist() == [
        *("0040917", "0040917", "12345678", "A40917", "4 0917"),
        None,
    ]
    assert pad_digits(texts, None) is texts


def test_a_number_of_a_person_has_no_decimals() -> None:
    """Prevents a child from being split because a program took their number for an amount."""
    texts = pa.array(["12.0", "12", "12.50", "A12.0", "1.0.0", "10.05", None])
    cleaned = ["12", "12", "12.50", "A12.0", "1.0.0", "10.05", None]
    assert drop_decimals(texts).to_pylist() == cleaned
    assert drop_decimals(pa.nulls(2, pa.string())).to_pylist() == [None, None]


def absences(*numbers: str, heading: str = "Child No") -> str:
    """A file with an absence of each child."""
    lines = (f"A{n};{child};01/08/2026 10:00;-;Missing" for n, child in enumerate(numbers))
    return "\n".join([f"Ref;{heading};From;To;Kind", *lines]) + "\n"


def children(*numbers: str) -> str:
    """A file with these children."""
    return "\n".join(["Child No;Born", *(f"{number};04/03/2012" for number in numbers)]) + "\n"


def deliver(home: Home, layouts: Path, layout: dict[str, Any], **files: str) -> Any:
    """Land the files of an authority that writes this layout."""
    assign(layouts, AUTHORITY, layout)
    names = {f"{name}.txt": text for name, text in files.items()}
    home.put_files("authority_extract", AUTHORITY, QUARTER, encoded(names))
    return home.land_one()


def with_digits(table: dict[str, Any], digits: int) -> dict[str, Any]:
    """The entry of a table in which the numbers of children have this many digits."""
    columns = [
        {**column, "digits": digits} if column["name"] == "Child No" else column
        for column in table["columns"]
    ]
    return {**table, "columns": columns}


def test_a_number_is_the_same_in_each_file(home: Home, layouts: Path) -> None:
    """Prevents an absence from belonging to nobody, and a second child for it."""
    layout = {**OWN, "tables": [PERSONS, with_digits(ABSENCES, 4)]}
    delivery = deliver(
        home,
        layouts,
        layout,
        children=children('="0012"', "0013"),
        absences=absences("12.0", "'13"),
    )
    assert delivery.outcome == "accepted"
    absent = [row["miss_person_id"] for row in home.rows(delivery, "ssd_missing")]
    assert absent == [row["pers_person_id"] for row in home.rows(delivery, "ssd_person")]


def test_a_repeated_heading_has_a_number(home: Home, layouts: Path) -> None:
    """Prevents a column that nothing can read because its heading occurs twice."""
    text = "Ref;Child No;Date;Date;Date;Kind\nA1;P1;01/08/2026 10:00;02/08/2026 11:00;;Missing\n"
    own = [column for column in ABSENCES["columns"] if column["name"] not in {"From", "To"}]
    start = {"name": "Date", "field": "miss_missing_episode_start_date"}
    end = {"name": "date (2)", "field": "miss_missing_episode_end_date"}
    layout = {**OWN, "tables": [PERSONS, {**ABSENCES, "columns": [*own, start, end]}]}
    delivery = deliver(home, layouts, layout, children=children("P1"), absences=text)
    (row,) = home.rows(delivery, "ssd_missing")
    assert row["miss_missing_episode_start_date"] == "2026-08-01T10:00:00"
    assert row["miss_missing_episode_end_date"] == "2026-08-02T11:00:00"
    unknown = [column for rule, *_, column in home.rules(delivery) if rule == "unknown_column"]
    assert unknown == ["column 2 (4 characters)", "column 5 (8 characters)"]


def test_a_repeated_heading_without_a_number_is_refused(home: Home, layouts: Path) -> None:
    """Prevents the first of two columns from being taken because both have its heading."""
    text = absences("P1").replace("Kind", "From")
    delivery = deliver(home, layouts, OWN, children=children("P1"), absences=text)
    assert (delivery.outcome, delivery.reject_rule_code) == ("rejected", "duplicate_column")


@pytest.mark.parametrize(("known", "outcome"), [(3, "accepted"), (2, "held")])
def test_a_table_about_unknown_children_is_held(
    home: Home, layouts: Path, known: int, outcome: str
) -> None:
    """Prevents a register with two children for each child, and not a word about it."""
    names = [f"P{number}" for number in range(6 if known == 3 else 5)]
    delivery = deliver(
        home, layouts, OWN, children=children(*names[:known]), absences=absences(*names)
    )
    held = [rule for rule, *_ in home.rules(delivery) if rule == "unlinked_persons"]
    assert ("held" if delivery.is_held else delivery.outcome, len(held)) == (
        outcome,
        outcome == "held",
    )


def test_two_unknown_children_hold_nothing(home: Home, layouts: Path) -> None:
    """Prevents a small delivery from being held because of two mistakes."""
    delivery = deliver(home, layouts, OWN, children=children("P1"), absences=absences("P2", "P3"))
    assert not delivery.is_held


def write_sample(folder: Path, **files: str) -> Path:
    """A folder with the files of a sample."""
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


def write_layout(folder: Path, layout: dict[str, Any]) -> Path:
    """The YAML file of a layout."""
    path = folder / "ours.yaml"
    path.write_text(yaml.safe_dump(layout, sort_keys=False), encoding="utf-8")
    return path


def test_a_check_of_a_layout_counts_records_about_unknown_children(
    home: Home, tmp_path: Path
) -> None:
    """Prevents a layout that lands every record, each with a child that nobody else has."""
    sample = write_sample(
        tmp_path / "sample", children=children("01", "02", "03"), absences=absences("1", "2", "03")
    )
    path = write_layout(tmp_path, OWN)
    (link,) = check_layout(home.settings, path, sample, QUARTER).links
    assert link == PersonLinks(link.file, "ssd_missing", "miss_person_id", 3, 2)
    mended = write_layout(tmp_path, {**OWN, "tables": [PERSONS, with_digits(ABSENCES, 2)]})
    (link,) = check_layout(home.settings, mended, sample, QUARTER).links
    assert link.unlinked_count == 0


def test_a_text_that_selects_no_table_is_reported(home: Home, layouts: Path) -> None:
    """Prevents a record from being missing from its table because of a new word."""
    text = "Child No;UPN;Has one\nP1;H801;Y\nP2;;n\nP3;H803;Yes\nP4;H804;\nP5;; -\n"
    rows = {"column": "Has one", "values": ["Y"], "other_values": ["N"]}
    layout = {**OWN, "tables": [PERSONS, {**NUMBERS, "rows": rows}, ABSENCES]}
    delivery = deliver(home, layouts, layout, children=text, absences=absences("P1"))
    told = [(rule, line) for rule, _, line, _ in home.rules(delivery)]
    assert told == [("unlisted_text", "4")]
    assert len(home.rows(delivery, "ssd_person")) == 5
    assert len(home.rows(delivery, "ssd_linked_identifiers")) == 1


def test_a_joined_key_has_its_zeros(home: Home, layouts: Path) -> None:
    """Prevents children without a name because a second file writes their numbers otherwise."""
    names = "Id;Last;Note\n7;Testperson;x\n"
    join = {
        "file": {"file_pattern": "names*.txt"},
        **{"key": "Child No", "other_key": "Id", "digits": 3},
        "columns": [{"name": "Last", "field": "pers_surname"}],
    }
    layout = {**OWN, "tables": [{**PERSONS, "joins": [join]}, ABSENCES]}
    files = {"children": children("007"), "absences": absences("007"), "names": names}
    delivery = deliver(home, layouts, layout, **files)
    (row,) = home.rows(delivery, "ssd_person")
    assert (row["pers_person_id"], row["pers_surname"]) == ("007", "Testperson")
    told = [(rule, column) for rule, *_, column in home.rules(delivery)]
    # The other unknown column is the date of birth, which this layout does not read.
    assert sorted(told) == [
        ("unknown_column", "column 2 (4 characters)"),
        ("unknown_column", "column 3 (4 characters)"),
    ]


@pytest.mark.parametrize(
    ("marker", "date_format"), [("01/01/1900", "%d/%m/%Y"), ("1900-01-01", "%d%b%y")]
)
@pytest.mark.parametrize("text", ["1900-01-01", "1900-01-01 00:00:00", "1900-01-01T00:00:00"])
def test_a_null_marker_is_meant_in_every_form_of_its_date(
    home: Home, layouts: Path, marker: str, date_format: str, text: str
) -> None:
    """Prevents a child who counts as an adult because a workbook writes an unknown date as 1900."""
    born = {"name": "Born", "field": "pers_dob"}
    persons = {**PERSONS, "columns": [*PERSONS["columns"], born]}
    layout = {**OWN, "null_markers": [marker], "date_format": date_format}
    layout |= {"tables": [persons, ABSENCES], "last_two_digit_year": 2030}
    listed = f"Child No;Born\nP1;{text}\nP2;1900-01-02\n"
    delivery = deliver(home, layouts, layout, children=listed, absences=absences("P1"))
    births = [row["pers_dob"] for row in home.rows(delivery, "ssd_person")]
    assert births == [None, "1900-01-02"]


def test_a_value_is_no_part_of_a_field() -> None:
    """Prevents a layout that is accepted and then rejects every delivery."""
    with pytest.raises(ValidationError, match="leave out part"):
        LayoutColumn(field="category", value="M", part="joined")


def test_the_page_names_every_key_of_a_layout() -> None:
    """Prevents a key that nobody can find without reading the program."""
    parts = (
        Layout,
        FileForm,
        Footer,
        LayoutColumn,
        RowSelection,
        JoinedFile,
        DatedCode,
        CodePeriod,
    )
    section = PAGE.read_text(encoding="utf-8").partition("## All keys")[2].partition("\n## ")[0]
    named = set(re.findall("`([a-z_]+)`", section))
    known = {key for part in parts for key in part.model_fields}
    assert named - {"register"} == known


def test_a_blank_line_above_a_footer_is_no_record(home: Home, layouts: Path) -> None:
    """Prevents a complete delivery from being rejected because of an empty line."""
    footer = {"starts_with": "(", "text": "({row_count} rows affected)"}
    table = {**ABSENCES, "file": {**ABSENCES["file"], "footer": footer}}
    layout = {**OWN, "tables": [PERSONS, table]}
    text = absences("P1", "P2") + "\n(2 rows affected)\n"
    delivery = deliver(home, layouts, layout, children=children("P1", "P2"), absences=text)
    assert (delivery.outcome, delivery.received_row_count) == ("accepted", 4)


def test_a_footer_still_counts_the_records(home: Home, layouts: Path) -> None:
    """Prevents a file that was cut short from landing as complete."""
    footer = {"starts_with": "(", "text": "({row_count} rows affected)"}
    table = {**ABSENCES, "file": {**ABSENCES["file"], "footer": footer}}
    text = absences("P1") + "\n(2 rows affected)\n"
    layout = {**OWN, "tables": [PERSONS, table]}
    delivery = deliver(home, layouts, layout, children=children("P1"), absences=text)
    assert delivery.reject_rule_code == "footer_mismatch"


def test_two_parts_of_a_file_are_one_count(home: Home, layouts: Path) -> None:
    """Prevents a layout of one supplier from failing the load of all."""
    kinds = [
        {**ABSENCES, "rows": {"column": "Kind", "values": [kind]}} for kind in ("Missing", "Absent")
    ]
    text = absences("P1") + "A9;P1;05/08/2026 10:00;-;Absent\n"
    layout = {**OWN, "tables": [PERSONS, *kinds]}
    delivery = deliver(home, layouts, layout, children=children("P1"), absences=text)
    counted = [(table.table_name, table.landed_row_count) for table in delivery.tables]
    assert counted == [("ssd_person", 1), ("ssd_missing", 2)]


def test_a_delivery_is_read_again_after_its_layout_was_corrected(home: Home, layouts: Path) -> None:
    """Prevents a delivery that stays wrong because the same bytes have landed before."""
    files = {"children": children("012"), "absences": absences("12")}
    before = deliver(home, layouts, OWN, **files)
    home.put_files("authority_extract", AUTHORITY, "2026-Q2", {"other.txt": b"waits"})
    corrected = {**OWN, "tables": [PERSONS, with_digits(ABSENCES, 3)]}
    assign(layouts, AUTHORITY, corrected)
    after = reread_delivery(home.settings, before.delivery_id)
    assert (after.delivery_id, after.received_at) == (before.delivery_id, before.received_at)
    (row,) = home.rows(after, "ssd_missing")
    assert row["miss_person_id"] == "012"
    assert [entry.delivery_id for entry in read_ledger(home.settings)] == [after.delivery_id]
    with pytest.raises(LedgerError, match="no delivery"):
        reread_delivery(home.settings, "unknown")


def test_a_delivery_without_its_raw_copy_stays_as_it_was(home: Home, layouts: Path) -> None:
    """Prevents a delivery from being lost because it was to be read again."""
    before = deliver(home, layouts, OWN, children=children("P1"), absences=absences("P1"))
    shutil.rmtree(home.folder(before) / "raw")
    with pytest.raises(LandingFailedError):
        reread_delivery(home.settings, before.delivery_id)
    assert read_ledger(home.settings) == [before]


@pytest.mark.parametrize("empty", ["", "-"])
def test_the_selected_line_of_several_is_joined(home: Home, layouts: Path, empty: str) -> None:
    """Prevents a child from getting a value that has ended, because it stands first."""
    names = f"Child No;Last;Until\nP1;Former;01/01/2020\nP1;Present;{empty}\n"
    join = {
        "file": {"file_pattern": "names*.txt"},
        "key": "Child No",
        "rows": {"column": "Until", "values": [""]},
        "columns": [{"name": "Last", "field": "pers_surname"}],
    }
    layout = {**OWN, "tables": [{**PERSONS, "joins": [join]}, ABSENCES]}
    files = {"children": children("P1"), "absences": absences("P1"), "names": names}
    delivery = deliver(home, layouts, layout, **files)
    (row,) = home.rows(delivery, "ssd_person")
    assert row["pers_surname"] == "Present"
    told = [(rule, line) for rule, _, line, _ in home.rules(delivery) if rule == "unjoined_line"]
    assert told == [("unjoined_line", "2")]


def test_a_null_marker_selects_no_line(home: Home, layouts: Path) -> None:
    """Prevents a number that says NULL from being a child's."""
    text = "Child No;UPN\nP1;H801\nP2; -\nP3;\n"
    layout = {**OWN, "tables": [PERSONS, NUMBERS, ABSENCES]}
    delivery = deliver(home, layouts, layout, children=text, absences=absences("P1"))
    assert len(home.rows(delivery, "ssd_linked_identifiers")) == 1


def test_feedback_has_the_heading_of_its_own_file(home: Home, layouts: Path) -> None:
    """Prevents a supplier from looking for a column that the file does not have."""
    later = {**ABSENCES, "file": {**ABSENCES["file"], "file_pattern": "missing*.txt"}}
    own = [
        {**column, "name": column["name"].replace("From", "Since")} for column in later["columns"]
    ]
    layout = {**OWN, "tables": [PERSONS, ABSENCES, {**later, "columns": own}]}
    other = absences("P1").replace("From", "Since").replace("01/08/2026", "31/02/2026")
    files = {"children": children("P1"), "absences": absences("P1"), "missing": other}
    delivery = deliver(home, layouts, layout, **files)
    assert [column for rule, *_, column in home.rules(delivery) if rule == "impossible_date"] == [
        "Since"
    ]


def test_a_draft_numbers_headings_and_asks_about_a_second_file(home: Home, tmp_path: Path) -> None:
    """Prevents a draft that is sure of the wrong table, because the right one has another file."""
    folder = tmp_path / "sample"
    folder.mkdir()
    line = "0040917,04/03/2012,01/02/2026,02/02/2026\n"
    for name, dates in (("Missing JAN 26", ("Date", "Date")), ("Away JAN 26", ("Went", "Back"))):
        text = ",".join(("Child Ref", "D.O.B.", *dates)) + "\n" + 2 * line
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    draft = draft_layout(home.settings, folder, "authority_return", "odd").text
    assert draft.count("table_name: missing") == 1
    assert "table_name: header" not in draft
    assert "which table does" in draft
    assert '{name: "D.O.B.", field: dob' in draft
    assert "Date, Date (2)" in draft
    assert "*.csv" in draft
    assert "JAN" not in draft.partition("QUESTION: which table")[0]
