"""`register deliveries`: the ledger, and a person's decision on a delivery that is held."""

from __future__ import annotations

from typing import Annotated, Literal

import typer
from rich.table import Table

from orchestration.commands.console import NOT_FOUND, output, stop, write_json
from register.feeds import Delivery, LedgerError, decide_delivery, decided_deliveries, read_ledger
from register.settings import load_settings

app = typer.Typer(
    help="List deliveries, and confirm or refuse one that is held.",
    invoke_without_command=True,
)
HELD = "held"
OUTCOMES = ("accepted", "accepted_with_quarantine", "rejected", HELD)
Who = Annotated[str, typer.Option(metavar="NAME", help="Who decides.")]
Why = Annotated[str, typer.Option(metavar="REASON", help="Why, for those who come later.")]
DeliveryId = Annotated[str, typer.Argument(metavar="DELIVERY", help="The delivery's id.")]


@app.callback()
def deliveries(
    context: typer.Context,
    supplier: Annotated[
        str | None, typer.Option(help="Only this supplier, such as E23000001 or 373.")
    ] = None,
    feed: Annotated[
        str | None, typer.Option(help="Only this feed, such as police_reports.")
    ] = None,
    outcome: Annotated[
        str | None, typer.Option(help=f"Only this outcome: {', '.join(OUTCOMES)}.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write the ledger as JSON.")] = False,
) -> None:
    """List what has been delivered and what became of it, in order of receipt."""
    if context.invoked_subcommand is not None:
        return
    if outcome is not None and outcome not in OUTCOMES:
        raise typer.BadParameter(f"one of {', '.join(OUTCOMES)}", param_hint="--outcome")
    settings = load_settings()
    decided = decided_deliveries(settings.decisions)
    found = [
        entry
        for entry in read_ledger(settings)
        if (supplier is None or entry.supplier_code == supplier)
        and (feed is None or entry.feed == feed)
        and (outcome is None or _has(entry, outcome, decided))
    ]
    if as_json:
        write_json(
            [
                {**entry.model_dump(mode="json"), "decision": decided.get(entry.delivery_id)}
                for entry in found
            ]
        )
        return
    _show(found, decided)


def _has(entry: Delivery, outcome: str, decided: dict[str, str]) -> bool:
    if outcome == HELD:
        return entry.is_held and decided.get(entry.delivery_id) is None
    return entry.outcome == outcome


def _show(found: list[Delivery], decided: dict[str, str]) -> None:
    table = Table(title=f"{len(found):,} deliveries")
    for column in ("delivery", "received", "outcome", "rule"):
        table.add_column(column, no_wrap=column == "delivery", overflow="fold")
    for column in ("rows", "quarantined", "flags"):
        table.add_column(column, justify="right")
    for entry in found:
        state = decided.get(entry.delivery_id, HELD) if entry.is_held else ""
        table.add_row(
            entry.delivery_id,
            entry.received_at,
            ", ".join(filter(None, (entry.outcome.replace("_", " "), state))),
            entry.reject_rule_code or entry.hold_rule_code or "",
            f"{entry.landed_row_count:,}",
            f"{entry.quarantined_row_count:,}",
            f"{entry.flag_count:,}",
        )
    output.print(table)


@app.command()
def confirm(delivery: DeliveryId, who: Who, why: Why) -> None:
    """Let a held delivery into the register, from the next load on."""
    _decide(delivery, "confirm", who, why)


@app.command()
def refuse(delivery: DeliveryId, who: Who, why: Why) -> None:
    """Keep a held delivery out of the register; the one before it stays current."""
    _decide(delivery, "refuse", who, why)


def _decide(delivery: str, decision: Literal["confirm", "refuse"], who: str, why: str) -> None:
    try:
        decide_delivery(load_settings(), delivery, decision, who, why)
    except LedgerError as error:
        stop(str(error), NOT_FOUND)
    output.print(f"Written down: {decision} {delivery}. It takes effect with `register load`.")
