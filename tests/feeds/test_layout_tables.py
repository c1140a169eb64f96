"""A layout of several tables: files, sheets, selected rows, joined files and constants."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml

from register.decision_files import append_decisions
from register.erased_persons import ERASURES, compute_person_code, read_erased_persons
from register.feeds.erase_delivery import erase_in_landing
from register.feeds.layout import LayoutError, load_layout
from register.publishing import SourceLine, read_raw_line
from tests.feeds.deliveries import AUTHORITY, MONTH, QUARTER, Home

FORCE = "E23000004"
COMMON: dict[str, Any] = {
    "description": "An invented system.",
    "null_markers": ["-"],
    "date_format": "%d/%m/%Y",
    "datetime_format": "%d/%m/%Y %H:%M",
    "alias_separator": ";",
}
PERSON_COLUMNS = [
    {"name": "Child No", "other_names": ["Child Number"], "field": "pers_person_id"},
    {"name": "Gender", "field": "pers_sex"},
    {"name": "Born", "field": "pers_dob"},
    {"field": "pers_ethnicity", "value": "WBRI"},
]
NAME_COLUMNS = [
    {"name": "First", "field": "pers_forename"},
    {"name": "Last", "field": "pers_surname"},
]
ABSENCES = {
    "file": {"table_name": "ssd_missing", "file_pattern": "absences*.txt"},
    "columns": [
        {"name": "Ref", "field": "miss_table_id"},
        {"name": "Child No", "field": "miss_person_id"},
        {"name": "From", "field": "miss_missing_episode_start_date"},
        {"name": "To", "field": "miss_missing_episode_end_date"},
        {"name": "Kind", "field": "miss_missing_episode_type"},
    ],
}
NUMBERS = {
    "file": {"table_name": "ssd_linked_identifiers", "file_pattern": "children*.txt"},
    "rows": {"column": "UPN"},
    "columns": [
        {"name": "Child No", "other_names": ["Child Number"], "field": "link_person_id"},
        {"name": "UPN", "field": "link_identifier_value"},
        {"field": "link_identifier_type", "value": "Unique Pupil Number"},
    ],
}
EXTRACT: dict[str, Any] = {
    **COMMON,
    "layout_name": "ours",
    "feed": "authority_extract",
    "case_systems": ["Ours"],
    "file": {"form": "csv", "delimiter": ";", "quote_character": '"'},
    "tables": [
        {
            "file": {"table_name": "ssd_person", "file_pattern": "children*.txt"},
            "columns": PERSON_COLUMNS,
            "joins": [
                {
                    "file": {"file_pattern": "names.txt", "delimiter": "|"},
                    "key": "Child No",
                    "other_key": "Id",
                    "columns": NAME_COLUMNS,
                }
            ],
        },
        NUMBERS,
        ABSENCES,
    ],
}
FILES = {
    "children_1.txt": "Child No;Gender;Born;UPN\nP1;F;04/03/2012;H801\nP2;M;05/06/2011;\n",
    "children_2.txt": "Child No;Gender;Born;UPN\nP3;F;01/02/2010;H803\n",
    "names.txt": "Id|First|Last\nP1|Wilhelmina|Testperson\nP9|Nobody|Testperson\n"
    "P3|Zoe|Sample\nP3|Zoe|Again\ntorn\n",
    "absences.txt": "Ref;Child No;From;To;Kind\nA1;P1;01/08/2026 10:00;-;Missing\n",
}


def assign(layouts: Path, supplier_code: str, layout: dict[str, Any]) -> None:
    """Write a layout and assign it to one supplier alone."""
    name = layout["layout_name"]
    (layouts / f"{name}.yaml").write_text(yaml.safe_dump(layout, sort_keys=False), "utf-8")
    line = {"supplier_code": supplier_code, "layout": name, "valid_from": "2010-04-01"}
    (layouts / "assignments.yaml").write_text(yaml.safe_dump({"assignments": [line]}), "utf-8")


def encoded(files: dict[str, str]) -> dict[str, bytes]:
    """The files as bytes."""
    return {name: text.encode() for name, text in files.items()}


def counts(delivery: Any) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Records received, landed and quarantined of each table and file."""
    return {
        (item.table_name, item.file_name): (
            item.received_row_count,
            item.landed_row_count,
            item.quarantined_row_count,
        )
        for item in delivery.tables
    }


