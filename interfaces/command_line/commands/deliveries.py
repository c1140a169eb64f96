"""`register deliveries`: the ledger, and people's decisions on deliveries."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from interfaces.command_line.console import NOT_FOUND, ledger_or_stop, output, stop, write_json
from interfaces.command_line.lazy import lazy_module
from register.settings import Settings, load_settings

if TYPE_CHECKING:
    from register import feeds
else:
    feeds = lazy_module("register.feeds")

app = typer.Typer(
    help="List deliveries, confirm or refuse one that is held, and withdraw one that is not right.",
    invoke_without_command=True,
)
HELD = "held"
WITHDRAWN = "withdrawn"
OUTCOMES = ("accepted", "accepted_with_quarantine", "rejected", HELD, WITHDRAWN)
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides.")]
Reason = Annotated[
    str, typer.Option("--reason", metavar="REASON", help="Why, for those who come later.")
]
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
    """List what has been delivered, with its outcome, in order of receipt."""
    if context.invoked_subcommand is not None:
        return
    if outcome is not None and outcome not in OUTCOMES:
        raise typer.BadParameter(f"one of {', '.join(OUTCOMES)}", param_hint="--outcome")
    settings = load_settings()
    decided = feeds.read_hold_decisions(settings.decisions)
    withdrawn = feeds.read_withdrawals(settings.decisions)
    found = [
        entry
        for entry in ledger_or_stop(settings)
        if (supplier is None or entry.supplier_code == supplier)
        and (feed is None or entry.feed == feed)
        and (outcome is None or _has(entry, outcome, decided, withdrawn))
    ]
    if as_json:
        write_json(
            [
                {
                    **entry.model_dump(mode="json"),
                    "decision": decided.get(entry.delivery_id),
                    "is_withdrawn": entry.delivery_id in withdrawn,
                }
                for entry in found
            ]
        )
        return
    _show(found, decided, withdrawn)
    _show_waiting(settings)


def _has(
    entry: feeds.Delivery, outcome: str, decided: dict[str, str], withdrawn: frozenset[str]
) -> bool:
    if outcome == WITHDRAWN:
        return entry.delivery_id in withdrawn
    if outcome == HELD:
        return entry.is_held and decided.get(entry.delivery_id) is None
    return entry.outcome == outcome


def _show(found: list[feeds.Delivery], decided: dict[str, str], withdrawn: frozenset[str]) -> None:
    table = Table(title=f"{len(found):,} deliveries")
    for column in ("delivery", "received", "outcome", "rule"):
        table.add_column(column, no_wrap=column == "delivery", overflow="fold")
    for column in ("rows", "quarantined", "flags"):
        table.add_column(column, justify="right")
    for entry in found:
        state = decided.get(entry.delivery_id, HELD) if entry.is_held else ""
        aside = WITHDRAWN if entry.delivery_id in withdrawn else ""
        table.add_row(
            entry.delivery_id,
            entry.received_at,
            ", ".join(filter(None, (entry.outcome.replace("_", " "), state, aside))),
            entry.reject_rule_code or entry.hold_rule_code or "",
            f"{entry.landed_row_count:,}",
            f"{entry.quarantined_row_count:,}",
            f"{entry.flag_count:,}",
        )
    output.print(table)


def _show_waiting(settings: Settings) -> None:
    for item in feeds.read_inbox_state(settings).waiting:
        output.print(f"waiting, a file is still being sent: {item.safe_place}", markup=False)


@app.command()
def confirm(delivery: DeliveryId, by: By, reason: Reason) -> None:
    """Let a held delivery into the register, from the next load on."""
    _decide(
        lambda settings: feeds.decide_delivery(settings, delivery, "confirm", by, reason),
        f"confirm {delivery}",
    )


@app.command()
def refuse(delivery: DeliveryId, by: By, reason: Reason) -> None:
    """Keep a held delivery out of the register; the one before it stays current."""
    _decide(
        lambda settings: feeds.decide_delivery(settings, delivery, "refuse", by, reason),
        f"refuse {delivery}",
    )


@app.command()
def withdraw(delivery: DeliveryId, by: By, reason: Reason) -> None:
    """Set an accepted delivery aside, so that the rest is published without it.

    Its rows stay landed and accounted for; what it had superseded is current again.
    """
    _decide(
        lambda settings: feeds.withdraw_delivery(settings, delivery, by, reason),
        f"withdraw {delivery}",
    )


@app.command()
def reinstate(delivery: DeliveryId, by: By, reason: Reason) -> None:
    """Take a withdrawal back: the delivery counts again as if it had not been withdrawn."""
    _decide(
        lambda settings: feeds.reinstate_delivery(settings, delivery, by, reason),
        f"reinstate {delivery}",
    )


def _decide(write: Callable[[Settings], None], decision: str) -> None:
    try:
        write(load_settings())
    except feeds.LedgerError as error:
        stop(str(error), NOT_FOUND)
    output.print(f"Written down: {decision}. It takes effect with `register load`.")
