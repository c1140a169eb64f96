"""`register trace`: from a published id to the lines that suppliers delivered."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from orchestration.commands.console import FAILED, NOT_FOUND, output, stop, write_json
from register.publishing.generations import current_generation
from register.publishing.raw import RawLineError, read_raw_line
from register.publishing.trace import Trace
from register.publishing.trace import trace as follow
from register.settings import Settings, load_settings


def trace(
    identifier: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="A report (R…), episode (E…), child (C…), agreement or rule-breach id.",
        ),
    ],
    show_line: Annotated[
        bool,
        typer.Option(
            "--show-line",
            help="Operations only: also print the delivered lines. They name a child.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write the lines as JSON.")] = False,
) -> None:
    """Follow a published row back to supplier, delivery, file and line."""
    settings = load_settings()
    generation = current_generation(settings)
    if generation is None:
        stop("nothing is published yet: run `register load`", NOT_FOUND)
    try:
        found = follow(generation, identifier)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="ID") from None
    if found is None:
        stop(
            f"{identifier} is not in generation {generation.generation_id}; it may belong to an"
            " older one (`register generations`)",
            NOT_FOUND,
        )
    raw = _raw_lines(settings, found) if show_line else [None] * len(found.lines)
    if as_json:
        lines = [
            {**asdict(line), **({"line": text} if show_line else {})}
            for line, text in zip(found.lines, raw, strict=True)
        ]
        write_json({**asdict(found), "lines": lines})
        return
    _show(found, raw)


def _show(found: Trace, raw: list[str | None]) -> None:
    output.print(
        f"{found.kind} {found.identifier} in generation {found.generation_id}:"
        f" {len(found.lines):,} delivered lines",
        style="bold",
    )
    for line, text in zip(found.lines, raw, strict=True):
        supplier = f"{line.supplier_code} {line.supplier_name or ''}".strip()
        state = line.delivery_status or "not in this generation's deliveries"
        _say(f"\n{line.row_id}")
        _say(f"  supplier  {supplier}")
        _say(f"  delivery  {line.delivery_id} ({state}, received {line.received_at})")
        _say(f"  line      {line.file_name}, line {line.row_number}")
        if text is not None:
            _say(f"  reads     {text}")


def _say(text: str) -> None:
    output.print(text, markup=False, highlight=False, soft_wrap=True)


def _raw_lines(settings: Settings, found: Trace) -> list[str | None]:
    try:
        return [read_raw_line(settings, line) for line in found.lines]
    except RawLineError as error:
        stop(str(error), FAILED)
