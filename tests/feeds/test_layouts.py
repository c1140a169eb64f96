"""A layout of a system that is new here is configuration alone; a wrong one hurts no other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml
from typer.testing import CliRunner

from interfaces.command_line import app
from register.feeds.assignments import find_assigned_layout, find_layout_faults
from register.feeds.dates import DateForm, DateFormError
from register.feeds.layout import LayoutError, find_extract_layout, load_layout
from register.feeds.layout_check import check_layout
from register.feeds.layout_sample import invent_record, list_layout_tables, name_file, render_file
from register.settings import load_settings
from tests.feeds.deliveries import AUTHORITY, COMPACT, MONTH, NOW, Home, extract_files, report

FORCE = "E23000004"
SIXTH: dict[str, Any] = {
    "layout_name": "sixth",
    "feed": "police_reports",
    "description": "An invented system.",
    "file": {
        "form": "csv",
        "file_name": "misper_{period}.txt",
        "file_pattern": "*.txt",
        "table_name": "reports",
        "encoding": "ISO-8859-15",
        "delimiter": "\t",
        "quote_character": None,
        "quoting": "none",
    },
    "null_markers": ["?"],
    "date_format": "%d/%m/%y",
    "datetime_format": "%d/%m/%y %I:%M:%S.%f %p",
    "last_two_digit_year": 2030,
    "has_leading_zeros": False,
    "time_zone": "UTC",
    "alias_separator": "; ",
    "columns": [
        {"name": "Ref", "field": "report_ref"},
        {"name": "Subject", "field": "surname", "before": ","},
        {"name": "Subject", "field": "forenames", "after": ","},
        {"name": "Born", "field": "dob"},
        {"name": "Gender", "field": "sex", "is_required": False},
        {"name": "Reported", "field": "reported_at"},
        {"name": "Seen", "field": "last_seen_at", "is_required": False},
        {"name": "Class", "field": "category", "part": "joined"},
        {"name": "Sub-class", "field": "category", "part": "joined", "is_required": False},
    ],
    "dated_codes": [
        {
            "field": "category",
            "by": "reported_at",
            "periods": [
                {"valid_from": "2013-04-01", "code": "from 2013"},
                {"valid_from": "2017-01-01", "code": "from 2017"},
            ],
        }
    ],
}
HEADING = ["Ref", "Subject", "Born", "Gender", "Reported", "Seen", "Class", "Sub-class"]
RECORDS = [
    ["R1", "O'TESTNAME, Zoë Ann", "4/3/12", "F", "1/10/26 9:05:00 PM", "?", "MP", "Abs"],
    ["R2", "Testname", "29/2/00", "F", "25/10/26 12:30:07.25 am", "1/1/26 1:00:00 PM", "MP", ""],
    ["R3", "TESTNAME, ", "31/12/31", "Zz", "5/7/16 1:00:00 AM", "31/2/26 9:00:00 AM", "", ""],
]


def sample(records: list[list[str]] = RECORDS) -> bytes:
    """A file of the invented system."""
    return "\n".join("\t".join(row) for row in [HEADING, *records]).encode("iso-8859-15")


def write_layout(folder: Path, **changes: Any) -> Path:
    """The invented layout with changes, in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "sixth.yaml"
    path.write_text(yaml.safe_dump({**SIXTH, **changes}), encoding="utf-8")
    return path


@pytest.fixture
def layouts(layouts: Path) -> Path:
    """A folder with the layouts of the project, where a force writes the sixth."""
    assignments = layouts / "assignments.yaml"
    text = assignments.read_text(encoding="utf-8")
    old = f"{{supplier_code: {FORCE}, layout: niche"
    assert old in text
    assignments.write_text(text.replace(old, old.replace("niche", "sixth")), encoding="utf-8")
    return layouts


def test_a_sixth_layout_lands_by_configuration_alone(home: Home, layouts: Path) -> None:
    """Prevents the next force's files from needing Python."""
    write_layout(layouts)
    home.put_files("police_reports", FORCE, MONTH, {"misper.txt": sample()})
    delivery = home.land_one()
    assert (delivery.outcome, delivery.layout_name) == ("accepted", "sixth")
    rows = home.rows(delivery, "reports")
    assert [[row[name] for name in ("surname", "forenames", "dob", "sex")] for row in rows] == [
        ["O'TESTNAME", "Zoë Ann", "2012-03-04", "F"],
        ["Testname", None, "2000-02-29", "F"],
        ["TESTNAME", None, "1931-12-31", "Zz"],
    ]
    # Moments are in UTC there: 9 pm is 10 pm in London while the clocks are forward.
    assert [
        [row[name] for name in ("reported_at", "last_seen_at", "category")] for row in rows
    ] == [
        ["2026-10-01T22:05:00", None, "MP + Abs + from 2017"],
        ["2026-10-25T01:30:07", "2026-01-01T13:00:00", "MP + from 2017"],
        ["2016-07-05T02:00:00", None, "from 2013"],
    ]


