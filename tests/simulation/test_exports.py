"""The simulation's exports fit the contracts for vendors, as the good samples of the kit do."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Collection, Iterator
from datetime import UTC, datetime

import fastexcel
import pytest
from jsonschema import Draft202012Validator

from register.contract_documents import build_record_schema
from register.feeds import (
    CheckedDelivery,
    Layout,
    check_delivery,
    list_layout_tables,
    load_usable_layouts,
    name_file,
)
from register.settings import load_settings
from simulation import ErrorRates, SimulationPlan, simulate

NOW = datetime(2026, 11, 24, tzinfo=UTC)
FLAWLESS = SimulationPlan(
    population_scale=0.1,
    year_count=1,
    error_rates=ErrorRates().keep_modes(),
)
MOST_RECORDS = 40


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[CheckedDelivery]]:
    """The deliveries of a nation without errors that are accepted without a word, by layout."""
    home = tmp_path_factory.mktemp("exports")
    simulate(home, FLAWLESS)
    found: dict[str, list[CheckedDelivery]] = {}
    for folder in sorted(home.glob("inbox/*/*/*")):
        feed, supplier, period = folder.parts[-3:]
        checked = check_delivery(load_settings(), folder, feed, supplier, period, NOW)
        source = checked.parsed.source
        if source and source.source_form != "xml" and not checked.build_feedback():
            found.setdefault(source.layout.layout_name, []).append(checked)
    return found


def _list_files(checked: CheckedDelivery) -> Iterator[tuple[str, bytes]]:
    """Each file by its name in lower case; those of an archive in place of the archive."""
    for file in checked.raw.files:
        if file.suffix == ".zip":
            with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
                yield from ((name.casefold(), archive.read(name)) for name in archive.namelist())
        else:
            yield file.name.casefold(), file.data


def _read_records(layout: Layout, data: bytes) -> list[dict[str, str]]:
    form = layout.file
    if form.form == "xlsx":
        sheet = fastexcel.read_excel(data).load_sheet(form.sheet_name, dtypes="string")
        rows = sheet.to_arrow().to_pylist()
        return [{name: text or "" for name, text in row.items()} for row in rows]
    text = data.decode(form.encoding).removeprefix("\ufeff")
    quoting = csv.QUOTE_MINIMAL if form.quote_character else csv.QUOTE_NONE
    rows = csv.DictReader(io.StringIO(text), delimiter=form.delimiter, quoting=quoting)
    footer = form.footer.starts_with.rstrip(form.delimiter) if form.footer else None
    return [row for row in rows if footer is None or next(iter(row.values())) != footer]


def _name_columns(record: dict[str, str], known: Collection[str]) -> dict[str, str]:
    """Give the category column and the last column, whose names vary, the contract's names."""
    *others, last = record
    names = {name: name if name in known else "measure" for name in others} | {last: "value"}
    return {names[name]: text for name, text in record.items()}


@pytest.mark.slow
@pytest.mark.parametrize("layout", load_usable_layouts(), ids=lambda layout: layout.layout_name)
def test_an_export_without_errors_is_accepted_and_fits_the_schemas(
    exports: dict[str, list[CheckedDelivery]], layout: Layout
) -> None:
    """Prevents a contract that the project's own exporter does not keep."""
    checked = exports[layout.layout_name][0]
    period = checked.raw.item.period
    by_name = dict(_list_files(checked))
    count = 0
    for table in list_layout_tables(layout):
        data = by_name.get(name_file(layout, table, period).casefold())
        if data is None and len(by_name) == 1:
            (data,) = by_name.values()
        schema = build_record_schema(layout, table, period, load_settings().seeds)
        validator = Draft202012Validator(schema)
        for record in _read_records(layout, data)[:MOST_RECORDS] if data else ():
            is_release = layout.feed == "published_statistics"
            described = _name_columns(record, schema["properties"]) if is_release else record
            faults = [fault.json_path for fault in validator.iter_errors(described)]
            assert faults == [], table.name
            count += 1
    assert count > 0
