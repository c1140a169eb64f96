"""The supplier guide: what it shows is what is read, and what it offers to download is accepted."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from orchestration.return_rules import ReturnRules
from register.feeds import (
    EXAMPLE_PERIODS,
    CheckedDelivery,
    check_delivery,
    list_layout_tables,
    load_contracts,
    load_usable_layouts,
    read_code_meanings,
)
from register.settings import load_settings
from tests.feeds.deliveries import AUTHORITY, force_of

NOW = datetime(2026, 11, 24, tzinfo=UTC)
LAYOUTS = load_usable_layouts()


@pytest.fixture(scope="module")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The guide, written once by the command."""
    folder = tmp_path_factory.mktemp("guide")
    result = CliRunner().invoke(app, ["guide", str(folder)])
    assert result.exit_code == 0, result.output
    assert result.output.strip() == f"supplier guide: {folder / 'index.html'}"
    return folder


def _check(folder: Path, feed: str, layout: str) -> CheckedDelivery:
    supplier = {"police_reports": "", "published_statistics": "DFE"}.get(feed, AUTHORITY)
    supplier = supplier or force_of(layout)
    return check_delivery(load_settings(), folder, feed, supplier, EXAMPLE_PERIODS[feed], NOW)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.layout_name)
def test_a_sample_file_is_accepted_without_a_word(guide: Path, layout: Any) -> None:
    """Prevents a supplier from following an example that would be sent back."""
    folder = guide / layout.feed / layout.layout_name
    checked = _check(folder / "sample", layout.feed, layout.layout_name)
    assert checked.build_feedback() == []
    assert checked.outcome == "accepted"
    assert checked.parsed.source is not None
    assert checked.parsed.source.layout == layout
    assert checked.landed_row_count == len(list((folder / "sample").iterdir()))
    empty = _check(folder / "template", layout.feed, layout.layout_name)
    # An extract's layout is found by the case system that its first record names.
    unknown = {"no_layout"} if layout.feed == "authority_extract" else set()
    assert {line["rule_code"] for line in empty.build_feedback()} == {"header_only", *unknown}


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.layout_name)
def test_every_code_of_a_sample_means_what_the_contract_says(guide: Path, layout: Any) -> None:
    """Prevents the guide's own example of an unaccompanied child from being any other child."""
    seeds = load_settings().seeds
    sample = guide / layout.feed / layout.layout_name / "sample"
    checked = _check(sample, layout.feed, layout.layout_name)
    for table in list_layout_tables(layout):
        (row,) = checked.read_landed_rows(table.name).to_pylist()
        for column in table.properties:
            if column.custom.code_map and row[column.name]:
                meanings = read_code_meanings(seeds, layout, column.custom.code_map)
                meaning = meanings[row[column.name]]
                assert not any(column.examples) or meaning in column.examples, column.name
            # A code of which the sample has none is one that may be blank, or is joined to a date.
            elif column.custom.code_map and any(column.examples):
                assert layout.columns, column.name
    if layout.feed == "authority_extract":
        (row,) = checked.read_landed_rows("ssd_immigration_status").to_pylist()
        assert row["immi_immigration_status"] == "Unaccompanied asylum-seeking child"


def test_the_sample_of_a_return_breaks_no_rule_of_the_return(
    guide: Path, manifest: dict[str, Any]
) -> None:
    """Prevents an example that the statutory rules would flag."""
    checked = _check(guide / "authority_return" / "ssda903" / "sample", "authority_return", "")
    assert ReturnRules.from_manifest(manifest).find_breaches(load_settings().seeds, checked) == []


def test_every_column_code_and_rule_is_on_the_page_of_its_feed(guide: Path) -> None:
    """Prevents a column that is asked for and described nowhere."""
    for feed, contract in load_contracts().items():
        text = (guide / f"{feed}.html").read_text(encoding="utf-8")
        layouts = [layout for layout in LAYOUTS if layout.feed == feed]
        headings = {column.name for layout in layouts for column in layout.columns}
        if not headings:
            headings = {name for table in contract.tables for name in table.columns}
        output = {name.casefold() for name in re.findall(r'<th scope="row">(.*?)</th>', text)}
        assert {name.casefold() for name in headings} - output == set(), feed
        assert "missing_required_column" in output
        assert ("567" in output) == (feed == "authority_return")
    police = (guide / "police_reports.html").read_text(encoding="utf-8")
    assert "<code>A1 - Indian</code>" in police
    assert "dd/mm/yyyy hh:mm" in police
    assert "unreadable_workbook" in police
    assert "malformed_xml" not in police


def test_every_link_of_the_guide_leads_to_a_file_or_a_heading(guide: Path) -> None:
    """Prevents a download that is not there."""
    links = 0
    for page in guide.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        # The page has an icon without content, so that no browser asks for one.
        for link in re.findall(r'href="(?!data:,")([^"]+)"', text):
            name, _, anchor = link.partition("#")
            target = guide / name if name else page
            assert target.is_file(), link
            assert not anchor or f'id="{anchor}"' in target.read_text(encoding="utf-8"), link
            links += 1
    assert links > 80
