"""`register recording-changes`: changes in recording that suppliers announced."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated

import typer

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import recording_changes
from interfaces.command_line.recorded_output import By
from register.choices import EVERY, LEFT_OUT
from register.settings import load_settings

app = typer.Typer(
    help="List changes in recording that suppliers announced; add or remove one.",
    invoke_without_command=True,
)
COLUMNS = {
    "supplier_code": "supplier",
    "changed_from": "from",
    "category_code": "category",
    "change_code": "change",
    "left_out": "left out",
    "under_hours": "under hours",
    "announced_by": "announced by",
    "recorded_by": "recorded by",
    "reason": "reason",
}
TAKES_EFFECT = "It takes effect with `register load`."
Supplier = Annotated[
    str, typer.Argument(metavar="SUPPLIER", help="The supplier's code, such as E23000001 or 373.")
]
Since = Annotated[str, typer.Argument(metavar="DATE", help="First day of the changed recording.")]
Category = Annotated[
    str, typer.Option(help="Code of the category whose recording changes, or `every`.")
]


@app.callback()
def list_changes(
    context: typer.Context,
    supplier: Annotated[str | None, typer.Option(help="Only this supplier.")] = None,
    as_json: console.AsJson = False,
) -> None:
    """List the changes in force, by supplier and day."""
    if context.invoked_subcommand is not None:
        return
    with console.stop_on(recording_changes.ChangeError):
        changes = recording_changes.list_standing_changes(load_settings())
    changes = [change for change in changes if supplier in (None, change.supplier_code)]
    if as_json:
        console.write_json([asdict(change) for change in changes])
        return
    console.show_table(
        f"{len(changes):,} announced changes in recording",
        list(COLUMNS.values()),
        ([getattr(change, name) for name in COLUMNS] for change in changes),
    )


@app.command()
def add(  # noqa: PLR0913, PLR0917 - each is an option of the command
    supplier: Supplier,
    since: Since,
    change: Annotated[
        str,
        typer.Argument(
            metavar="CHANGE",
            help="Code of the kind of change; `register recording-changes kinds` lists the codes.",
        ),
    ],
    announced_by: Annotated[
        str,
        typer.Option(
            metavar="SOURCE", help="Who announced the change, and where, such as in a letter."
        ),
    ],
    by: By,
    reason: console.Reason,
    category: Category = EVERY,
    left_out: Annotated[
        str,
        typer.Option(
            help="Whether the supplier leaves absences of the category unrecorded since the first "
            f"day of the change, before that day, or neither. One of {', '.join(LEFT_OUT)}.",
        ),
    ] = "neither",
    under_hours: Annotated[
        float | None,
        typer.Option(help="The change concerns only absences shorter than this many hours."),
    ] = None,
) -> None:
    """Add a change that a supplier announced.

    The change is in force until the supplier's next change of the same category. A change of the
    same supplier, day and category replaces the earlier entry.
    """
    announced = recording_changes.RecordingChange(
        supplier, _parse_day(since), change, announced_by, category, left_out, under_hours
    )
    try:
        recording_changes.announce_change(load_settings(), announced, by=by, reason=reason)
    except recording_changes.ChangeError as error:
        raise typer.BadParameter(str(error)) from None
    console.output.print(f"Added: {supplier} from {since}, {change}. {TAKES_EFFECT}")


@app.command()
def remove(
    supplier: Supplier,
    since: Since,
    by: By,
    reason: console.Reason,
    category: Category = EVERY,
) -> None:
    """Remove a change. Its row stays in the decision file; another says who removed it and why."""
    with console.stop_on(recording_changes.ChangeError, code=console.NOT_FOUND):
        recording_changes.withdraw_change(
            load_settings(), supplier, _parse_day(since), category, by=by, reason=reason
        )
    console.output.print(f"Removed: {supplier} from {since}, {category}. {TAKES_EFFECT}")


@app.command("kinds")
def list_kinds() -> None:
    """List the kinds of change that can be announced."""
    kinds = recording_changes.read_change_kinds(load_settings().seeds)
    console.show_table("", ["change", "meaning"], kinds.items(), box=None)


def _parse_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            "write a day that is in the calendar, such as 2026-01-31", param_hint="DATE"
        ) from None
