"""The contracts for vendors' tools: valid by their standards, and true of what is read."""

from __future__ import annotations

import csv
import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import fastexcel
import pytest
from jsonschema import Draft201909Validator, Draft202012Validator
from typer.testing import CliRunner

from interfaces.command_line import app
from register.contract_documents import build_record_schema
from register.contract_documents.written_columns import build_date_pattern
from register.feeds import EXAMPLE_PERIODS, Layout, load_contracts, load_usable_layouts
from register.settings import load_settings
from register.yaml_file import read_yaml

LAYOUTS = load_usable_layouts()
COMPACT = next(layout for layout in LAYOUTS if layout.layout_name == "compact")
# The types of fields, and the constraints, of Table Schema 2.0 that the packages use.
FIELD_KEYS = {"name", "type", "format", "description", "constraints"}
FIELD_TYPES = {"any", "string", "date", "datetime", "time"}
CONSTRAINTS = {"required", "enum", "pattern"}
DIALECT_KEYS = {"header", "delimiter", "lineTerminator", "quoteChar", "doubleQuote", "commentChar"}


@pytest.fixture(scope="module")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The guide, written once by the command."""
    folder = tmp_path_factory.mktemp("guide")
    assert CliRunner().invoke(app, ["guide", str(folder)]).exit_code == 0
    return folder


def _read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _read_records(layout: Layout, path: Path) -> list[dict[str, str]]:
    """Read a file as a vendor's tool would: by its dialect, with the last line left out."""
    form = layout.file
    if form.form == "xlsx":
        sheet = fastexcel.read_excel(path).load_sheet(form.sheet_name, dtypes="string")
        return [
            {name: text or "" for name, text in row.items()} for row in sheet.to_arrow().to_pylist()
        ]
    text = path.read_bytes().decode(form.encoding).removeprefix("\ufeff")
    lines = [
        line
        for line in text.split(form.line_terminator)
        if line and not (form.footer and line.startswith(form.footer.starts_with))
    ]
    quoting = csv.QUOTE_MINIMAL if form.quote_character else csv.QUOTE_NONE
    return list(csv.DictReader(lines, delimiter=form.delimiter, quoting=quoting))


def test_each_feed_has_its_own_contract_in_the_standards_form(guide: Path) -> None:
    """Prevents a contract that a tool of the standard refuses, or a second version of it."""
    standard = json.loads((files("open_data_contract_standard") / "schema.json").read_text())
    for feed, contract in load_contracts().items():
        delivered = read_yaml(guide / feed / f"{feed}.odcs.yaml")
        assert list(Draft201909Validator(standard).iter_errors(delivered)) == []
        assert (delivered["id"], delivered["version"]) == (feed, contract.version)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.layout_name)
def test_a_sample_record_fits_its_schema_and_a_wrong_one_does_not(
    guide: Path, layout: Layout
) -> None:
    """Prevents a schema that every record fits, or none."""
    place = guide / layout.feed / layout.layout_name
    package = _read_json(place / "datapackage.json")
    for resource in package["resources"]:
        schema = _read_json(place / "schema" / f"{resource['name']}.json")
        Draft202012Validator.check_schema(schema)
        validator = Draft202012Validator(schema)
        (record,) = _read_records(layout, place / resource["path"])
        assert list(validator.iter_errors(record)) == []
        for heading, described in schema["properties"].items():
            if {"enum", "anyOf", "not"} & set(described):
                wrong = record | {heading: "" if "not" in described else "no such value"}
                assert not validator.is_valid(wrong), heading
            without = {name: text for name, text in record.items() if name != heading}
            assert validator.is_valid(without) == (heading not in schema["required"])


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.layout_name)
def test_a_data_package_follows_the_rules_of_its_profile(guide: Path, layout: Layout) -> None:
    """Prevents a package that a tool of the standard refuses."""
    place = guide / layout.feed / layout.layout_name
    package = _read_json(place / "datapackage.json")
    assert re.fullmatch(r"[a-z0-9._/-]+", package["name"])
    assert re.fullmatch(r"[0-9]+[.][0-9]+[.][0-9]+", package["version"])
    names = [resource["name"] for resource in package["resources"]]
    assert len(names) == len(set(names)) > 0
    headings = {}
    for resource in package["resources"]:
        assert (place / resource["path"]).is_file()
        assert resource["path"][0] not in "/."
        dialect = {key for key in resource["dialect"] if key not in {"$schema", "sheetName"}}
        assert dialect <= DIALECT_KEYS
        fields = resource["schema"]["fields"]
        headings[resource["name"]] = [field["name"] for field in fields]
        assert len(fields) == len({field["name"] for field in fields})
        for field in fields:
            assert set(field) <= FIELD_KEYS
            assert field["type"] in FIELD_TYPES
            assert set(field.get("constraints", {})) <= CONSTRAINTS
            assert ("format" in field) == (field["type"] not in {"any", "string"})
        records = _read_records(layout, place / resource["path"])
        assert set(records[0]) <= set(headings[resource["name"]])
    for resource in package["resources"]:
        for key in resource["schema"].get("foreignKeys", ()):
            assert set(key["fields"]) <= set(headings[resource["name"]])
            assert set(key["reference"]["fields"]) <= set(headings[key["reference"]["resource"]])


