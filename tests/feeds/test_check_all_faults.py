"""`register check` tells everything that is wrong with a file in one run."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from register.feeds import check_delivery
from register.feeds.layout import load_layouts
from register.settings import Settings
from tests.feeds.deliveries import (
    AUTHORITY,
    COMPACT,
    MONTH,
    QUARTER,
    YEAR,
    as_csv,
    extract_files,
    police_rows,
    report,
    table_csv,
)

NOW = datetime(2026, 11, 24, tzinfo=UTC)
PLACES = {
    "police_reports": (COMPACT, MONTH),
    "authority_extract": (AUTHORITY, QUARTER),
    "authority_return": (AUTHORITY, YEAR),
    "published_statistics": ("DFE", "2026"),
}
Told = list[tuple[str, str, str]]


def _read_feedback(settings: Settings, folder: Path, feed: str, files: dict[str, bytes]) -> Told:
    """Rule, file and column of each line, in order."""
    folder = folder / "delivery"
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    checked = check_delivery(settings, folder, feed, *PLACES[feed], NOW)
    assert checked.outcome == "rejected"
    lines = checked.build_feedback()
    assert all(line["what_to_fix"] for line in lines)
    return [(line["rule_code"], line["file"], line["column"]) for line in lines]


def test_columns_that_are_missing_and_records_that_are_wrong(
    settings: Settings, tmp_path: Path
) -> None:
    """Prevents a force from sending a file four times to hear of four faults."""
    layout = load_layouts()["compact"]
    reports = [report(n, sex="F") for n in range(1, 9)]
    reports[1]["sex"] = "Feline"
    reports[2]["dob"] = "31/02/2012"
    reports[3]["report_ref"] = ""
    rows = police_rows(layout, reports)
    removed = {rows[0].index("Surname"), rows[0].index("Reported")}
    rows = [[cell for place, cell in enumerate(row) if place not in removed] for row in rows]
    data = as_csv(rows, layout) + b'"unclosed\r\n'
    assert _read_feedback(settings, tmp_path, "police_reports", {"reports.csv": data}) == [
        ("missing_required_column", "reports.csv", "Surname"),
        ("missing_required_column", "reports.csv", "Reported"),
        ("missing_required_value", "reports.csv", "Case Ref"),
        ("unclosed_quote", "reports.csv", ""),
        ("unmapped_code", "reports.csv", "Sex"),
        ("impossible_date", "reports.csv", "Date of Birth"),
    ]


def test_every_file_of_an_extract_is_read(settings: Settings, tmp_path: Path) -> None:
    """Prevents the faults of one table from hiding those of the others."""
    files = extract_files(
        ssd_missing=[
            {"miss_table_id": "A1", "miss_person_id": ""},
            {"miss_table_id": "A2", "miss_person_id": "P1"},
        ]
    )
    person = {"pers_person_id": "P1", "pers_sex": "Q"}
    files["ssd_person.csv"] = table_csv("authority_extract", "ssd_person", [person], "pers_dob")
    files["ssd_address.csv"] = b"\xff\xfe\x00"
    feedback = _read_feedback(settings, tmp_path, "authority_extract", files)
    assert feedback[0] == ("wrong_encoding", "ssd_address.csv", "")
    assert {
        ("missing_required_column", "ssd_person.csv", "pers_dob"),
        ("unmapped_code", "ssd_person.csv", "pers_sex"),
        ("missing_required_value", "ssd_missing.csv", "miss_person_id"),
    } <= set(feedback)


@pytest.mark.parametrize("name", ["header.csv", "return.xml"])
def test_a_file_of_a_return_that_cannot_be_read_hides_no_other(
    settings: Settings, tmp_path: Path, name: str
) -> None:
    """Prevents the first broken module from being the only one that is told."""
    files = {
        name: b"<Return><CHILD>" if name.endswith("xml") else b"",
        "episodes.csv": table_csv("authority_return", "episodes", [{"child": "C1"}], "decom"),
        "missing.csv": table_csv("authority_return", "missing", [{"child": "", "missing": "M"},
                                                                 {"child": "C1", "missing": "Z"}]),
    }  # fmt: skip
    feedback = _read_feedback(settings, tmp_path, "authority_return", files)
    first = "malformed_xml" if name.endswith("xml") else "empty_file"
    assert (first, name, "") in feedback
    assert ("missing_required_column", "episodes.csv", "decom") in feedback
    assert ("missing_required_value", "missing.csv", "child") in feedback
    assert ("unmapped_code", "missing.csv", "missing") in feedback
