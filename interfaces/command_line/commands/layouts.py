"""`register layouts`: what would land of a sample in a layout, before a force is given it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from interfaces.command_line.console import FAILED, NOT_FOUND, output, stop, write_json
from interfaces.command_line.lazy import lazy_module
from register.settings import load_settings

if TYPE_CHECKING:
    from register import feeds
else:
    feeds = lazy_module("register.feeds")

app = typer.Typer(help="List layouts that are wrong, and check one against a sample.")


@app.callback(invoke_without_command=True)
def layouts(context: typer.Context) -> None:
    """List the layouts and assignments that cannot be used; exit code 1 if there are any."""
    if context.invoked_subcommand is not None:
        return
    faults = feeds.find_layout_faults(load_settings().layouts)
    for fault in faults:
        output.print(fault, markup=False, soft_wrap=True)
    if faults:
        raise typer.Exit(FAILED)
    output.print("every layout and assignment can be used")


@app.command()
def check(
    layout: Annotated[Path, typer.Argument(metavar="LAYOUT", help="The YAML of the layout.")],
    sample: Annotated[
        Path, typer.Argument(metavar="SAMPLE", help="A delivered file, or a folder of them.")
    ],
    period: Annotated[
        str | None, typer.Option(help="The period of the sample; without it, one of this year.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write the report as JSON.")] = False,
) -> None:
    """Say what of a sample would land in a layout: columns, rows, dates and codes.

    Codes are shown and no other text. Exit code 1: the layout is wrong, or the sample would be
    rejected.
    """
    for path in (layout, sample):
        if not path.exists():
            stop(f"there is no {path}", NOT_FOUND)
    try:
        report = feeds.check_layout(load_settings(), layout, sample, period)
    except feeds.LayoutError as error:
        stop(str(error), FAILED)
    except feeds.PeriodError as error:
        raise typer.BadParameter(str(error), param_hint="--period") from None
    if as_json:
        write_json(asdict(report))
    else:
        _show(report)
    if report.rejection:
        raise typer.Exit(FAILED)


def _show(report: feeds.LayoutReport) -> None:
    found = report.rejection
    if found:
        places = (("file", found.file), ("line", found.line), ("column", found.column))
        where = ", ".join(f"{name} {value}" for name, value in places if value is not None)
        output.print(f"rejected: {found.rule.value} ({where})" if where else found.rule.value)
    if report.other_file_count:
        output.print(f"{report.other_file_count:,} files belong to no table")
    for table in report.tables:
        _show_table(table)


def _show_table(report: feeds.TableReport) -> None:
    quarantined = ", ".join(f"{n:,} {rule}" for rule, n in report.quarantined_counts.items())
    output.print(
        f"{report.file}: {report.record_count:,} records, {report.landed_count:,} would land"
        f" as {report.table_name}" + (f"; quarantined: {quarantined}" if quarantined else ""),
        markup=False,
    )
    table = Table()
    for name in ("field", "column", "filled", "wrong", "codes without a line in the code map"):
        table.add_column(name, overflow="fold")
    for column in report.columns:
        table.add_row(
            column.field_name,
            _column(column),
            f"{column.filled_count:,}",
            ", ".join(f"{count:,} {rule}" for rule, count in column.wrong_counts.items()),
            _codes(column),
        )
    output.print(table)
    for position, length in report.unknown_columns:
        output.print(f"column {position} (a heading of {length} characters) is not in the layout")


def _column(report: feeds.ColumnReport) -> str:
    missing = [f"{name} (missing)" for name in report.missing_headings]
    return ", ".join([*report.headings, *missing]) or "-"


def _codes(report: feeds.ColumnReport) -> str:
    codes = [f"{code} ({count:,})" for code, count in report.unmapped_codes.items()]
    texts = f"{report.text_count:,} texts that are not shown" if report.text_count else ""
    return ", ".join(filter(None, [*codes, texts]))
