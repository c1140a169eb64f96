"""`register audit`: draw cases as inspectors do, enter what was found, and report it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from interfaces.command_line.console import FAILED, NOT_FOUND, notices, output, stop, write_json
from interfaces.command_line.lazy import lazy_module
from register.choices import AUDIT_AREAS, AUDIT_CASES
from register.home import prepare_home
from register.settings import load_settings

if TYPE_CHECKING:
    from register import audit, publishing
else:
    audit = lazy_module("register.audit")
    publishing = lazy_module("register.publishing")

app = typer.Typer(help="Draw an audit sample, enter what was found, and report it.")


@app.command("draw")
def draw_sample(
    seed: Annotated[int, typer.Option(help="The same seed draws the same cases.")] = 1,
    cases: Annotated[int, typer.Option(min=1, help="How many cases.")] = AUDIT_CASES,
    areas: Annotated[int, typer.Option(min=1, help="In how many areas.")] = AUDIT_AREAS,
    year: Annotated[
        str | None, typer.Option(help="Collection year, such as 2025-26; default: the last ended.")
    ] = None,
    with_lines: Annotated[
        bool,
        typer.Option("--with-lines", help="Put in the delivered lines, which name a child."),
    ] = False,
) -> None:
    """Draw cases of the current generation and write a worksheet for each."""
    settings = load_settings()
    generation = publishing.current_generation(settings)
    if generation is None:
        stop("nothing is published yet: run `register load`", NOT_FOUND)
    try:
        frame = audit.read_frame(generation, year)
    except audit.FrameError as error:
        stop(str(error), NOT_FOUND)
    drawn = audit.draw_sample(frame, seed, cases, areas)
    with notices.status("writing worksheets"):
        details = audit.read_details(generation, drawn.cases)
        try:
            index = audit.write_worksheets(
                settings,
                drawn,
                details,
                (lambda line: publishing.read_raw_line(settings, line)) if with_lines else None,
            )
        except publishing.RawLineError as error:
            stop(str(error), FAILED)
    output.print(f"{len(drawn.cases)} cases in {len(drawn.areas)} areas: {drawn.sample_id}")
    output.print(f"worksheets: {index}", markup=False, soft_wrap=True)


@app.command()
def enter(
    form: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="results.csv.")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who found it.")],
) -> None:
    """Keep what auditors found, with the register's other decisions."""
    if not by.strip():
        raise typer.BadParameter("results need a name to answer for them", param_hint="--by")
    settings = load_settings()
    prepare_home(settings)
    try:
        stored = audit.read_sample(settings, audit.read_sample_id(form))
        results = audit.read_form(form, stored, by.strip())
    except audit.SampleError as error:
        stop(str(error), NOT_FOUND)
    except audit.ResultError as error:
        stop(f"{form.name}: {error}", FAILED)
    audit.append_results(settings, stored, results)
    output.print(f"Written down: {len(results)} cases of {stored.design.sample_id}.")


@app.command()
def report(
    as_json: Annotated[bool, typer.Option("--json", help="Write the estimates as JSON.")] = False,
) -> None:
    """Estimate from what was found, with intervals, next to the register's own figures."""
    reports = audit.report_audits(load_settings())
    if as_json:
        write_json([asdict(found) for found in reports])
        return
    if not reports:
        stop("no results have been entered: see `register audit draw`", NOT_FOUND)
    for found in reports:
        output.print(_table(found))


def _table(found: audit.AuditReport) -> Table:
    design = found.design
    table = Table(
        title=f"{design.sample_id}: {found.answered_count} of {design.case_count} cases answered, "
        f"of {design.frame_count:,} episodes"
    )
    table.add_column("question")
    for column in ("found", "95% interval", "register", "cases"):
        table.add_column(column, justify="right")
    for line in found.lines:
        estimate = line.found
        table.add_row(
            line.question,
            f"{estimate.share:.1%}" if estimate else "",
            f"{estimate.lower:.1%} to {estimate.upper:.1%}" if estimate else "",
            "" if line.register_share is None else f"{line.register_share:.1%}",
            str(estimate.case_count) if estimate else "0",
        )
    return table
