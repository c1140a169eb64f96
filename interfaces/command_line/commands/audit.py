"""`register audit`: draw a random sample of cases, enter auditors' answers, and report."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import audit, publishing
from interfaces.command_line.recorded_output import By, Purpose, record_output
from register.access_record import Entry
from register.choices import AUDIT_AREAS, AUDIT_CASES
from register.home import prepare_home
from register.settings import load_settings

app = typer.Typer(help="Draw an audit sample, enter auditors' answers, and report the results.")


@app.command("draw")
def draw_sample(  # noqa: PLR0913, PLR0917 - each is an option of the command
    seed: Annotated[int, typer.Option(help="The same seed draws the same cases.")] = 1,
    cases: Annotated[int, typer.Option(min=1, help="Number of cases to draw.")] = AUDIT_CASES,
    areas: Annotated[
        int, typer.Option(min=1, help="Number of areas to draw cases from.")
    ] = AUDIT_AREAS,
    year: Annotated[
        str | None,
        typer.Option(
            help="Collection year, such as 2025-26; by default the latest that has ended."
        ),
    ] = None,
    with_lines: Annotated[
        bool,
        typer.Option("--with-lines", help="Include the delivered lines, which name a child."),
    ] = False,
    purpose: Purpose = "",
) -> None:
    """Draw cases of the current generation and write a worksheet for each."""
    settings = load_settings()
    generation = console.require_generation(settings)
    with console.stop_on(audit.FrameError, code=console.NOT_FOUND):
        frame = audit.read_frame(generation, year)
    drawn = audit.draw_sample(frame, seed, cases, areas)
    keys = (drawn.sample_id, *(case.agreement_id for case in drawn.cases))
    record_output(
        settings, Entry("export", "audit_worksheets", purpose, generation.generation_id, keys)
    )
    with console.notices.status("writing worksheets"), console.stop_on(publishing.RawLineError):
        index = audit.write_worksheets(
            settings,
            drawn,
            audit.read_details(generation, drawn.cases),
            (lambda line: publishing.read_raw_line(settings, line)) if with_lines else None,
        )
    console.output.print(f"{len(drawn.cases)} cases in {len(drawn.areas)} areas: {drawn.sample_id}")
    console.write_line(f"worksheets: {index}")


@app.command()
def enter(
    form: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            help="The results.csv of `register audit draw`, filled in by the auditor.",
        ),
    ],
    by: By,
) -> None:
    """Store an auditor's answers beside the register's decision files."""
    if not by.strip():
        raise typer.BadParameter("give the name of the auditor", param_hint="--by")
    settings = load_settings()
    prepare_home(settings)
    try:
        with console.stop_on(audit.SampleError, code=console.NOT_FOUND):
            stored = audit.read_sample(settings, audit.read_sample_id(form))
            results = audit.read_form(form, stored, by.strip())
    except audit.ResultError as error:
        console.stop(f"{form.name}: {error}", console.FAILED)
    audit.append_results(settings, stored, results)
    console.output.print(f"Stored: {len(results)} cases of {stored.design.sample_id}.")


@app.command()
def report(
    as_json: console.AsJson = False,
) -> None:
    """Show estimates from auditors' answers, with intervals, beside the register's figures."""
    reports = audit.report_audits(load_settings())
    if as_json:
        console.write_json([asdict(audit_report) for audit_report in reports])
        return
    if not reports:
        console.stop("no results have been entered: see `register audit draw`", console.NOT_FOUND)
    for audit_report in reports:
        _show_report(audit_report)


def _show_report(report: audit.AuditReport) -> None:
    design = report.design
    rows = []
    for line in report.lines:
        estimate = line.found
        rows.append(
            [
                line.question,
                f"{estimate.share:.1%}" if estimate else "",
                f"{estimate.lower:.1%} to {estimate.upper:.1%}" if estimate else "",
                "" if line.register_share is None else f"{line.register_share:.1%}",
                str(estimate.case_count) if estimate else "0",
            ]
        )
    console.show_table(
        f"{design.sample_id}: {report.answered_count} of {design.case_count} cases answered, "
        f"of {design.frame_count:,} episodes",
        ["question", "#found", "#95% interval", "#register", "#cases"],
        rows,
    )
