"""Layouts, contracts, code maps and rules agree with each other."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from register.feeds import SourceFile, land_postcodes, land_postcodes_in_background, load_contracts
from register.feeds.assignments import find_assigned_layout, load_assignments
from register.feeds.contract import Column, Table
from register.feeds.dates import parse_dates
from register.feeds.delivery_rules import Rule
from register.feeds.layout import (
    Layout,
    load_layouts,
)
from register.feeds.layout_parts import LayoutColumn
from register.feeds.normalise import Normaliser
from register.feeds.postcodes import read_landed_postcode_version
from register.feeds.readers.delimited import read_delimited
from register.feeds.seeds import load_delivery_rules, read_known_codes
from register.feeds.tables import build_landed_schema, write_schema_files
from register.settings import Settings
from simulation import demonstration_postcodes
from tests.feeds.deliveries import MONTH, as_csv, police_rows, report

POLICE = [layout for layout in load_layouts().values() if layout.feed == "police_reports"]


def is_written(layout: Layout, column: Column) -> bool:
    """Whether a layout has the column; one without headings has all of its contract."""
    return not layout.columns or column.name in {item.field for item in layout.columns}


def test_every_rule_of_deliveries_is_explained_in_the_seed(settings: Settings) -> None:
    """Prevents a supplier from being told a rule without what to do about it."""
    rules = load_delivery_rules(settings.seeds)
    assert set(rules) == {rule.value for rule in Rule}
    assert all(rule.title and rule.what_to_fix for rule in rules.values())


@pytest.mark.parametrize("layout", POLICE, ids=lambda layout: layout.layout_name)
def test_a_police_layout_fills_the_contract(layout: Layout) -> None:
    """Prevents a layout from naming fields that do not exist, or forgetting one that all have."""
    columns = load_contracts()["police_reports"].table_by_name["reports"].columns
    fields = {column.field for column in layout.columns}
    assert fields <= set(columns)
    assert {name for name, column in columns.items() if column.is_required_in(MONTH)} <= fields


def test_every_police_field_is_written_by_some_layout() -> None:
    """Prevents a field of the contract that no system can deliver."""
    columns = load_contracts()["police_reports"].table_by_name["reports"].columns
    assert {column.field for layout in POLICE for column in layout.columns} == set(columns)


@pytest.mark.parametrize("kind", ["timestamp", "string"])
def test_a_new_police_field_is_one_line_of_the_contract_and_one_of_a_layout(
    settings: Settings, kind: str
) -> None:
    """Prevents a field of the contract from needing a list of columns in Python as well."""
    table = load_contracts()["police_reports"].table_by_name["reports"]
    field = {"name": "invented_at", "logicalType": kind, "classification": "internal"}
    added = Column.model_validate({**field, "description": "An invented field."})
    properties = (*table.properties, added)
    table = Table.model_validate({**table.model_dump(by_alias=True), "properties": properties})
    landed = {}
    for name in ("compact", "niche"):
        layout = load_layouts()[name]
        if name == "compact":
            column = LayoutColumn(name="Invented", field=added.name, is_required=False)
            layout = layout.model_copy(update={"columns": (*layout.columns, column)})
        data = as_csv(police_rows(layout, [report(1, invented_at="2026-10-02T02:00")]), layout)
        raw = read_delimited(SourceFile("a.csv", data), layout.file, "reports", layout.null_texts)
        rows = (
            Normaliser("any", MONTH, layout, settings.seeds, "2026-11-02")
            .normalise([raw], table)[0]
            .rows
        )
        assert rows.schema == build_landed_schema(table)
        landed[name] = rows[added.name].to_pylist()
    expected = "2026-10-02T02:00:00" if kind == "timestamp" else "02/10/2026 02:00"
    assert landed == {"compact": [expected], "niche": [None]}


def test_the_four_police_layouts_differ_in_every_way() -> None:
    """Prevents four layouts that are one in four files."""
    assert len(POLICE) == 4
    for name in ("date_format", "null_markers", "alias_separator"):
        assert len({getattr(layout, name) for layout in POLICE}) == 4, name
    headings = [column.name for layout in POLICE for column in layout.columns]
    shared = {heading for heading in headings if headings.count(heading) > 2}
    assert shared == set()


def test_every_format_of_every_layout_can_be_read() -> None:
    """Prevents a layout that fails on its first delivery."""
    for layout in load_layouts().values():
        moment = layout.datetime_format or f"{layout.date_format} {layout.time_format}"
        for text in (layout.date_format, moment):
            written = pa.array([datetime(2024, 2, 29, 13, 45, tzinfo=UTC).strftime(text)])
            expected = "2024-02-29T13:45:00" if "%H" in text else "2024-02-29"
            assert parse_dates(written, (text,)).to_pylist() == [expected]


def test_every_coded_column_has_its_code_map(settings: Settings) -> None:
    """Prevents a contract from pointing to codes that are not listed."""
    for layout in load_layouts().values():
        for table in load_contracts()[layout.feed].tables:
            for column in table.properties:
                if column.custom.code_map and is_written(layout, column):
                    assert read_known_codes(settings.seeds, layout, column.custom.code_map)


@pytest.mark.parametrize("name", ["map__police_codes", "map__authority_codes"])
def test_a_code_means_one_thing(settings: Settings, name: str) -> None:
    """Prevents a code map that gives a code two meanings."""
    with (settings.seeds / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    assert len({tuple(row[:3]) for row in rows}) == len(rows)
    assert all(all(row) for row in rows)


def test_no_null_marker_is_also_a_code(settings: Settings) -> None:
    """Prevents a code from vanishing as if nothing had been recorded."""
    columns = load_contracts()["police_reports"].table_by_name["reports"].properties
    for layout in POLICE:
        for column in columns:
            if column.custom.code_map and is_written(layout, column):
                codes = read_known_codes(settings.seeds, layout, column.custom.code_map)
                assert codes.isdisjoint(layout.null_markers)


def test_a_force_writes_one_layout_at_a_time() -> None:
    """Prevents two layouts from being right on one day, or none in between."""
    for supplier_code in {item.supplier_code for item in load_assignments()}:
        items = sorted(
            (item for item in load_assignments() if item.supplier_code == supplier_code),
            key=lambda item: item.valid_from,
        )
        for earlier, later in pairwise(items):
            assert earlier.valid_to is not None
            assert (later.valid_from - earlier.valid_to).days == 1
        assert items[-1].valid_to is None


def test_a_force_that_changed_its_system_changes_its_layout() -> None:
    """Prevents old files from being read by the new system's layout."""
    before = find_assigned_layout("police_reports", "E23000019", date(2018, 9, 1))
    after = find_assigned_layout("police_reports", "E23000019", date(2018, 10, 1))
    assert before is not None
    assert after is not None
    assert (before.layout_name, after.layout_name) == ("compact", "niche")