def test_one_table_is_read_from_several_files_and_several_from_one(
    home: Home, layouts: Path
) -> None:
    """Prevents a line from being lost between files that share a table, or tables a file."""
    assign(layouts, AUTHORITY, EXTRACT)
    home.put_files("authority_extract", AUTHORITY, QUARTER, encoded(FILES))
    delivery = home.land_one()
    assert (delivery.outcome, delivery.layout_name) == ("accepted_with_quarantine", "ours")
    assert delivery.case_system == "Ours"
    persons = home.rows(delivery, "ssd_person")
    names = ("pers_person_id", "pers_forename", "pers_surname", "pers_dob", "pers_ethnicity")
    assert [[row[name] for name in names] for row in persons] == [
        ["P1", "Wilhelmina", "Testperson", "2012-03-04", "WBRI"],
        ["P2", None, None, "2011-06-05", "WBRI"],
        ["P3", "Zoe", "Sample", "2010-02-01", "WBRI"],
    ]
    files = sorted({row["_file"] for row in persons})
    assert [(row["_file"], row["_row_number"]) for row in persons] == [
        (files[0], 2),
        (files[0], 3),
        (files[1], 2),
    ]
    numbers = home.rows(delivery, "ssd_linked_identifiers")
    assert [(row["link_person_id"], row["link_identifier_value"]) for row in numbers] == [
        ("P1", "H801"),
        ("P3", "H803"),
    ]
    assert [row["_row_number"] for row in numbers] == [2, 2]
    # The joined file has five lines. Two are part of a child's record; the others fit none.
    assert [count for count in counts(delivery).values() if count[1] == 0] == [(3, 0, 3)]
    rules = [(rule, line) for rule, file, line, _ in home.rules(delivery) if "joined" in rule]
    assert rules == [("unjoined_line", "3"), ("unjoined_line", "5")]
    assert sum(count[0] for count in counts(delivery).values()) == delivery.received_row_count


def test_a_heading_may_have_other_names(home: Home, layouts: Path) -> None:
    """Prevents a delivery from being rejected because a version of a system renamed a column."""
    assign(layouts, AUTHORITY, EXTRACT)
    files = {**FILES, "children_2.txt": FILES["children_2.txt"].replace("Child No", "Child Number")}
    home.put_files("authority_extract", AUTHORITY, QUARTER, encoded(files))
    delivery = home.land_one()
    # The joined file's key has one name alone.
    assert delivery.reject_rule_code == "missing_required_column"
    table = {**EXTRACT["tables"][0]}
    table.pop("joins")
    table["columns"] = [*PERSON_COLUMNS, {"field": "pers_surname", "value": "None"}]
    assign(layouts, AUTHORITY, {**EXTRACT, "tables": [table, NUMBERS, ABSENCES]})
    files.pop("names.txt")
    home.put_files("authority_extract", AUTHORITY, "2026-Q2", encoded(files))
    later = next(item for item in home.load().landed if item.period == "2026-Q2")
    assert [row["pers_person_id"] for row in home.rows(later, "ssd_person")] == ["P1", "P2", "P3"]


