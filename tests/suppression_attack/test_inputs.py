"""Tables of other producers: tidy CSV, spreadsheets and data frames, and drafts for them."""

from __future__ import annotations

import csv
import sys
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
import yaml

from register.settings import PROJECT_ROOT
from suppression_attack import DescriptionError, Report, attack, attack_frames, draft_frames
from suppression_attack.__main__ import main

EXAMPLE = PROJECT_ROOT / "suppression_attack" / "example" / "exclusions.csv"
OPENDOCUMENT = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body>'
    '<office:spreadsheet><table:table table:name="Table 1">{}</table:table>'
    "</office:spreadsheet></office:body></office:document-content>"
)


def _rows() -> list[list[str]]:
    with EXAMPLE.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def _frame() -> pd.DataFrame:
    headings, *rows = _rows()
    return pd.DataFrame(rows, columns=headings)


def _ties() -> dict[str, Any]:
    ties: dict[str, Any] = yaml.safe_load(draft_frames({"exclusions": _frame()}, "r"))
    return ties


def _summarise(report: Report) -> tuple[int, int, int]:
    return sum(report.hidden.values()), len(report.too_narrow), len(report.exact)


@pytest.fixture(scope="module")
def expected() -> tuple[int, int, int]:
    """Hidden, too narrow and exact counts of the example."""
    return _summarise(attack_frames({"exclusions": _frame()}, _ties()))


def test_a_draft_has_the_sums_of_areas_and_items(expected: tuple[int, int, int]) -> None:
    """Prevents a draft that leaves the work to its reader."""
    ties = _ties()
    assert [tie["add"]["over"] for tie in ties["ties"]] == ["sex", "areas"]
    assert ties["areas"]["areas"]["parents"] == {
        "North": "Country",
        "South": "Country",
        **dict.fromkeys(("N1", "N2", "N3"), "North"),
        **dict.fromkeys(("S1", "S2", "S3", "S4"), "South"),
    }
    assert ties["files"]["exclusions"] == {
        "counts": ["children"],
        "filters": ["sex"],
        "labels": ["part_of"],
    }
    assert expected == (17, 11, 3)


def test_a_sum_that_fails_once_is_a_question_and_no_tie() -> None:
    """Prevents a tie that the numbers refute."""
    frame = _frame()
    is_total = (frame["area"] == "S1") & (frame["sex"] == "Total") & (frame["year"] == "2024")
    frame.loc[is_total, "children"] = "99"
    text = draft_frames({"exclusions": frame})
    assert not yaml.safe_load(text)["ties"]
    assert "how do the items of sex add up?" in text
    assert "which areas form South, and may anybody count in two?" in text


def test_people_who_count_in_two_areas_are_an_overlap() -> None:
    """Prevents a sum of areas that is larger than their region from ending in no tie at all."""
    frame = _frame()
    is_region = frame["level"] == "Region"
    frame.loc[is_region, "children"] = [str(int(each) - 5) for each in frame[is_region]["children"]]
    is_country = frame["level"] == "Country"
    frame.loc[is_country, "children"] = [
        str(int(each) - 9) for each in frame[is_country]["children"]
    ]
    ties = yaml.safe_load(draft_frames({"exclusions": frame}))
    assert {"over": "areas"} in [tie.get("overlap") for tie in ties["ties"]]
    assert ties["areas"]["areas"]["incomplete"] == ["Country"]


def test_a_symbol_that_is_not_known_is_a_question() -> None:
    """Prevents a hidden count from being taken for one that nobody knows."""
    frame = _frame().replace({"children": {"c": "secret"}})
    text = draft_frames({"exclusions": frame})
    assert "what does 'secret' stand for?" in text
    assert yaml.safe_load(text)["symbols"]["unknown"] == ["secret"]


@pytest.mark.parametrize("kind", ["pandas", "Arrow", "numbers"])
def test_data_frames_are_attacked(kind: str, expected: tuple[int, int, int]) -> None:
    """Prevents an attack that needs files."""
    frame: Any = _frame()
    if kind == "Arrow":
        frame = pa.Table.from_pandas(frame, preserve_index=False)
    elif kind == "numbers":
        # A float column with gaps in place of the symbol.
        frame["children"] = pd.to_numeric(frame["children"], errors="coerce")
    ties = _ties()
    ties["symbols"]["hidden"] = ["c", ""]
    assert _summarise(attack_frames({"exclusions": frame}, ties)) == expected


def test_a_column_that_is_not_described_is_refused() -> None:
    """Prevents figures of a column from being left out without a word."""
    frame = _frame()
    frame["girls"] = "1"
    with pytest.raises(DescriptionError, match="what these columns are: girls"):
        attack_frames({"exclusions": frame}, _ties())


def _write_workbook(path: Path, rows: list[list[str]]) -> None:
    workbook = openpyxl.Workbook()
    workbook.active.title = "Cover"
    sheet = workbook.create_sheet("Table 1")
    for row in rows:
        sheet.append([int(text) if text.isdigit() else text for text in row])
    workbook.save(path)


def _write_opendocument(path: Path, rows: list[list[str]]) -> None:
    cell = "<table:table-cell office:value-type='string'><text:p>{}</text:p></table:table-cell>"
    lines = (
        f"<table:table-row>{''.join(cell.format(text) for text in row)}</table:table-row>"
        for row in rows
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        archive.writestr("content.xml", OPENDOCUMENT.format("".join(lines)))


@pytest.mark.parametrize("suffix", ["xlsx", "ods"])
def test_a_table_of_a_spreadsheet_is_drafted_and_attacked(
    tmp_path: Path, suffix: str, expected: tuple[int, int, int]
) -> None:
    """Prevents a producer who publishes spreadsheets from having to make CSV files first."""
    width = len(_rows()[0])
    titled = [["Exclusions by sex", *[""] * (width - 1)], [""] * width, *_rows()]
    rows = [*titled, [""] * width, ["Note 1", *[""] * (width - 1)]]
    write = _write_workbook if suffix == "xlsx" else _write_opendocument
    write(tmp_path / f"exclusions.{suffix}", rows)
    sheet = ["--sheet", "Table 1"]
    output = tmp_path / "ties.yaml"
    file = tmp_path / f"exclusions.{suffix}"
    assert main(["draft", str(file), *sheet, "--output", str(output)]) == 0
    report = attack([tmp_path])
    assert _summarise(report) == expected
    assert {each.kind for each in report.findings} == {"exact", "too narrow"}


def test_a_sheet_without_the_columns_is_refused(tmp_path: Path) -> None:
    """Prevents an attack on the cover of a spreadsheet, which finds nothing."""
    _write_workbook(tmp_path / "exclusions.xlsx", _rows())
    ties = _ties()
    ties["files"]["exclusions"] |= {"source": "exclusions.xlsx", "sheet": "Cover"}
    (tmp_path / "ties.yaml").write_text(yaml.safe_dump(ties), encoding="utf-8")
    with pytest.raises(DescriptionError, match="no row of the sheet has all of"):
        attack([tmp_path])


def test_a_spreadsheet_without_its_library_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Prevents an import error that does not say what to install."""
    _write_workbook(tmp_path / "exclusions.xlsx", _rows())
    monkeypatch.setitem(sys.modules, "fastexcel", None)
    assert main(["draft", str(tmp_path / "exclusions.xlsx")]) == 2
    assert "pip install 'suppression-attack[spreadsheets]'" in capsys.readouterr().err