def test_every_table_has_an_empty_file_of_its_columns(settings: Settings) -> None:
    """Prevents a warehouse that cannot be built before the first delivery of a feed."""
    write_schema_files(settings.landing)
    for feed, contract in load_contracts().items():
        for table in contract.tables:
            path = settings.landing / "schema" / feed / f"{table.name}.parquet"
            assert pq.read_metadata(path).num_rows == 0
            names = pq.read_schema(path).names
            assert names == [*table.columns, "_delivery_id", "_file", "_row_number"]
    for name in ("quarantine", "flags"):
        assert (settings.landing / "schema" / "ledger" / f"{name}.parquet").exists()


def test_postcodes_land_beside_deliveries(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a build that begins before its postcodes are there, and a process for nothing."""
    with land_postcodes_in_background(settings, demonstration_postcodes):
        pass
    path = settings.landing / "reference" / "postcodes.parquet"
    stamp = path.stat().st_mtime_ns
    assert pq.read_metadata(path).num_rows > 0
    monkeypatch.delattr("register.feeds.postcodes.start_worker_pool")
    with land_postcodes_in_background(settings, _no_postcodes):
        pass
    assert path.stat().st_mtime_ns == stamp


def test_postcodes_land_whatever_memory_a_large_delivery_may_take(settings: Settings) -> None:
    """Prevents a limit that is meant for suppliers' files from stopping a load."""
    limits = replace(settings.limits, worker_memory_gigabytes=0.5)
    with land_postcodes_in_background(replace(settings, limits=limits), _gigabyte_of_postcodes):
        pass
    assert (settings.landing / "reference" / "postcodes.parquet").exists()


def _gigabyte_of_postcodes() -> pd.DataFrame:
    assert len(bytearray(1 << 30)) == 1 << 30
    return demonstration_postcodes()


def test_postcodes_that_cannot_be_read_end_the_landing(settings: Settings) -> None:
    """Prevents a register of which nobody knows where its children live."""
    with pytest.raises(LookupError), land_postcodes_in_background(settings, _no_postcodes):
        pass


def _no_postcodes() -> pd.DataFrame:
    raise LookupError("no postcodes in this package")


@pytest.mark.slow
@pytest.mark.drill
def test_postcodes_land_once_with_their_version(settings: Settings) -> None:
    """Prevents a load from spending seconds on what is there, or mixing two versions."""
    path = land_postcodes(settings)
    stamp = path.stat().st_mtime_ns
    assert land_postcodes(settings) == Path(path)
    assert path.stat().st_mtime_ns == stamp
    assert read_landed_postcode_version(path)
    counted = duckdb.sql(
        f"select count(*), count(distinct postcode), min(postcode_district) from '{path}'"
        " where postcode = 'S11AA' or postcode = 'SW1A1AA'"
    ).fetchall()
    assert counted[0][0] == counted[0][1] >= 1
