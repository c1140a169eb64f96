"""`register layouts`: list layouts with errors, propose a layout, check it against a sample."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import feeds
from register.settings import load_settings

app = typer.Typer(
    help="List layouts that have errors, propose a layout for a sample, or check one against it."
)


@app.callback(invoke_without_command=True)
def layouts(context: typer.Context) -> None:
    """List the layouts and assignments that cannot be used; exit code 1 if there are any."""
    if context.invoked_subcommand is not None:
        return
    faults = feeds.find_layout_faults(load_settings().layouts)
    for fault in faults:
        console.write_line(fault)
    if faults:
        raise typer.Exit(console.FAILED)
    console.output.print("every layout and assignment can be used")


@app.command()
def draft(
    sample: Annotated[
        Path, typer.Argument(metavar="SAMPLE", help="A folder with a real delivery's files.")
    ],
    feed: Annotated[str, typer.Option(help="The feed to which the files belong.")],
    name: Annotated[str, typer.Option(help="The name of the new layout.")] = "draft",
) -> None:
    """Print a layout for files of an unknown system; `# QUESTION:` marks what you must decide.

    Lines for the code map follow as comments. The text quotes headings and names of files and
    sheets, so see that they name nobody. It quotes no value except codes.
    """
    if not sample.is_dir():
        console.stop(f"there is no folder {sample}", console.NOT_FOUND)
    if feed not in feeds.load_contracts():
        known = ", ".join(feeds.load_contracts())
        raise typer.BadParameter(f"there is no feed {feed}: {known}", param_hint="--feed")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise typer.BadParameter("use lower-case letters, digits and _", param_hint="--name")
    with console.stop_on(feeds.NoSampleError):
        proposal = feeds.draft_layout(load_settings(), sample, feed, name)
    console.write_line(proposal.text)
    for line in proposal.code_lines:
        console.write_line(f"# CODE: {line}")


@app.command()
def check(
    layout: Annotated[Path, typer.Argument(metavar="LAYOUT", help="The YAML file of the layout.")],
    sample: Annotated[
        Path,
        typer.Argument(metavar="SAMPLE", help="A delivered file, or a folder of delivered files."),
    ],
    period: Annotated[
        str | None, typer.Option(help="The period of the sample; by default the current period.")
    ] = None,
    as_json: console.AsJson = False,
) -> None:
    """Read a sample with a layout as a load would; count records, wrong values and unknown codes.

    No text of the sample is shown except codes. Exit code 1: the layout has errors, the sample
    would be rejected, or most records of a table name persons that it does not have.
    """
    for path in (layout, sample):
        if not path.exists():
            console.stop(f"there is no {path}", console.NOT_FOUND)
    try:
        with console.stop_on(feeds.LayoutError):
            report = feeds.check_layout(load_settings(), layout, sample, period)
    except feeds.PeriodError as error:
        raise typer.BadParameter(str(error), param_hint="--period") from None
    if as_json:
        console.write_json(asdict(report))
    else:
        _show_report(report)
    if report.rejection or any(link.is_broken for link in report.links):
        raise typer.Exit(console.FAILED)


def _show_report(report: feeds.LayoutReport) -> None:
    findings = [("rejected", report.rejection), *(("would be held", each) for each in report.holds)]
    for outcome, finding in findings:
        if finding is None:
            continue
        places = (("file", finding.file), ("line", finding.line), ("column", finding.column))
        where = ", ".join(f"{name} {value}" for name, value in places if value is not None)
        rule = finding.rule.value
        text = f"{outcome}: {rule} ({where})" if where else f"{outcome}: {rule}"
        console.output.print(text, markup=False)
    if report.other_file_count:
        console.output.print(f"{report.other_file_count:,} files belong to no table")
    for table in report.tables:
        _show_table(table)
    for link in report.links:
        if link.unlinked_count:
            console.output.print(
                f"{link.table_name}.{link.column_name}: {link.unlinked_count:,} of"
                f" {link.record_count:,} records name a person that the sample does not have;"
                " compare how the tables write these numbers"
            )
    for column, count in report.unlisted_counts.items():
        console.output.print(
            f"{column}: {count:,} records have a text that selects no table; add it to values or"
            " other_values",
            markup=False,
        )
    if report.unfilled_tables:
        names = ", ".join(report.unfilled_tables)
        console.output.print(f"no file of the sample fills {names}")
    if report.open_question_count:
        console.output.print(f"{report.open_question_count:,} questions of the layout are open")


def _show_table(report: feeds.TableReport) -> None:
    quarantined = ", ".join(f"{n:,} {rule}" for rule, n in report.quarantined_counts.items())
    console.output.print(
        f"{report.file}: {report.record_count:,} records, {report.landed_count:,} would land"
        f" as {report.table_name}" + (f"; quarantined: {quarantined}" if quarantined else ""),
        markup=False,
    )
    if not any(column.headings for column in report.columns):
        # A file whose lines are joined to the records of another.
        return
    console.show_table(
        "",
        ["field", "column", "filled", "wrong", "codes that are not in the code map"],
        (
            [
                column.field_name,
                _list_headings(column),
                f"{column.filled_count:,}",
                ", ".join(f"{count:,} {rule}" for rule, count in column.wrong_counts.items()),
                _list_unknown_codes(column),
            ]
            for column in report.columns
        ),
    )
    for position, length in report.unknown_columns:
        console.output.print(
            f"column {position} (a heading of {length} characters) is not in the layout"
        )


def _list_headings(report: feeds.ColumnReport) -> str:
    missing = [f"{name} (missing)" for name in report.missing_headings]
    return ", ".join([*report.headings, *missing]) or "-"


def _list_unknown_codes(report: feeds.ColumnReport) -> str:
    codes = [f"{code} ({count:,})" for code, count in report.unmapped_codes.items()]
    texts = f"{report.text_count:,} texts that are not shown" if report.text_count else ""
    return ", ".join(filter(None, [*codes, texts]))
