"""The data package follows the standard, describes each file, and every row follows its schema."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from official_statistics import read_data_sets
from official_statistics.data_files import encode_csv
from official_statistics.documents import ReleaseFacts
from official_statistics.machine_readable import find_machine_faults, write_machine_files
from official_statistics.machine_readable.schema_faults import find_schema_faults
from official_statistics.releases import PRE_RELEASE_LIST
from tests.statistics.machine_files.conftest import WriteRelease, change_cell

BY_AREA = "missing_children_by_area"
PACKAGE = "datapackage.json"
NOT_DESCRIBED = f"{PACKAGE} does not describe the files of the release"
# What the standard asks of a package, of a resource and of a field.
NAME = re.compile(r"[-a-z0-9._/]+")
FIELD_TYPES = {"string", "integer", "number", "boolean", "year", "date", "datetime", "any"}
CONSTRAINTS = {
    "string": {"required", "unique", "pattern", "enum", "minLength", "maxLength"},
    "integer": {"required", "unique", "enum", "minimum", "maximum"},
    "number": {"required", "unique", "enum", "minimum", "maximum"},
}
ROLES = {"creator", "publisher", "contributor", "maintainer"}


def _read(public: Path) -> dict[str, Any]:
    package: dict[str, Any] = json.loads((public / PACKAGE).read_text(encoding="utf-8"))
    return package


def test_the_package_is_as_the_standard_asks(public_once: Path) -> None:
    """Prevents a package that tools for data packages refuse."""
    package = _read(public_once)
    assert package["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert NAME.fullmatch(package["name"])
    assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])
    assert datetime.fromisoformat(package["created"]).tzinfo is not None
    assert all({"name", "path"} & set(licence) for licence in package["licenses"])
    assert package["licenses"][0]["name"] == "OGL-UK-3.0"
    assert all(source["title"] for source in package["sources"])
    assert all(set(each["roles"]) <= ROLES for each in package["contributors"])
    names = [resource["name"] for resource in package["resources"]]
    assert len(set(names)) == len(names) > 0
    assert all(NAME.fullmatch(name) for name in names)


def test_each_field_is_as_the_standard_asks_and_has_words(public_once: Path) -> None:
    """Prevents a column without a type or a description, and a constraint that no tool knows."""
    for resource in _read(public_once)["resources"]:
        assert not Path(resource["path"]).is_absolute()
        assert ".." not in Path(resource["path"]).parts
        if resource["format"] != "csv":
            continue
        assert (resource["type"], resource["encoding"]) == ("table", "utf-8")
        schema = resource["schema"]
        assert schema["$schema"] == "https://datapackage.org/profiles/2.0/tableschema.json"
        names = [field["name"] for field in schema["fields"]]
        assert len(set(names)) == len(names)
        assert set(schema.get("primaryKey", ())) <= set(names)
        for field in schema["fields"]:
            assert field["type"] in FIELD_TYPES
            assert set(field.get("constraints", {})) <= CONSTRAINTS[field["type"]]
            assert field["title"], field["name"]
            assert field["description"].endswith("."), field["name"]
        for key in schema.get("foreignKeys", ()):
            assert {*key["fields"], *key["reference"]["fields"]} <= set(names)


def test_each_file_has_its_bytes_and_its_hash(public: Path) -> None:
    """Prevents a file that is in no index, or whose copy cannot be compared."""
    (public / "pre_release_access.csv").write_text("role,given_at,reason\n", encoding="utf-8")
    listed = {resource["path"]: resource for resource in _read(public)["resources"]}
    present = {
        path.relative_to(public).as_posix()
        for path in public.rglob("*")
        if path.suffix in {".csv", ".parquet"}
    }
    assert set(listed) == present - {"pre_release_access.csv"}
    for path, resource in listed.items():
        content = (public / path).read_bytes()
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"


def test_every_row_follows_its_schema(public_once: Path) -> None:
    """Prevents a schema that the figures break, so that tools refuse the file."""
    for resource in _read(public_once)["resources"]:
        if resource["format"] == "csv":
            assert (
                list(find_schema_faults(resource["schema"], public_once / resource["path"])) == []
            )


@pytest.mark.parametrize(
    ("column", "text", "fault"),
    [
        ("child_count", "0", None),
        ("child_count", "-10", "has a value outside its limits"),
        ("child_count", "10.5", "has a value that is not of the type integer"),
        ("child_percent", "10.5", None),
        ("child_percent", "much", "has a value that is not of the type number"),
        ("child_percent", "low", None),
        ("care_status", "Other", "has a value that its schema does not list"),
        ("care_status", "", "has an empty value"),
        ("geographic_level", "Police force area", "has a value that its schema does not list"),
        ("region_code", "E1200000", "has a value that does not match its pattern"),
        ("time_period", "1999", "has a value outside its limits"),
        ("time_period", "2101", "has a value outside its limits"),
    ],
)
def test_a_value_that_breaks_its_schema_is_found(
    public: Path, column: str, text: str, fault: str | None
) -> None:
    """Prevents values that the package rules out; no fault prints a value."""
    schema = _read(public)["resources"][0]["schema"]
    change_cell(public, BY_AREA, column, text)
    path = public / "data" / f"{BY_AREA}.csv"
    expected = [f"{BY_AREA}.csv: {column} {fault}"] if fault else []
    assert list(find_schema_faults(schema, path)) == expected


def test_a_row_that_is_there_twice_and_another_heading_are_found(public: Path) -> None:
    """Prevents two figures for one area, year and set of items."""
    schema = _read(public)["resources"][0]["schema"]
    path = public / "data" / f"{BY_AREA}.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines, lines[-1]]), encoding="utf-8")
    assert list(find_schema_faults(schema, path)) == [
        f"{BY_AREA}.csv has two rows with the same primary key"
    ]
    path.write_text("".join(lines[1:]), encoding="utf-8")
    assert list(find_schema_faults(schema, path)) == [
        f"{BY_AREA}.csv does not have the columns of its schema"
    ]


def test_a_group_that_is_no_column_is_found(public: Path) -> None:
    """Prevents a grouping column that the file of columns does not describe."""
    (meta,) = (
        each
        for each in _read(public)["resources"]
        if each["name"] == "missing_children_by_characteristic.meta"
    )
    path = public / meta["path"]
    text = path.read_text(encoding="utf-8")
    assert ",breakdown_topic," in text
    path.write_text(text.replace(",breakdown_topic,", ",topic,"), encoding="utf-8")
    assert list(find_schema_faults(meta["schema"], path)) == [
        f"{path.name}: filter_grouping_column has a value that col_name does not have"
    ]


def test_one_other_byte_anywhere_is_found(public: Path, facts: ReleaseFacts) -> None:
    """Prevents a package whose hashes or words are of other files."""
    text = (public / PACKAGE).read_text(encoding="utf-8")
    (public / PACKAGE).write_text(text.replace("2026.1.0", "2026.2.0"), encoding="utf-8")
    assert list(find_machine_faults(facts, public)) == [NOT_DESCRIBED]
    (public / PACKAGE).write_text(text, encoding="utf-8")
    path = public / "revisions.csv"
    path.write_bytes(path.read_bytes() + b"x")
    assert next(find_machine_faults(facts, public)) == NOT_DESCRIBED
    path.unlink()
    assert next(find_machine_faults(facts, public)) == NOT_DESCRIBED
    (public / PACKAGE).unlink()
    assert next(find_machine_faults(facts, public)) == f"{PACKAGE} is missing"


def test_a_package_that_is_no_json_is_found(public: Path, facts: ReleaseFacts) -> None:
    """Prevents a check that stops at a broken file."""
    (public / PACKAGE).write_text("{", encoding="utf-8")
    faults = list(find_machine_faults(facts, public))
    assert faults[:2] == [NOT_DESCRIBED, f"{PACKAGE} cannot be read"]
    assert "stops" in faults[2]


def test_the_package_says_what_kind_of_figures_it_has(
    write_release: WriteRelease, provisional: ReleaseFacts
) -> None:
    """Prevents simulated or provisional figures that are read as real or final."""
    facts = replace(provisional, version=2, release_at=None)
    package = _read(write_release(of=facts))
    assert package["description"].startswith("Simulated data")
    assert "2026 is provisional" in package["description"]
    assert package["version"] == "2026.2.0"
    assert "created" not in package


def test_every_data_set_is_in_the_package(public_once: Path) -> None:
    """Prevents a data set that a reader of the index cannot see."""
    names = {resource["name"] for resource in _read(public_once)["resources"]}
    for data_set in read_data_sets():
        forms = (data_set.name, f"{data_set.name}.meta", f"{data_set.name}.parquet")
        assert names.issuperset(forms)


def test_a_table_beside_the_data_has_a_schema_and_a_source(
    public: Path, facts: ReleaseFacts
) -> None:
    """Prevents a CSV file that a release adds from being left out of the index."""
    source = {"title": "Statistical neighbours, by the Department for Education"}
    (table,) = (
        each for each in _read(public)["resources"] if each["name"] == "statistical_neighbours"
    )
    assert source in _read(public)["sources"]
    assert table["schema"]["primaryKey"] == ["old_la_code", "neighbour_rank"]
    assert all(field["description"] for field in table["schema"]["fields"])
    (public / "statistical_neighbours.csv").unlink()
    write_machine_files(facts, public)
    assert source not in _read(public)["sources"]
    assert list(find_machine_faults(facts, public)) == []


def test_a_table_that_nobody_described_is_in_the_index(public: Path, facts: ReleaseFacts) -> None:
    """Prevents a draft that stops at a new file, and a new file that is in no index."""
    (public / "more.csv").write_bytes(encode_csv([("old_la_code", "note"), ("202", "A note")]))
    write_machine_files(facts, public)
    (table,) = (each for each in _read(public)["resources"] if each["name"] == "more")
    fields = table["schema"]["fields"]
    assert fields[0]["title"] == "Local authority code"
    assert fields[1] == {"name": "note", "type": "string"}
    assert list(find_machine_faults(facts, public)) == []


def test_the_list_of_early_access_leaves_the_index_as_it_is(
    public: Path, facts: ReleaseFacts
) -> None:
    """Prevents a package that publication, which writes this list, makes wrong."""
    (public / PRE_RELEASE_LIST).write_text("role,given_at,reason\n", encoding="utf-8")
    assert list(find_machine_faults(facts, public)) == []
    (public / "another_list.csv").write_text("role,given_at,reason\n", encoding="utf-8")
    assert next(find_machine_faults(facts, public)) == NOT_DESCRIBED
