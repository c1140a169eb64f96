"""Three invented systems, onboarded with YAML and CSV alone, land the rows of a known system."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from register.feeds import Delivery, load_contracts, read_code_meanings
from register.feeds.layout import load_layout, load_named_layout
from register.home import prepare_home
from register.settings import PROJECT_ROOT, Settings
from tests.docs.followed_pages import copy_project
from tests.feeds.deliveries import AUTHORITY, COMPACT, MONTH, QUARTER, YEAR, Home, zipped
from tests.feeds.invented_systems import written_files
from tests.feeds.real_returns import VINTAGES, xml_document

FOLDER = Path(__file__).parent / "invented_systems"
LINEAGE = ("_delivery_id", "_file", "_row_number")


@dataclass(frozen=True)
class Stranger:
    """An invented system: its feed and supplier, and how it and a known system write children."""

    name: str
    feed: str
    supplier_code: str
    period: str
    write: Callable[[], dict[str, bytes]]
    write_standard: Callable[[], dict[str, bytes]]
    code_map: str


STRANGERS = (
    Stranger(
        "carebase",
        "authority_extract",
        AUTHORITY,
        QUARTER,
        written_files.write_carebase,
        written_files.write_standard_extract,
        "map__authority_codes.csv",
    ),
    Stranger(
        "watchman",
        "police_reports",
        COMPACT,
        MONTH,
        written_files.write_watchman,
        written_files.write_standard_reports,
        "map__police_codes.csv",
    ),
    Stranger(
        "tally",
        "authority_return",
        AUTHORITY,
        YEAR,
        written_files.write_tally,
        written_files.write_standard_return,
        "map__authority_codes.csv",
    ),
)


def land(settings: Settings, stranger: Stranger, side: str, files: dict[str, bytes]) -> Any:
    """Land one delivery in a home of its own."""
    own = replace(settings, home=settings.home.parent / side)
    prepare_home(own)
    home = Home(own)
    home.put_files(stranger.feed, stranger.supplier_code, stranger.period, files)
    return home, home.land_one()


def onboard(folder: Path, monkeypatch: pytest.MonkeyPatch, stranger: Stranger) -> None:
    """Add the layout, its codes and its assignment to a copy: one new file, lines in two others."""
    project = copy_project(folder / "project", "register/feeds/layouts", "seeds")
    layouts = project / "register/feeds/layouts"
    (layouts / f"{stranger.name}.yaml").write_bytes((FOLDER / f"{stranger.name}.yaml").read_bytes())
    with (project / "seeds" / stranger.code_map).open("a", encoding="utf-8") as seed:
        seed.write((FOLDER / f"{stranger.name}_codes.csv").read_text("utf-8"))
    path = layouts / "assignments.yaml"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    own = f"  - {{supplier_code: {stranger.supplier_code}, "
    others = [line for line in lines if not line.startswith(own)]
    assigned = f"{own}layout: {stranger.name}, valid_from: 2010-04-01, valid_to: null}}\n"
    path.write_text("".join([*others, assigned]), "utf-8")
    monkeypatch.setattr(Settings, "layouts", property(lambda _: layouts))
    monkeypatch.setattr(Settings, "seeds", property(lambda _: project / "seeds"))


def conform(settings: Settings, home: Home, delivery: Delivery, table: str) -> list[dict[str, Any]]:
    """The landed rows of a table with conformed codes, without their lineage, in order."""
    layout = load_named_layout(str(delivery.layout_name), settings.layouts)
    columns = load_contracts()[delivery.feed].table_by_name[table].columns
    rows = []
    for row in home.rows(delivery, table):
        for name, column in columns.items():
            if column.custom.code_map and row[name] is not None:
                meanings = read_code_meanings(settings.seeds, layout, column.custom.code_map)
                row[name] = meanings[row[name]]
        rows.append({name: text for name, text in row.items() if name not in LINEAGE})
    return sorted(rows, key=lambda row: str(sorted(row.items(), key=str)))


@pytest.mark.parametrize("stranger", STRANGERS, ids=lambda item: item.name)
def test_a_stranger_lands_the_rows_of_a_known_system(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stranger: Stranger
) -> None:
    """Prevents an authority or force from waiting for Python until it can deliver."""
    known_home, known = land(settings, stranger, "known", stranger.write_standard())
    tables = [name for name in known.table_names if name != "ssd_version"]
    expected = {name: conform(settings, known_home, known, name) for name in tables}
    onboard(tmp_path, monkeypatch, stranger)
    home, delivery = land(settings, stranger, "stranger", stranger.write())
    assert (delivery.outcome, delivery.layout_name) == ("accepted", stranger.name)
    assert not delivery.is_held
    assert {name: conform(settings, home, delivery, name) for name in tables} == expected
    assert list(delivery.table_names) == tables
    assert all(expected.values())
    assert delivery.received_row_count == delivery.landed_row_count


@pytest.mark.parametrize("stranger", STRANGERS, ids=lambda item: item.name)
def test_the_draft_of_a_strangers_layout_needs_few_answers(
    tmp_path: Path, stranger: Stranger
) -> None:
    """Prevents a draft that proposes less than before, or that shows what names a child."""
    sample = tmp_path / "sample"
    sample.mkdir()
    for name, data in stranger.write().items():
        (sample / name).write_bytes(data)
    arguments = ["layouts", "draft", str(sample), "--feed", stranger.feed, "--name", stranger.name]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    (tmp_path / "draft.yaml").write_text(result.output, "utf-8")
    draft, layout = (
        load_layout(tmp_path / "draft.yaml"),
        load_layout(FOLDER / f"{stranger.name}.yaml"),
    )
    expected = _list_columns(layout)
    assert _list_columns(draft) <= expected
    assert len(_list_columns(draft)) >= 0.85 * len(expected)
    assert [(p.file.table_name, p.file.file_pattern, len(p.joins)) for p in draft.parts] == [
        (p.file.table_name, p.file.file_pattern, len(p.joins)) for p in layout.parts
    ]
    own = csv.reader(io.StringIO((FOLDER / f"{stranger.name}_codes.csv").read_text("utf-8")))
    codes = {row[2] for row in own}
    known = {line.split(",")[2] for line in result.output.splitlines() if "# CODE:" in line}
    assert known <= codes
    assert all(f'"{code}"' in result.output for code in codes - known)
    assert result.output.count("# QUESTION:") <= 14
    check = ["layouts", "check", str(tmp_path / "draft.yaml"), str(sample), "--period"]
    checked = CliRunner().invoke(app, [*check, stranger.period])
    count = result.output.count("# QUESTION:")
    assert f"{count} questions of the layout are open" in checked.output
    for secret in ("Testperson", "Wilhelmina", "ZZ99", "P1001", "NOM0", "2009", "9434765"):
        assert secret not in result.output


def _list_columns(layout: Any) -> set[tuple[str, str, str]]:
    return {
        (str(part.file.table_name), column.field, column.name)
        for part in layout.parts
        for column in part.all_columns
    }


def test_a_file_without_a_heading_is_not_quoted(tmp_path: Path) -> None:
    """Prevents the first record of a file from being printed as its headings."""
    sample = tmp_path / "sample"
    sample.mkdir()
    (sample / "people.csv").write_text("P1,Testperson,Zoe,04/03/2012\nP2,Sample,Ann,05/06/2011\n")
    (sample / "names.csv").write_text("Testperson,Wilhelmina\nSampleperson,Ottoline\n")
    (sample / "known.csv").write_text("Case Ref,Surname,Born\nR1,Testperson,04/03/2012\n")
    arguments = ["layouts", "draft", str(sample), "--feed", "police_reports"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert "people.csv has no heading" in result.output
    assert "names.csv has no heading" in result.output
    assert not {"Testperson", "Wilhelmina", "Zoe"} & set(result.output.replace(",", " ").split())


def test_a_return_in_xml_needs_no_layout_of_its_system(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents an authority with a layout for its files from being refused the standard's XML."""
    onboard(tmp_path, monkeypatch, STRANGERS[2])
    stranger = replace(STRANGERS[2], period=VINTAGES[1])
    _, delivery = land(settings, stranger, "xml", {"return.xml": xml_document(VINTAGES[1])})
    assert (delivery.is_accepted, delivery.source_form) == (True, "xml")


def test_a_sample_may_be_an_archive(tmp_path: Path) -> None:
    """Prevents a question about each archive that a supplier sends."""
    (tmp_path / "all.zip").write_bytes(zipped(written_files.write_tally()))
    arguments = ["layouts", "draft", str(tmp_path), "--feed", "authority_return"]
    result = CliRunner().invoke(app, arguments)
    assert "table_name: episodes" in result.output


def test_each_stranger_is_described_by_yaml_and_csv_alone() -> None:
    """Prevents a system that was onboarded with Python or SQL from counting as onboarded."""
    names = {path.name for path in FOLDER.iterdir() if path.suffix not in {".py", ""}}
    assert names == {f"{s.name}{end}" for s in STRANGERS for end in (".yaml", "_codes.csv")}
    assert (PROJECT_ROOT / "register/feeds/layouts/assignments.yaml").exists()
