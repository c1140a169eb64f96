"""The supplier guide: a page for each feed, with a template and a sample file for each table.

Beside the pages are contracts for the tools of vendors. The text comes from contracts, layouts and
seeds. The values are invented examples from the contracts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from interfaces.documentation.page_templates import render_page
from register.contract_documents import write_contract_files, write_layout_files
from register.data_packages import PACKAGE
from register.feeds import (
    EXAMPLE_PERIODS,
    Column,
    Contract,
    FeedbackRule,
    Layout,
    Table,
    describe_value_form,
    invent_record,
    list_feed_rules,
    list_layout_tables,
    list_written_columns,
    load_contracts,
    load_sample_layouts,
    name_file,
    read_code_meanings,
    render_file,
)
from register.labels import code_to_words
from register.settings import Settings

# A list with more codes than this is folded.
CODES_IN_TABLE = 6
RETURN = "authority_return"


@dataclass(frozen=True)
class GuideColumn:
    """One column of a table, in the form in which a layout writes it."""

    name: str
    is_column_required: bool
    is_always_filled: bool
    form: str
    codes: dict[str, str]
    example: str
    description: str


@dataclass(frozen=True)
class GuideTable:
    """One file of a layout: its columns, and the paths of its template, sample and schema."""

    table: Table
    file_name: str
    template: str
    sample: str
    schema: str
    columns: tuple[GuideColumn, ...]


@dataclass(frozen=True)
class GuideLayout:
    """The layout of one record system for a feed."""

    layout: Layout
    package: str
    tables: tuple[GuideTable, ...]


def write_supplier_guide(settings: Settings, folder: Path) -> list[Path]:
    """Write `index.html`, a page for each feed, and the files to download; return the pages.

    Files of an earlier guide are not removed, even if the contracts no longer have them.
    """
    contracts = load_contracts()
    folder.mkdir(parents=True, exist_ok=True)
    write_contract_files(folder)
    index = render_page("guide_index.html", title="Supplier guide", contracts=contracts)
    pages = {"index.html": index}
    for feed, contract in contracts.items():
        pages[f"{feed}.html"] = _build_feed_page(settings, folder, contract)
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in pages]


def _build_feed_page(settings: Settings, folder: Path, contract: Contract) -> str:
    layouts = [item for item in load_sample_layouts(settings.layouts) if item.feed == contract.id]
    rules = [
        rule
        for rule in list_feed_rules(settings.seeds, contract.id)
        if _applies_to_feed(rule, layouts)
    ]
    return render_page(
        "guide_feed.html",
        title=f"Supplier guide: {code_to_words(contract.id)}",
        contract=contract,
        period=EXAMPLE_PERIODS[contract.id],
        layouts=[_build_layout(settings, folder, layout) for layout in layouts],
        rules=rules,
        most=CODES_IN_TABLE,
    )


def _applies_to_feed(rule: FeedbackRule, layouts: Sequence[Layout]) -> bool:
    """Return whether a rule about a file format applies to a format of the feed."""
    has = {
        "xml": any(layout.feed == RETURN for layout in layouts),
        "workbook": any(layout.file.form == "xlsx" for layout in layouts),
        "sheet": any(layout.file.form == "xlsx" for layout in layouts),
        "footer": any(layout.file.footer for layout in layouts),
    }
    return all(has[form] for form in has if form in rule.rule_code.split("_"))


def _build_layout(settings: Settings, folder: Path, layout: Layout) -> GuideLayout:
    place = f"{layout.feed}/{layout.layout_name}"
    samples = _write_samples(settings, folder / place, layout)
    period = EXAMPLE_PERIODS[layout.feed]
    schemas = write_layout_files(folder / place, layout, samples, period, settings.seeds)
    tables = tuple(
        GuideTable(
            table=table,
            file_name=name_file(layout, table, period),
            template=f"{place}/{samples[table.name].replace('sample/', 'template/', 1)}",
            sample=f"{place}/{samples[table.name]}",
            schema=f"{place}/{schemas[table.name]}",
            columns=tuple(_describe_columns(settings, layout, table)),
        )
        for table in list_layout_tables(layout)
    )
    return GuideLayout(layout, f"{place}/{PACKAGE}", tables)


def _write_samples(settings: Settings, folder: Path, layout: Layout) -> dict[str, str]:
    """Write a template and a sample file for each table; return the paths of the samples."""
    paths = {}
    for table in list_layout_tables(layout):
        period = EXAMPLE_PERIODS[layout.feed]
        record = invent_record(layout, table, period, settings.seeds)
        name = name_file(layout, table, period)
        for kind, records in (("template", []), ("sample", [list(record.values())])):
            path = folder / kind / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(render_file(layout, list(record), records))
        paths[table.name] = f"sample/{name}"
    return paths


def _describe_columns(settings: Settings, layout: Layout, table: Table) -> Iterator[GuideColumn]:
    period = EXAMPLE_PERIODS[layout.feed]
    record = invent_record(layout, table, period, settings.seeds)
    for place in list_written_columns(layout, table, period):
        column = table.columns[place.field]
        codes = (
            read_code_meanings(settings.seeds, layout, column.custom.code_map)
            if column.custom.code_map
            else {}
        )
        yield GuideColumn(
            name=place.name,
            is_column_required=place.is_required,
            is_always_filled=column.required,
            form="" if codes else _describe_form(settings, layout, column),
            codes=codes,
            example=record[place.name],
            description=column.description,
        )


def _describe_form(settings: Settings, layout: Layout, column: Column) -> str:
    if column.custom.is_repeatable:
        return f"text; several are separated by “{layout.alias_separator}”"
    return describe_value_form(column, layout, settings.seeds) or "text"