def test_a_column_says_which_table_a_line_belongs_to(home: Home, layouts: Path) -> None:
    """Prevents lines of one file from landing in two tables, or in none without a trace."""
    form = {"file_pattern": "all.txt"}
    person = {
        "file": {**form, "table_name": "ssd_person"},
        "rows": {"column": "Type", "values": ["C", "child"]},
        "columns": [{"name": "Id", "field": "pers_person_id"}, *NAME_COLUMNS],
    }
    absence = {
        "file": {**form, "table_name": "ssd_missing"},
        "rows": {"column": "Type", "values": ["A"]},
        "columns": [
            {"name": "Ref", "field": "miss_table_id"},
            {"name": "Id", "field": "miss_person_id"},
        ],
    }
    assign(layouts, AUTHORITY, {**EXTRACT, "tables": [person, absence]})
    text = "Type;Id;First;Last;Ref\nC;P1;W;T;\na;P1;;;A1\nChild;P2;Z;S;\nX;P3;;;\nC;P4\nA;P2;;;A2\n"
    home.put_files("authority_extract", AUTHORITY, QUARTER, {"all.txt": text.encode()})
    delivery = home.land_one()
    assert [(r["pers_person_id"], r["_row_number"]) for r in home.rows(delivery, "ssd_person")] == [
        ("P1", 2),
        ("P2", 4),
    ]
    assert [(r["miss_table_id"], r["_row_number"]) for r in home.rows(delivery, "ssd_missing")] == [
        ("A1", 3),
        ("A2", 7),
    ]
    # Six lines: two of each table, one of an unknown type, and one that is torn.
    assert sorted(count for count in counts(delivery).values()) == [(2, 2, 0), (4, 2, 2)]
    assert [(rule, line) for rule, _, line, _ in home.rules(delivery)] == [
        ("unknown_record_type", "5"),
        ("wrong_field_count", "6"),
    ]


def workbook(**sheets: list[list[str]]) -> bytes:
    """A workbook with these sheets."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    stored = io.BytesIO()
    book.save(stored)
    return stored.getvalue()


FORCE_LAYOUT: dict[str, Any] = {
    **COMMON,
    "layout_name": "force",
    "feed": "police_reports",
    "file": {"form": "xlsx", "file_pattern": "*.xlsx"},
    "tables": [
        {
            "file": {"table_name": "reports", "sheet_name": sheet},
            "columns": [
                {"name": "Report", "field": "report_ref"},
                {"name": "Reported", "field": "reported_at"},
                {"name": "Person", "field": "person_ref"},
            ],
            "joins": [
                {
                    "file": {"sheet_name": "People"},
                    "key": "Person",
                    "columns": [
                        {"name": "Name", "field": "surname", "before": ","},
                        {"name": "Name", "field": "forenames", "after": ","},
                    ],
                }
            ],
        }
        for sheet in ("New", "Changed")
    ],
}


def test_sheets_of_one_workbook_are_joined_and_appended(home: Home, layouts: Path) -> None:
    """Prevents a row from being traced to the line of another sheet, or read from one alone."""
    assign(layouts, FORCE, FORCE_LAYOUT)
    heading = ["Report", "Reported", "Person"]
    data = workbook(
        People=[["Person", "Name"], ["N1", "TESTPERSON, Zoe"], ["N2", "SAMPLE, Wilhelmina"]],
        New=[heading, ["R1", "01/10/2026 10:00", "N1"]],
        Changed=[heading, ["R2", "02/10/2026 11:00", "N2"], ["R3", "03/10/2026 11:00", "N1"]],
        Notes=[["Made by a person"]],
    )
    home.put_files("police_reports", FORCE, MONTH, {"misper.xlsx": data})
    delivery = home.land_one()
    assert delivery.outcome == "accepted"
    rows = home.rows(delivery, "reports")
    assert [(row["report_ref"], row["surname"], row["forenames"]) for row in rows] == [
        ("R1", "TESTPERSON", "Zoe"),
        ("R2", "SAMPLE", "Wilhelmina"),
        ("R3", "TESTPERSON", "Zoe"),
    ]
    (book,) = {row["_file"].rpartition("/")[0] for row in rows}
    assert [(row["_file"].removeprefix(book), row["_row_number"]) for row in rows] == [
        ("/sheet_2", 2),
        ("/sheet_3", 2),
        ("/sheet_3", 3),
    ]
    assert home.rules(delivery) == [("unknown_sheet", f"{book}/sheet_4", "", "")]
    line = SourceLine(
        *("row", "police_reports", FORCE, None, MONTH, None, None, delivery.delivery_id),
        *(rows[2]["_file"], rows[2]["_row_number"]),
    )
    assert read_raw_line(home.settings, line) == "R3 | 03/10/2026 11:00 | N1"


def test_a_manifest_counts_each_line_of_a_file_once(home: Home, layouts: Path) -> None:
    """Prevents a true manifest from holding a delivery whose files share tables and records."""
    assign(layouts, AUTHORITY, EXTRACT)
    rows = {"children_1.txt": 2, "children_2.txt": 1, "names.txt": 5, "absences.txt": 1}
    resources = [{"path": name, "rows": count} for name, count in rows.items()]
    manifest = {"manifest.json": json.dumps({"resources": resources})}
    home.put_files("authority_extract", AUTHORITY, QUARTER, encoded(FILES | manifest))
    assert home.land_one().hold_rule_code is None
    resources[2]["rows"] = 4
    manifest = {"manifest.json": json.dumps({"resources": resources})}
    home.put_files("authority_extract", AUTHORITY, "2026-Q2", encoded(FILES | manifest))
    later = next(item for item in home.load().landed if item.period == "2026-Q2")
    assert str(later.hold_rule_code).startswith("manifest")


@pytest.mark.parametrize("person", ["P1", "P2"])
def test_an_erased_child_leaves_the_joined_files_too(
    home: Home, layouts: Path, person: str
) -> None:
    """Prevents a child's name from remaining in the copy of a file that has names alone."""
    assign(layouts, AUTHORITY, EXTRACT)
    home.put_files("authority_extract", AUTHORITY, QUARTER, encoded(FILES))
    before = home.land_one()
    assert before.is_copy_kept
    settings = home.settings
    code = compute_person_code(settings.pseudonym_key, AUTHORITY, person)
    entry = ("2026-11-25T09:00:00Z", "A", "B", "E1", "court_order", AUTHORITY)
    append_decisions(settings, ERASURES, [(*entry, code, settings.key_id)], ValueError)
    erase_in_landing(settings, read_erased_persons(settings))
    after = home.land_one()
    assert after.erased_row_count == {"P1": 3, "P2": 1}[person]
    assert not after.is_copy_kept
    assert {row["pers_person_id"] for row in home.rows(after, "ssd_person")} == {
        *("P1", "P2", "P3")
    } - {person}
    # A load that reads the delivery again keeps no copy either.
    shutil.rmtree(home.folder(after))
    assert not home.land_one().is_copy_kept


