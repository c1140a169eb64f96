"""`register feedback`: what a supplier should put right, and absences that it should compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import typer

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import feeds, publishing
from interfaces.command_line.recorded_output import Purpose, record_output, require_level
from register.access_record import Entry
from register.settings import Settings, load_settings
from register.supplier_names import name_supplier

Rows = Sequence[Mapping[str, str]]


def feedback(  # noqa: PLR0913, PLR0917 - each is an option of the command
    delivery: Annotated[
        str | None, typer.Argument(metavar="[DELIVERY]", help="The delivery's id.")
    ] = None,
    body: Annotated[
        str | None,
        typer.Option(
            "--absences",
            metavar="CODE",
            help="Instead show the list of this local authority or police force: absences that it"
            " recorded and the other source did not, or the other way round.",
        ),
    ] = None,
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

    Results of the rules of the statutory return come from the current generation. With --absences,
    show what a local authority or police force should compare with the other source.
    """
    if (delivery is None) == (body is None):
        raise typer.BadParameter("give either a delivery or --absences with a code")
    settings = load_settings()
    require_level(settings, "identity", "feedback" if delivery else "absence_list")
    kind: Literal["view", "export"] = "view" if file is None else "export"
    if delivery is not None:
        title, rows = _read_feedback(settings, delivery, Entry(kind, "feedback", purpose))
        text, names = feeds.format_feedback(rows), feeds.FEEDBACK_COLUMNS
    else:
        title, rows = _read_absences(settings, str(body), Entry(kind, "absence_list", purpose))
        text, names = feeds.format_absence_list(rows), feeds.ABSENCE_COLUMNS
    if file is not None:
        file.write_text(text, encoding="utf-8", newline="")
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
    columns = [name for name in names if any(row[name] for row in rows)]
    console.show_table(
        title,
        [name.replace("_", " ") for name in columns],
        ([row[name] for name in columns] for row in rows[:limit]),
    )
    if len(rows) > limit:
        console.output.print(
            f"{len(rows) - limit:,} more rows: write them with --csv", markup=False
        )


def _read_feedback(settings: Settings, delivery: str, entry: Entry) -> tuple[str, Rows]:
    """Record that the feedback on a delivery is read; return a title and the rows."""
    landed = next(
        (item for item in feeds.read_ledger(settings) if item.delivery_id == delivery), None
    )
    if landed is None:
        console.stop(
            f"no delivery {delivery} in the ledger; see `register deliveries`", console.NOT_FOUND
        )
    generation = publishing.current_generation(settings)
    rows = feeds.join_feedback(
        settings, landed, publishing.read_breaches(generation, delivery) if generation else []
    )
    generation_id = generation.generation_id if generation else ""
    record_output(settings, replace(entry, generation_id=generation_id, keys=(delivery,)))
    outcome = landed.outcome.replace("_", " ")
    count = console.format_count(len(rows), "row")
    return f"{delivery}: {outcome}, {count} of feedback", rows


def _read_absences(settings: Settings, body: str, entry: Entry) -> tuple[str, Rows]:
    """Record that the absences of an authority or force are read; return a title and the rows."""
    generation = console.require_generation(settings)
    with console.stop_on(LookupError, code=console.NOT_FOUND):
        lines = publishing.read_absence_lines(generation, body)
    keys = dict.fromkeys((body, *(line.episode_id_register for line in lines)))
    record_output(
        settings, replace(entry, generation_id=generation.generation_id, keys=tuple(keys))
    )
    rows = feeds.build_list_rows(settings, generation.generation_id, body, lines)
    name, count = name_supplier(settings.seeds, body), console.format_count(len(rows), "absence")
    return f"{name}: {count} to compare, the most urgent first", rows
