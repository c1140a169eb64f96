"""`register trace`: find the delivered lines behind a published id or figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any, NamedTuple

import typer

from interfaces.command_line import console
from interfaces.command_line.commands.trace_statistic import trace_statistic
from interfaces.command_line.lazy_modules import publishing
from interfaces.command_line.recorded_output import Purpose, record_output, require_level
from register.access_record import Entry
from register.settings import Settings, load_settings


class RawLine(NamedTuple):
    """The text of a delivered line and its file's delivered name. Both may name a child."""

    text: str
    file_name: str


RawLines = list[RawLine | None]


def trace(  # noqa: PLR0913, PLR0917 - each is an option of the command
    identifier: Annotated[
        str | None,
        typer.Argument(
            metavar="[ID]",
            help="Id of a report (R…), episode (E…), child (C…), agreement row or rule breach."
            " With --statistic: the reporting year.",
        ),
    ] = None,
    cell: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[AREA FILTER=ITEM…]",
            help="Only with --statistic: the area's code, then the filter items of the cell.",
        ),
    ] = None,
    statistic: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Trace a cell of this public file; the arguments give year, area and items.",
        ),
    ] = None,
    mart: Annotated[
        str | None,
        typer.Option(
            help="Instead of an id: table of a figure to trace, such as agreement.fct_agreement."
        ),
    ] = None,
    where: Annotated[
        str,
        typer.Option(help="SQL condition that selects the figure's rows in the table of --mart."),
    ] = "true",
    limit: Annotated[
        int, typer.Option(min=1, help="Trace at most this many rows of a figure.")
    ] = 10,
    show_line: Annotated[
        bool,
        typer.Option(
            "--show-line",
            help="Also print the delivered lines and file names. These may name a child, so this is"
            " for operations staff only.",
        ),
    ] = False,
    purpose: Purpose = "",
    as_json: console.AsJson = False,
) -> None:
    """Trace a published row, or the rows of a figure, to supplier, delivery, file and line.

    A figure is given by a table and a condition. The quality site shows both under each figure.
    """
    if (identifier is None) == (mart is None):
        raise typer.BadParameter("give an id, or a figure's --mart and --where", param_hint="ID")
    settings = load_settings()
    require_level(settings, "identity" if show_line else "exact", "trace")
    if statistic is not None:
        words = [statistic, str(identifier), *(cell or [])]
        trace_statistic(settings, words, limit, purpose, as_json)
        return
    if cell:
        raise typer.BadParameter("more than one argument needs --statistic", param_hint="ID")
    generation = console.require_generation(settings)
    if mart is not None:
        _trace_figure(settings, generation, (mart, where, limit), (show_line, as_json), purpose)
        return
    assert identifier is not None
    row = _trace_id(generation, identifier)
    _record_traces(settings, [row], show_line, purpose)
    raw = _read_raw_lines(settings, row) if show_line else None
    if as_json:
        console.write_json(_build_json(row, raw))
    else:
        _show_trace(row, raw)


def _trace_id(generation: publishing.Generation, identifier: str) -> publishing.Trace:
    try:
        trace = publishing.trace_id(generation, identifier)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="ID") from None
    if trace is None:
        console.stop(
            f"{identifier} is not in generation {generation.generation_id}; it may belong to an"
            " older one (`register generations`), or be the key of a child none of whose records"
            " is delivered any more (`register key show`)",
            console.NOT_FOUND,
        )
    return trace


def _trace_figure(
    settings: Settings,
    generation: publishing.Generation,
    figure: tuple[str, str, int],
    options: tuple[bool, bool],
    purpose: str,
) -> None:
    show_line, as_json = options
    try:
        figure_trace = publishing.trace_figure(generation, *figure)
    except publishing.FigureError as error:
        raise typer.BadParameter(str(error), param_hint="--mart, --where") from None
    _record_traces(settings, figure_trace.rows, show_line, purpose)
    raw = [_read_raw_lines(settings, row) if show_line else None for row in figure_trace.rows]
    traces = list(zip(figure_trace.rows, raw, strict=True))
    if as_json:
        rows = [_build_json(row, lines) for row, lines in traces]
        console.write_json({**asdict(figure_trace), "rows": rows})
        return
    console.write_line(
        f"{console.format_count(figure_trace.row_count, 'row')} of {figure_trace.mart}"
        f" where {figure_trace.where}"
    )
    if len(traces) < figure_trace.row_count:
        console.write_line(
            f"the first {len(traces):,} by {figure_trace.column}; `--limit` shows more"
        )
    for row, lines in traces:
        console.output.print()
        _show_trace(row, lines)


def _build_json(trace: publishing.Trace, raw: RawLines | None) -> dict[str, Any]:
    lines = [asdict(line) for line in trace.lines]
    for line, raw_line in zip(lines, raw or [], strict=False):
        line["line"] = raw_line and raw_line.text
        line["delivered_as"] = raw_line and raw_line.file_name
    return {**asdict(trace), "lines": lines}


def _show_trace(trace: publishing.Trace, raw: RawLines | None) -> None:
    if trace.retired_key is not None:
        console.write_line(f"{trace.retired_key} is retired: the child is now {trace.identifier}")
    console.output.print(
        f"{trace.kind} {trace.identifier} in generation {trace.generation_id}:"
        f" {len(trace.lines):,} delivered lines",
        style="bold",
    )
    for line, raw_line in zip(trace.lines, raw or [None] * len(trace.lines), strict=True):
        supplier = f"{line.supplier_code} {line.supplier_name or ''}".strip()
        state = line.delivery_status or "not in the deliveries of this generation"
        console.write_line(f"\n{line.row_id}")
        console.write_line(f"  supplier  {supplier}")
        console.write_line(f"  delivery  {line.delivery_id} ({state}, received {line.received_at})")
        console.write_line(f"  line      {line.file_name}, {line.place}")
        if raw_line is not None:
            if raw_line.file_name != line.file_name:
                console.write_line(f"  named     {raw_line.file_name}")
            console.write_line(f"  reads     {raw_line.text}")


def _record_traces(
    settings: Settings, traces: Sequence[publishing.Trace], show_line: bool, purpose: str
) -> None:
    """Record that the places of delivered lines are shown, or also what the lines say."""
    keys = tuple(trace.identifier for trace in traces)
    generation_id = traces[0].generation_id if traces else ""
    what = "delivered_lines" if show_line else "trace"
    entry = Entry("view", what, purpose, generation_id, keys)
    record_output(settings, entry, "identity" if show_line else "exact")


def _read_raw_lines(settings: Settings, trace: publishing.Trace) -> RawLines:
    with console.stop_on(publishing.RawLineError):
        return [
            RawLine(
                publishing.read_raw_line(settings, line),
                publishing.find_delivered_file(settings, line),
            )
            for line in trace.lines
        ]
