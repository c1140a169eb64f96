"""`register trace`: from a published id or figure to the lines that suppliers delivered."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from interfaces.command_line.commands.trace_statistic import trace_statistic
from interfaces.command_line.console import FAILED, NOT_FOUND, output, stop, write_json
from interfaces.command_line.lazy import lazy_module
from register.settings import Settings, load_settings

if TYPE_CHECKING:
    from register import publishing
else:
    publishing = lazy_module("register.publishing")


class RawLine(NamedTuple):
    """A delivered line and the name of its file, as they were delivered: they may name a child."""

    text: str
    file_name: str


RawLines = list[RawLine | None]


def trace(  # noqa: PLR0913, PLR0917 - each is an option of the command
    identifier: Annotated[
        str | None,
        typer.Argument(
            metavar="[ID]",
            help="A report (R…), episode (E…), child (C…), agreement or rule-breach id; with"
            " --statistic the reporting year.",
        ),
    ] = None,
    cell: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[AREA FILTER=ITEM…]", help="With --statistic: the area's code, then items."
        ),
    ] = None,
    statistic: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Follow a cell of a public file: its year, area code and items."
        ),
    ] = None,
    mart: Annotated[
        str | None,
        typer.Option(help="A figure's mart in place of an id, such as agreement.fct_agreement."),
    ] = None,
    where: Annotated[
        str, typer.Option(help="The figure's filter: one SQL condition on the mart's columns.")
    ] = "true",
    limit: Annotated[int, typer.Option(min=1, help="How many rows of a figure to follow.")] = 10,
    show_line: Annotated[
        bool,
        typer.Option(
            "--show-line",
            help="Operations only: also print the delivered lines and the names of their files."
            " They name a child.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write the lines as JSON.")] = False,
) -> None:
    """Follow a published row, or the rows of a figure, back to supplier, delivery, file and line.

    A figure is a mart and a filter, as the quality site names them under each figure.
    """
    if (identifier is None) == (mart is None):
        raise typer.BadParameter("give an id, or a figure's --mart and --where", param_hint="ID")
    settings = load_settings()
    if statistic is not None:
        trace_statistic(settings, [statistic, str(identifier), *(cell or [])], limit, as_json)
        return
    if cell:
        raise typer.BadParameter("more than an id goes with --statistic", param_hint="ID")
    generation = publishing.current_generation(settings)
    if generation is None:
        stop("nothing is published yet: run `register load`", NOT_FOUND)
    if mart is not None:
        _trace_figure(settings, generation, (mart, where, limit), (show_line, as_json))
        return
    assert identifier is not None
    found = _trace_id(generation, identifier)
    raw = _raw_lines(settings, found) if show_line else None
    if as_json:
        write_json(_as_json(found, raw))
    else:
        _show(found, raw)


def _trace_id(generation: publishing.Generation, identifier: str) -> publishing.Trace:
    try:
        found = publishing.trace_id(generation, identifier)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="ID") from None
    if found is None:
        stop(
            f"{identifier} is not in generation {generation.generation_id}; it may belong to an"
            " older one (`register generations`), or be the key of a child none of whose records"
            " is delivered any more (`register key show`)",
            NOT_FOUND,
        )
    return found


def _trace_figure(
    settings: Settings,
    generation: publishing.Generation,
    figure: tuple[str, str, int],
    options: tuple[bool, bool],
) -> None:
    show_line, as_json = options
    try:
        found = publishing.trace_figure(generation, *figure)
    except publishing.FigureError as error:
        raise typer.BadParameter(str(error), param_hint="--mart, --where") from None
    raw = [_raw_lines(settings, row) if show_line else None for row in found.rows]
    if as_json:
        rows = [_as_json(row, lines) for row, lines in zip(found.rows, raw, strict=True)]
        write_json({**asdict(found), "rows": rows})
        return
    _say(f"{found.row_count:,} rows of {found.mart} where {found.where}")
    if len(found.rows) < found.row_count:
        _say(f"the first {len(found.rows):,} by {found.column}; `--limit` shows more")
    for row, lines in zip(found.rows, raw, strict=True):
        output.print()
        _show(row, lines)


def _as_json(found: publishing.Trace, raw: RawLines | None) -> dict[str, Any]:
    lines = [asdict(line) for line in found.lines]
    if raw is not None:
        lines = [
            {**line, "line": found and found.text, "delivered_as": found and found.file_name}
            for line, found in zip(lines, raw, strict=True)
        ]
    return {**asdict(found), "lines": lines}


def _show(found: publishing.Trace, raw: RawLines | None) -> None:
    if found.retired_key is not None:
        _say(f"{found.retired_key} is retired: the child is now {found.identifier}")
    output.print(
        f"{found.kind} {found.identifier} in generation {found.generation_id}:"
        f" {len(found.lines):,} delivered lines",
        style="bold",
    )
    for line, delivered in zip(found.lines, raw or [None] * len(found.lines), strict=True):
        supplier = f"{line.supplier_code} {line.supplier_name or ''}".strip()
        state = line.delivery_status or "not in this generation's deliveries"
        _say(f"\n{line.row_id}")
        _say(f"  supplier  {supplier}")
        _say(f"  delivery  {line.delivery_id} ({state}, received {line.received_at})")
        _say(f"  line      {line.file_name}, {line.place}")
        if delivered is not None:
            if delivered.file_name != line.file_name:
                _say(f"  named     {delivered.file_name}")
            _say(f"  reads     {delivered.text}")


def _say(text: str) -> None:
    output.print(text, markup=False, highlight=False, soft_wrap=True)


def _raw_lines(settings: Settings, found: publishing.Trace) -> RawLines:
    try:
        return [
            RawLine(
                publishing.read_raw_line(settings, line),
                publishing.find_delivered_file(settings, line),
            )
            for line in found.lines
        ]
    except publishing.RawLineError as error:
        stop(str(error), FAILED)
