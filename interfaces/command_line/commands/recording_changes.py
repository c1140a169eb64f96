"""`register recording-changes`: changes of recording that suppliers announced."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from interfaces.command_line.console import FAILED, NOT_FOUND, output, stop, write_json
from interfaces.command_line.lazy import lazy_module
from register.choices import EVERY, LEFT_OUT
from register.settings import load_settings

if TYPE_CHECKING:
    from register import recording_changes
else:
    recording_changes = lazy_module("register.recording_changes")

app = typer.Typer(
    help="List changes of recording that suppliers announced; add or remove one.",
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
    str, typer.Argument(metavar="SUPPLIER", help="Its code, such as E23000001 or 373.")
]
Since = Annotated[
    str, typer.Argument(metavar="DATE", help="First day on which it records otherwise.")
]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who writes it down.")]
Reason = Annotated[
    str, typer.Option("--reason", metavar="REASON", help="Why, for those who come later.")
]
Category = Annotated[str, typer.Option(help="The category that it concerns, or every.")]


@app.callback()
def list_changes(
    context: typer.Context,
    supplier: Annotated[str | None, typer.Option(help="Only this supplier.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write them as JSON.")] = False,
) -> None:
    """List the changes in force, by supplier and day."""
    if context.invoked_subcommand is not None:
        return
    try:
        found = recording_changes.list_standing_changes(load_settings())
    except recording_changes.ChangeError as error:
        stop(str(error), FAILED)
    found = [change for change in found if supplier in (None, change.supplier_code)]
    if as_json:
        write_json([asdict(change) for change in found])
    else:
        _show(found)


def _show(found: list[recording_changes.RecordedChange]) -> None:
    table = Table(title=f"{len(found):,} announced changes of recording")
    for title in COLUMNS.values():
        table.add_column(title, overflow="fold")
    for change in found:
        table.add_row(*(getattr(change, name) for name in COLUMNS))
    output.print(table)


@app.command()
def add(  # noqa: PLR0913, PLR0917 - each is an option of the command
    supplier: Supplier,
    since: Since,
    change: Annotated[
        str,
        typer.Argument(
            metavar="CHANGE", help="What changes; `register recording-changes kinds` lists them."
        ),
    ],
    announced_by: Annotated[
        str, typer.Option(metavar="SOURCE", help="Who announced it, and in what.")
    ],
    by: By,
    reason: Reason,
    category: Category = EVERY,
    left_out: Annotated[
        str,
        typer.Option(
            help=f"When what it concerns is left out by the supplier: {', '.join(LEFT_OUT)}.",
        ),
    ] = "neither",
    under_hours: Annotated[
        float | None,
        typer.Option(help="It concerns absences shorter than this alone."),
    ] = None,
) -> None:
    """Add a change that a supplier announced. It is in force until the next that it announces.

    A change about the same supplier, day and category replaces what was written down before.
    """
    announced = recording_changes.RecordingChange(
        supplier, _day(since), change, announced_by, category, left_out, under_hours
    )
    try:
        recording_changes.announce_change(load_settings(), announced, by=by, reason=reason)
    except recording_changes.ChangeError as error:
        raise typer.BadParameter(str(error)) from None
    output.print(f"Written down: {supplier} from {since}, {change}. {TAKES_EFFECT}")


@app.command()
def remove(
    supplier: Supplier,
    since: Since,
    by: By,
    reason: Reason,
    category: Category = EVERY,
) -> None:
    """Remove a change from force; the file keeps it, with who withdrew it and why."""
    try:
        recording_changes.withdraw_change(
            load_settings(), supplier, _day(since), category, by=by, reason=reason
        )
    except recording_changes.ChangeError as error:
        stop(str(error), NOT_FOUND)
    output.print(f"Withdrawn: {supplier} from {since}, {category}. {TAKES_EFFECT}")


@app.command()
def kinds() -> None:
    """List the kinds of change that can be announced."""
    table = Table("change", "what is meant", box=None)
    for code, meaning in recording_changes.read_change_kinds(load_settings().seeds).items():
        table.add_row(code, meaning)
    output.print(table)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            "write a day that is in the calendar, such as 2026-01-31", param_hint="DATE"
        ) from None
