"""`register feedback`: the feedback to a supplier about one delivery."""

from __future__ import annotations

import csv
from typing import Annotated

import typer
from rich.table import Table

from orchestration.commands.console import NOT_FOUND, ledger_or_stop, output, stop, write_json
from register.feeds import folder_in_landing
from register.settings import load_settings


def feedback(
    delivery: Annotated[str, typer.Argument(metavar="DELIVERY", help="The delivery's id.")],
    as_json: Annotated[bool, typer.Option("--json", help="Write the rows as JSON.")] = False,
    limit: Annotated[int, typer.Option(help="Show at most this many rows.", min=1)] = 200,
) -> None:
    """Show the feedback file of a delivery: rule, file, line, column and what to put right."""
    settings = load_settings()
    ledger = ledger_or_stop(settings)
    entry = next((item for item in ledger if item.delivery_id == delivery), None)
    if entry is None:
        stop(f"no delivery {delivery} in the ledger; see `register deliveries`", NOT_FOUND)
    path = settings.landing / folder_in_landing(entry.feed, delivery) / "feedback.csv"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        rows = list(reader)
        columns = list(reader.fieldnames or ())
    if as_json:
        write_json(rows)
        return
    outcome = entry.outcome.replace("_", " ")
    table = Table(title=f"{entry.delivery_id}: {outcome}, {len(rows):,} rows of feedback")
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows[:limit]:
        table.add_row(*(row[column] or "" for column in columns))
    output.print(table)
    if len(rows) > limit:
        output.print(f"{len(rows) - limit:,} more rows in {path}", markup=False)