def test_codes_without_a_code_map_land_unmapped(home: Home, layouts: Path) -> None:
    """Prevents a layout whose codes nobody has mapped yet from ending in a traceback."""
    write_layout(layouts)
    home.put_files("police_reports", FORCE, MONTH, {"misper.txt": sample()})
    delivery = home.land_one()
    rules = [(rule, line, column) for rule, _, line, column in home.rules(delivery)]
    assert [rule for rule in rules if rule[2] == "Gender"] == [
        ("unmapped_code", line, "Gender") for line in ("2", "3", "4")
    ]
    assert ("impossible_date", "4", "Seen") in rules


@pytest.mark.parametrize("damage", ["layout", "assignment", "yaml"])
def test_a_wrong_layout_stops_its_own_supplier_alone_and_until_it_is_mended(
    home: Home, layouts: Path, damage: str
) -> None:
    """Prevents one force's layout from stopping the load of every other supplier."""
    path = write_layout(layouts, **({"date_format": "%d/%m"} if damage == "layout" else {}))
    assignments = layouts / "assignments.yaml"
    good = assignments.read_text(encoding="utf-8")
    if damage == "assignment":
        assignments.write_text(good.replace("layout: sixth", "layout: seventh"), encoding="utf-8")
    if damage == "yaml":
        path.write_text("layout_name: [", encoding="utf-8")
    home.put_files("police_reports", FORCE, MONTH, {"misper.txt": sample()})
    home.put_reports([report()])
    home.put_files("authority_extract", AUTHORITY, "2026-Q3", extract_files())
    summary = home.load()
    assert sorted(entry.supplier_code for entry in summary.landed) == [AUTHORITY, COMPACT]
    (waiting,) = summary.wrong_layouts
    assert waiting.startswith(f"police_reports/{FORCE}/{MONTH}: ")
    message = {
        "layout": "sixth.yaml: format %d/%m: it needs one year",
        "assignment": "seventh.yaml: there is no such layout",
        "yaml": "sixth.yaml is not YAML: line 2",
    }
    assert message[damage] in waiting
    assert len(find_layout_faults(layouts)) == 1
    assignments.write_text(good, encoding="utf-8")
    write_layout(layouts)
    again = home.load()
    assert [entry.supplier_code for entry in again.landed] == [FORCE]
    assert again.wrong_layouts == ()


def test_a_wrong_layout_of_a_case_system_is_named_for_that_system_alone(tmp_path: Path) -> None:
    """Prevents extracts of one system from being read by chance, or all from failing."""
    write_layout(tmp_path, feed="authority_extract", case_systems=["Ours"])
    with pytest.raises(LayoutError, match=r"sixth\.yaml: .*table_name"):
        find_extract_layout("ours", tmp_path)
    assert find_extract_layout("another", tmp_path) is None


WRONG = [
    ({"feed": "hospitals"}, "feed: there is no feed hospitals"),
    ({"file": {**SIXTH["file"], "encoding": "klingon"}}, "no text encoding is called klingon"),
    ({"file": {**SIXTH["file"], "delimiter": "||"}}, "file.delimiter"),
    ({"file": {**SIXTH["file"], "form": "xlsx"}}, "sheet_name"),
    ({"colums": []}, "colums: Extra inputs"),
    ({"last_two_digit_year": None}, "%y needs last_two_digit_year"),
    ({"datetime_format": "%d/%m/%y %H:%M %q"}, "%q is not supported"),
    ({"datetime_format": None}, "no datetime_format"),
    ({"columns": [*SIXTH["columns"], {"name": "X", "field": "surnme"}]}, "no field surnme"),
    ({"columns": [*SIXTH["columns"], {"name": "ref", "field": "person_ref"}]}, "occurs twice"),
    ({"columns": [*SIXTH["columns"], {"name": "X", "field": "dob"}]}, "dob must be filled by one"),
    ({"columns": SIXTH["columns"][1:]}, "report_ref is required of every record"),
    ({"dated_codes": [{**SIXTH["dated_codes"][0], "by": "sex"}]}, "depends on sex"),
    ({"dated_codes": [{**SIXTH["dated_codes"][0], "field": "surname"}]}, "surname has no codes"),
]