def test_foreign_keys_are_those_of_the_contract(guide: Path) -> None:
    """Prevents a key between tables that only a page describes."""
    for feed, layout in (("authority_extract", "mosaic"), ("authority_return", "ssda903")):
        package = _read_json(guide / feed / layout / "datapackage.json")
        keys = {
            (resource["name"], key["fields"][0].lower(), key["reference"]["resource"])
            for resource in package["resources"]
            for key in resource["schema"].get("foreignKeys", ())
        }
        contract = load_contracts()[feed]
        assert keys == {
            (table.name, column.name, relationship.place[0])
            for table in contract.tables
            for column in table.properties
            for relationship in column.relationships
        }
        for table in contract.tables:
            for column in table.properties:
                for relationship in column.relationships:
                    target, name = relationship.place
                    assert name in contract.table_by_name[target].columns
        assert len(keys) >= 3


@pytest.mark.parametrize(
    ("form", "right", "wrong"),
    [
        ("%d/%m/%Y %H:%M", "01/10/2026 23:59", "1/10/2026 24:00"),
        ("%d-%b-%Y", "31-Dec-2026", "31-12-2026"),
        ("%Y-%m-%dT%H:%M:%S", "2026-10-01T09:05:00", "2026-10-01 09:05:00"),
        ("%d/%m/%Y %I:%M %p", "01/10/2026 12:05 PM", "01/10/2026 13:05 PM"),
        ("%d.%m.%Y", "01.10.2026", "01/10/2026"),
        ("%Y%m%d", "20261001", "20261301"),
    ],
)
def test_a_date_pattern_takes_its_form_and_no_other(form: str, right: str, wrong: str) -> None:
    """Prevents a schema that lets a date of another form pass."""
    pattern = build_date_pattern(COMPACT, form)
    assert re.fullmatch(pattern, right)
    assert not re.fullmatch(pattern, wrong)


def test_a_layout_without_leading_zeros_and_with_joined_codes_is_described() -> None:
    """Prevents a code in two columns from being asked for as one."""
    content = COMPACT.model_dump()
    columns = [item for item in content["columns"] if item["field"] != "category"]
    parts = [
        {"name": name, "field": "category", "part": "joined"} for name in ("Class", "Sub-class")
    ]
    layout = Layout.model_validate(
        content | {"columns": [*columns, *parts], "has_leading_zeros": False}
    )
    table = load_contracts()["police_reports"].tables[0]
    schema = build_record_schema(layout, table, EXAMPLE_PERIODS[layout.feed], load_settings().seeds)
    validator = Draft202012Validator(schema["properties"]["Date of Birth"])
    assert validator.is_valid("4/3/2012")
    assert not validator.is_valid("4/3/12")
    assert "Missing" in schema["properties"]["Class"]["enum"]
