"""`ties.yaml` fits its schema, and an error names the line and the entry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from suppression_attack import DescriptionError
from suppression_attack.description import parse_description, read_description

LEAST = """\
format: 1
release: r
rounding: 1
files:
  children:
    counts: [child_count]
ties:
  - name: sex
    add: {over: sex, total: Total, parts: [Female, Male]}
    cells: {files: [children], measures: [child_count]}
"""
WRONG = {
    "a word of another entry": ("rounding: 1", "roundings: 1", "line 3: .*'roundings'"),
    "a text for a number": ("rounding: 1", "rounding: five", "line 3, rounding: 'five'"),
    "a unit of nothing": ("rounding: 1", "rounding: 0", "line 3, rounding: 0"),
    "an entry of a file": ("counts: [child", "count: [child", "line 6, files.children: .*'count"),
    "an entry of a tie": ("cells: {files: ", "cells: {file: ", "line 10, ties.0.cells: .*'file"),
    "an entry without its pair": (", parts: [Female, Male]", "", "line 9, ties.0.add: 'parts'"),
    "a later format": ("format: 1", "format: 2", "line 1, format: 1 was expected"),
    "no YAML": ("release: r", "release: [r", r"cannot be read: .*line 3"),
}


def _read(folder: Path, text: str) -> Any:
    (folder / "ties.yaml").write_text(text, encoding="utf-8")
    return read_description(folder / "ties.yaml")


def test_the_least_description_is_read(tmp_path: Path) -> None:
    """Prevents a schema that asks for more than the attack needs."""
    description = _read(tmp_path, LEAST)
    assert description.find_rounding("Regional") == 1
    assert [tie.kind for tie in description.ties] == ["add"]


@pytest.mark.parametrize("name", WRONG)
def test_a_fault_is_named_with_its_line_and_its_entry(tmp_path: Path, name: str) -> None:
    """Prevents a description whose error sends its writer through the whole file."""
    right, wrong, message = WRONG[name]
    assert right in LEAST
    with pytest.raises(DescriptionError, match=rf"(?s)ties\.yaml.*{message}"):
        _read(tmp_path, LEAST.replace(right, wrong))


def test_a_mapping_is_checked_like_a_file() -> None:
    """Prevents ties of a data frame from being read without the schema."""
    content = yaml.safe_load(LEAST)
    assert parse_description(content).release == "r"
    del content["files"]
    with pytest.raises(DescriptionError, match="'files' is a required property"):
        parse_description(content)


def test_codes_of_areas_may_be_numbers() -> None:
    """Prevents authority 201 from being unknown because YAML reads a number."""
    content = yaml.safe_load(LEAST) | {"areas": {"regions": {"parents": {201: "E12000001"}}}}
    assert parse_description(content).areas["regions"].parents == {"201": "E12000001"}