def test_a_file_that_a_join_needs_must_be_there(home: Home, layouts: Path) -> None:
    """Prevents a delivery of children without names from being accepted without a word."""
    assign(layouts, AUTHORITY, EXTRACT)
    files = {name: text for name, text in FILES.items() if name != "names.txt"}
    home.put_files("authority_extract", AUTHORITY, QUARTER, encoded(files))
    delivery = home.land_one()
    assert delivery.reject_rule_code == "missing_file"
    assert home.feedback(delivery)[0]["file"] == "names.txt"


def test_a_case_system_without_an_assignment_is_still_found_by_its_version_file(
    home: Home, layouts: Path
) -> None:
    """Prevents a layout of several tables from being used for an authority by the wrong door."""
    assign(layouts, "999", EXTRACT)
    home.put_files("authority_extract", AUTHORITY, QUARTER, encoded(FILES))
    assert home.land_one().reject_rule_code == "missing_file"


WRONG = [
    ({"tables": EXTRACT["tables"][1:]}, "no entry for ssd_person"),
    ({"case_systems": []}, "neither an entry for ssd_version nor a name in case_systems"),
    ({"columns": PERSON_COLUMNS}, "belong in the entries of tables"),
    ({"tables": [*EXTRACT["tables"], NUMBERS]}, "two entries read the same lines"),
    (
        {"tables": [{**EXTRACT["tables"][0], "rws": {}}, *EXTRACT["tables"][1:]]},
        "tables.0.rws: Extra inputs",
    ),
    (
        {"tables": [*EXTRACT["tables"], {**NUMBERS, "file": {"table_name": "ssd_address"}}]},
        "file has no file_pattern",
    ),
]


@pytest.mark.parametrize(("changes", "message"), WRONG, ids=lambda item: str(item)[:40])
def test_a_wrong_entry_says_what_is_wrong_with_it(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    """Prevents an author from searching a long layout for its fault."""
    path = tmp_path / "ours.yaml"
    path.write_text(yaml.safe_dump({**EXTRACT, **changes}), "utf-8")
    with pytest.raises(LayoutError) as caught:
        load_layout(path)
    assert message in str(caught.value)