@pytest.mark.parametrize(("changes", "message"), WRONG, ids=lambda item: str(item)[:40])
def test_a_wrong_layout_says_what_is_wrong_with_it(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    """Prevents an error of a library's from being all that the author of a layout gets."""
    path = write_layout(tmp_path, **changes)
    with pytest.raises(LayoutError) as caught:
        load_layout(path)
    assert str(caught.value).startswith("sixth.yaml")
    assert message in str(caught.value)


def test_a_layout_of_nobody_stops_nobody(layouts: Path) -> None:
    """Prevents a draft in the folder from being an error of those who do not use it."""
    (layouts / "draft.yaml").write_text("- nothing yet", encoding="utf-8")
    result = find_assigned_layout("police_reports", COMPACT, NOW.date(), layouts)
    assert result is not None and result.layout_name == "compact"


FORMS = [
    ("%d/%m/%y", {"last_two_digit_year": 2030}, "04/03/30", "2030-03-04"),
    ("%d/%m/%y", {"last_two_digit_year": 2030}, "04/03/31", "1931-03-04"),
    ("%d/%m/%y", {"last_two_digit_year": 2099}, "29/02/00", "2000-02-29"),
    ("%d/%m/%y", {"last_two_digit_year": 2030}, "29/02/31", None),
    ("%d/%m/%Y %I:%M %p", {}, "04/03/2026 12:05 am", "2026-03-04T00:05:00"),
    ("%d/%m/%Y %I:%M %p", {}, "04/03/2026 13:05 PM", None),
    ("%d/%m/%Y", {"has_leading_zeros": False}, "4/3/2026", "2026-03-04"),
    ("%d/%m/%Y", {"has_leading_zeros": False}, "04/03/2026", "2026-03-04"),
    ("%d/%m/%Y", {"has_leading_zeros": False}, "4/13/2026", None),
    ("%d/%m/%Y", {}, "4/3/2026", None),
    ("%d %b %Y %H:%M:%S.%f", {}, "04 Mar 2026 10:11:12.123456", "2026-03-04T10:11:12"),
    ("%d %b %Y %H:%M:%S.%f", {}, "04 Mar 2026 10:11:12", "2026-03-04T10:11:12"),
    ("%d.%m.%Y %H.%M.%S.%f", {}, "04.03.2026 10.11.12.5", "2026-03-04T10:11:12"),
    ("%d.%m.%Y %H.%M.%S.%f", {}, "04.03.2026 10.11.12", "2026-03-04T10:11:12"),
    ("%d/%m/%Y %H:%M %z", {}, "04/07/2026 10:11 +0000", "2026-07-04T11:11:00"),
    ("%d/%m/%Y %H:%M %z", {}, "04/07/2026 10:11 BST", "2026-07-04T10:11:00"),
    ("%d/%m/%Y %H:%M %z", {}, "04/07/2026 23:30 GMT", "2026-07-05T00:30:00"),
    ("%d/%m/%Y %H:%M%z", {}, "04/03/2026 10:11+05:30", "2026-03-04T04:41:00"),
    ("%d/%m/%Y %H:%M %z", {}, "04/03/2026 10:11", None),
    ("%d/%m/%Y %H:%M", {"is_utc": True}, "04/07/2026 10:11", "2026-07-04T11:11:00"),
    ("%d/%m/%Y", {"is_utc": True}, "04/07/2026", "2026-07-04"),
]


@pytest.mark.parametrize(("text_format", "options", "text", "iso"), FORMS)
def test_a_date_is_read_in_the_form_that_the_layout_says(
    text_format: str, options: dict[str, Any], text: str, iso: str | None
) -> None:
    """Prevents a date from being lost, or read as another day, hour or century."""
    read = DateForm(text_format, **options).parse(pa.array([text, None]))
    assert read.to_pylist() == [iso, None]


@pytest.mark.parametrize(
    "text_format", ["%d/%m", "%d/%m/%Y %I:%M", "%z %d/%m/%Y", "%d/%m/%Y %f", "%d/%m/%Y/%y", "%D"]
)
def test_a_format_by_which_no_date_is_one_date_is_refused(text_format: str) -> None:
    """Prevents a layout that reads nothing, or reads noon as midnight."""
    with pytest.raises(DateFormError):
        DateForm(text_format)


def _check(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["layouts", "check", *arguments])
    return result.exit_code, result.output


def test_the_check_of_a_layout_says_what_would_land(layouts: Path, tmp_path: Path) -> None:
    """Prevents a force's layout from being tried for the first time on its first delivery."""
    path = write_layout(tmp_path / "draft")
    rows = [[*row, "x"] for row in [*RECORDS, *RECORDS[:1] * 3, ["", *RECORDS[0][1:]]]]
    text = "\n".join("\t".join(row) for row in [[*HEADING, "Officer"], *rows, ["torn"]])
    (tmp_path / "misper.txt").write_bytes(text.encode("iso-8859-15"))
    code, output = _check(str(path), str(tmp_path / "misper.txt"), "--json")
    assert code == 0, output
    result = json.loads(output)
    (table,) = result["tables"]
    assert (table["record_count"], table["landed_count"]) == (8, 6)
    assert table["quarantined_counts"] == {"missing_required_value": 1, "wrong_field_count": 1}
    assert table["unknown_columns"] == [[9, 7]]
    columns = {column["field_name"]: column for column in table["columns"]}
    assert columns["surname"]["headings"] == ["Subject"]
    assert columns["person_ref"]["headings"] == columns["person_ref"]["missing_headings"] == []
    assert columns["last_seen_at"]["wrong_counts"] == {"impossible_date": 1}
    # F is a code by its number; Zz was written once, and may be anything.
    assert columns["sex"]["unmapped_codes"] == {"F": 5}
    assert columns["sex"]["text_count"] == 1
    assert columns["category"]["unmapped_codes"] == {"MP + Abs + from 2017": 4}
    code, output = _check(str(path), str(tmp_path / "misper.txt"))
    assert code == 0
    assert "column 9 (a heading of 7 characters) is not in the layout" in output
    assert not {"TESTNAME", "Officer", "Zoë", "2012", "R1"} & set(output.replace(",", " ").split())


def test_names_in_the_place_of_codes_are_counted_and_not_shown(
    layouts: Path, tmp_path: Path
) -> None:
    """Prevents a layout with two columns mixed up from printing the children of a force."""
    columns = [dict(column) for column in SIXTH["columns"]]
    columns[1]["field"], columns[2]["field"], columns[4]["field"] = "sex", "person_ref", "surname"
    del columns[1]["before"], columns[2]
    path = write_layout(tmp_path / "draft", columns=columns)
    rows = [[*row[:1], f"TESTNAME{number}, Zoe", *row[2:]] for number, row in enumerate(RECORDS)]
    (tmp_path / "misper.txt").write_bytes(sample(rows))
    code, output = _check(str(path), str(tmp_path / "misper.txt"))
    assert code == 0, output
    assert "3 texts that are not shown" in output
    assert "TESTNAME" not in output


def test_the_check_of_a_wrong_layout_or_a_sample_of_another_fails(
    layouts: Path, tmp_path: Path
) -> None:
    """Prevents a script from taking a layout that lands nothing for a good one."""
    path = write_layout(tmp_path / "draft")
    (tmp_path / "misper.txt").write_bytes(sample().replace(b"Reported", b"Recorded"))
    code, output = _check(str(path), str(tmp_path / "misper.txt"))
    assert (code, output.strip()) == (
        1,
        "rejected: missing_required_column (file misper.txt, line 1, column Reported)",
    )
    wrong = write_layout(tmp_path / "draft", date_format="%d")
    code, output = _check(str(wrong), str(tmp_path / "misper.txt"))
    assert code == 1
    assert "sixth.yaml: format %d" in output
    assert _check(str(tmp_path / "none.yaml"), str(path))[0] == 3


def test_wrong_layouts_are_listed(layouts: Path) -> None:
    """Prevents a wrong layout from being found by the first delivery that needs it."""
    write_layout(layouts, date_format="%d")
    result = CliRunner().invoke(app, ["layouts"])
    assert result.exit_code == 1
    assert result.output.count("\n") == 1
    write_layout(layouts)
    assert CliRunner().invoke(app, ["layouts"]).exit_code == 0


def test_a_sample_in_a_layout_is_read_back_as_it_was_meant(tmp_path: Path) -> None:
    """Prevents a guide whose sample of a system is in another form than that system's."""
    path = write_layout(tmp_path / "draft", file={**SIXTH["file"], "file_name": "misper.txt"})
    settings = load_settings({"REGISTER_ENVIRONMENT": "test"})
    layout = load_layout(path)
    (table,) = list_layout_tables(layout)
    record = invent_record(layout, table, MONTH, settings.seeds)
    assert record["Subject"] == "Testperson, Wilhelmina"
    assert record["Reported"] == "01/10/26 10:40:00.000000 PM"
    sample_file = tmp_path / name_file(layout, table, MONTH)
    sample_file.write_bytes(render_file(layout, list(record), [list(record.values())]))
    report = check_layout(settings, path, sample_file)
    assert report.rejection is None
    columns = {column.field_name: column for column in report.tables[0].columns}
    assert report.tables[0].landed_count == 1
    assert columns["forenames"].filled_count == columns["surname"].filled_count == 1
    assert columns["reported_at"].wrong_counts == columns["dob"].wrong_counts == {}
