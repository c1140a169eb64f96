"""`register feedback`: all that a supplier should put right in one delivery."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from interfaces.command_line.console import NOT_FOUND, notices, output, stop, write_json
from interfaces.command_line.lazy import lazy_module
from register.settings import load_settings

if TYPE_CHECKING:
    from register import feeds, publishing
else:
    feeds = lazy_module("register.feeds")
    publishing = lazy_module("register.publishing")


def feedback(
    delivery: Annotated[str, typer.Argument(metavar="DELIVERY", help="The delivery's id.")],
    as_json: Annotated[bool, typer.Option("--json", help="Write the rows as JSON.")] = False,
    file: Annotated[
        Path | None,
        typer.Option(
            "--csv",
            metavar="FILE",
            help="Write all rows to a CSV file for the supplier, who alone may have it.",
        ),
    ] = None,
    limit: Annotated[int, typer.Option(help="Show at most this many rows.", min=1)] = 200,
) -> None:
    """Show the feedback on a delivery: rule, file, line or element, record, what to put right.

    Rules of the statutory return are judged by the current generation.
    """
    settings = load_settings()
    entry = next(
        (item for item in feeds.read_ledger(settings) if item.delivery_id == delivery), None
    )
    if entry is None:
        stop(f"no delivery {delivery} in the ledger; see `register deliveries`", NOT_FOUND)
    generation = publishing.current_generation(settings)
    rows = feeds.join_feedback(
        settings, entry, publishing.read_breaches(generation, delivery) if generation else []
    )
    if file is not None:
        file.write_text(feeds.format_feedback(rows), encoding="utf-8", newline="")
        file.chmod(0o600)
        notices.print(f"{len(rows):,} rows written to {file}", markup=False)
        return
    if as_json:
        write_json(rows)
        return
    outcome = entry.outcome.replace("_", " ")
    table = Table(title=f"{entry.delivery_id}: {outcome}, {len(rows):,} rows of feedback")
    shown = [name for name in feeds.FEEDBACK_COLUMNS if any(row[name] for row in rows)]
    for column in shown:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows[:limit]:
        table.add_row(*(row[column] for column in shown))
    output.print(table)
    if len(rows) > limit:
        output.print(f"{len(rows) - limit:,} more rows: write them with --csv", markup=False)
