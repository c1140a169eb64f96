"""`register feedback`: everything that a supplier should put right in one delivery."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import feeds, publishing
from interfaces.command_line.recorded_output import Purpose, record_output, require_level
from register.access_record import Entry
from register.settings import load_settings


def feedback(
    delivery: Annotated[str, typer.Argument(metavar="DELIVERY", help="The delivery's id.")],
    as_json: console.AsJson = False,
    file: Annotated[
        Path | None,
        typer.Option(
            "--csv",
            metavar="FILE",
            help="Write all rows to a CSV file, which only the supplier may receive.",
        ),
    ] = None,
    limit: Annotated[int, typer.Option(help="Show at most this many rows.", min=1)] = 200,
    purpose: Purpose = "",
) -> None:
    """Show feedback on a delivery: each broken rule, the place in the file, and what to put right.

    Results of the rules of the statutory return come from the current generation.
    """
    settings = load_settings()
    require_level(settings, "identity", "feedback")
    entry = next(
        (item for item in feeds.read_ledger(settings) if item.delivery_id == delivery), None
    )
    if entry is None:
        console.stop(
            f"no delivery {delivery} in the ledger; see `register deliveries`", console.NOT_FOUND
        )
    generation = publishing.current_generation(settings)
    rows = feeds.join_feedback(
        settings, entry, publishing.read_breaches(generation, delivery) if generation else []
    )
    generation_id = generation.generation_id if generation else ""
    kind: Literal["view", "export"] = "view" if file is None else "export"
    record_output(settings, Entry(kind, "feedback", purpose, generation_id, (delivery,)))
    if file is not None:
        file.write_text(feeds.format_feedback(rows), encoding="utf-8", newline="")
        file.chmod(0o600)
        console.notices.print(
            f"{console.format_count(len(rows), 'row')} written to {file}",
            markup=False,
            soft_wrap=True,
        )
        return
    if as_json:
        console.write_json(rows)
        return
    columns = [name for name in feeds.FEEDBACK_COLUMNS if any(row[name] for row in rows)]
    console.show_table(
        f"{delivery}: {entry.outcome.replace('_', ' ')},"
        f" {console.format_count(len(rows), 'row')} of feedback",
        [name.replace("_", " ") for name in columns],
        ([row[name] for name in columns] for row in rows[:limit]),
    )
    if len(rows) > limit:
        console.output.print(
            f"{len(rows) - limit:,} more rows: write them with --csv", markup=False
        )
