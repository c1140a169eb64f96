"""The page on data protection is what the code makes, and every control on it has its test."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from defusedxml import ElementTree

from interfaces.documentation.data_flow import (
    CONTENTS,
    ZONES,
    draw_data_flow,
    find_zone_of_asset,
    list_flows,
)
from interfaces.documentation.data_protection import (
    PAGE,
    PART,
    PICTURE,
    Control,
    Task,
    build_tables,
    fill_page,
    read_figures,
    read_statements,
)
from orchestration.asset_graph import GraphAsset, read_assets
from orchestration.dbt_manifest import load_manifest
from register.settings import PROJECT_ROOT, load_settings
from tests.docs.named_tests import read_tests

COMMAND = "write it again: `python -m interfaces.documentation.data_protection`"
FIVE_SAFES = {"projects", "people", "settings", "data", "outputs"}
PRINCIPLES = 14
Project = tuple[list[GraphAsset], dict[str, Any]]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The assets and the dbt manifest of a home without simulated truth."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REGISTER_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("REGISTER_ENVIRONMENT", "test")
        yield read_assets(), load_manifest(load_settings())


def test_the_committed_page_is_what_the_code_makes(project: Project) -> None:
    """Prevents an officer from deciding on fields, files and controls that are no more."""
    assets, manifest = project
    committed = PAGE.read_text(encoding="utf-8")
    tables = build_tables(list_flows(assets), manifest)
    assert sorted(tables) == sorted(name for _, name, _ in PART.findall(committed))
    assert committed == fill_page(committed, tables), COMMAND


def test_the_committed_drawing_is_that_of_the_graph(project: Project) -> None:
    """Prevents a picture of a flow that the graph does not have."""
    committed = PICTURE.read_text(encoding="utf-8")
    assert committed == draw_data_flow(list_flows(project[0])), COMMAND


def test_the_drawing_can_be_read_without_seeing_it() -> None:
    """Prevents a flow that a screen reader cannot tell, and text outside its box."""
    root = ElementTree.fromstring(PICTURE.read_text(encoding="utf-8"))
    names = {child.get("id"): child.text or "" for child in root if child.get("id")}
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "t d"
    assert [zone.name for zone in ZONES if zone.name.lower() not in names["d"].lower()] == []
    assert len(names["t"].split()) > 3
    assert float(root.get("font-size", 0)) >= 14
    height = float(root.get("viewBox", "").split()[3])
    texts = list(root.iter("{http://www.w3.org/2000/svg}text"))
    assert len(texts) > len(ZONES) * 2
    assert max(float(text.get("y", 0)) for text in texts) < height - 12


def test_an_asset_of_no_zone_is_named() -> None:
    """Prevents a new kind of store that is in no picture and in no table."""
    with pytest.raises(ValueError, match="archive/tape"):
        find_zone_of_asset(GraphAsset(("archive", "tape"), "archive", ()))


def test_no_name_flows_where_the_drawing_has_pseudonyms() -> None:
    """Prevents a zone that is said to hold less than one of its files does."""
    order = list(CONTENTS)
    for zone in ZONES:
        assert zone.kinds, zone.name
        least = min(order.index(kind.content) for kind in zone.kinds)
        assert order[least] == zone.content


def test_every_personal_field_is_on_the_page(project: Project) -> None:
    """Prevents a field of a contract, or a published table, that nobody told the officer of."""
    page = PAGE.read_text(encoding="utf-8")
    contracts = (PROJECT_ROOT / "register" / "feeds" / "contracts").glob("*.yaml")
    texts = [path.read_text(encoding="utf-8") for path in contracts]
    named = {
        name
        for text in texts
        for name in re.findall(r"name: (\w+),.*classification: (?:restricted|confidential)", text)
    }
    assert len(named) > 60
    assert {name for name in named if f"` `{name}`" not in page} == set()
    assert "`register.fct_episodes`" in page
    assert "`operations.golden_record_children`" in page
    assert json.dumps(project[1]["nodes"], default=str).count("agg_measures_by_area_year") > 1
    assert "agg_measures_by_area_year" not in page


def test_a_figure_promises_no_more_than_was_measured() -> None:
    """Prevents "at least 0.991" for a precision of 0.9907."""
    figures = read_figures()
    with (PROJECT_ROOT / "seeds" / "ref__linkage_quality_held_out.csv").open(
        encoding="utf-8", newline=""
    ) as lines:
        rows = [row for row in csv.DictReader(lines) if row["group_code"] == "all"]
    measured = [
        row for row in rows if (row["linkage_code"], row["scope_code"]) == ("central", "all")
    ]
    assert len(measured) > 1
    for name in ("precision", "recall"):
        assert 0 <= min(float(row[name]) for row in measured) - float(figures[name]) < 0.001
    assert (
        0 <= float(figures["unlisted"]) - max(float(r["unlisted_share"]) for r in measured) < 0.001
    )


@pytest.mark.parametrize("control", read_statements().controls, ids=lambda each: each.control)
def test_the_tests_of_a_control_exist_and_run(control: Control) -> None:
    """Prevents a control that nothing holds any more, or only where somebody installed more."""
    for test in control.tests:
        path, name = test.split("::")
        runs = read_tests(PROJECT_ROOT / path)
        assert name in runs
        assert runs[name] == ("may be skipped" if control.needs else "runs"), name


def test_a_skip_is_seen_wherever_it_is_written(tmp_path: Path) -> None:
    """Prevents the test above from passing because it does not know what a skip looks like."""
    module = tmp_path / "marked.py"
    module.write_text(
        "@pytest.mark.skipif(True, reason='')\ndef test_a(): ...\n"
        "@pytest.mark.parametrize('a', [1])\ndef test_b(): ...\n"
        "@pytest.mark.xfail\ndef test_c(): ...\n"
        "def server():\n    pytest.skip('no server')\n"
        "def client(server): ...\n"
        "def test_d(client): ...\n"
    )
    runs = read_tests(module)
    assert [runs[f"test_{letter}"] for letter in "abcd"] == [
        "may be skipped",
        "runs",
        "never runs",
        "may be skipped",
    ]
    for text, expected in (
        ("pytestmark = [pytest.mark.skip]\n", "never runs"),
        ("if not TABLE.exists():\n    pytest.skip('no table')\n", "may be skipped"),
    ):
        whole = tmp_path / f"{expected}.py"
        whole.write_text(f"{text}def test_a(): ...\n")
        assert read_tests(whole) == {"test_a": expected}


def test_every_control_has_a_test_and_statements_that_are_listed() -> None:
    """Prevents a control that is only claimed, and a statement of a standard that is not there."""
    statements = read_statements()
    assert list(statements.ncsc) == list(range(1, PRINCIPLES + 1))
    held: list[Control | Task] = [*statements.controls, *statements.tasks]
    assert {number for each in held for number in each.satre} == set(statements.satre)
    assert {number for each in held for number in each.ncsc} == set(statements.ncsc)
    assert [
        number for number in statements.satre if not re.fullmatch(r"[1-4]\.\d\.\d+", number)
    ] == []
    for control in statements.controls:
        assert control.tests, control.control
        assert control.five_safes in FIVE_SAFES, control.control
        assert control.satre or control.ncsc, control.control
    assert {control.five_safes for control in statements.controls} == FIVE_SAFES
