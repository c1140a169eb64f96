"""`register deliveries`: list deliveries, and decide on them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import feeds
from interfaces.command_line.recorded_output import By
from register.access_record import Entry, record_access
from register.settings import load_settings

app = typer.Typer(
    help="List deliveries, confirm or refuse a held one, withdraw or read again a wrong one.",
    invoke_without_command=True,
)
HELD = "held"
WITHDRAWN = "withdrawn"
OUTCOMES = ("accepted", "accepted_with_quarantine", "rejected", HELD, WITHDRAWN)
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
    as_json: console.AsJson = False,
) -> None:
    """List deliveries with their outcomes, in order of receipt."""
    if context.invoked_subcommand is not None:
        return
    if outcome is not None and outcome not in OUTCOMES:
        raise typer.BadParameter(f"one of {', '.join(OUTCOMES)}", param_hint="--outcome")
    settings = load_settings()
    decided = feeds.read_hold_decisions(settings)
    withdrawn = feeds.read_withdrawals(settings)
    with console.stop_on(feeds.LedgerError):
        ledger = feeds.read_ledger(settings)
    entries = [
        entry
        for entry in ledger
        if (supplier is None or entry.supplier_code == supplier)
        and (feed is None or entry.feed == feed)
        and (outcome is None or _has_outcome(entry, outcome, decided, withdrawn))
    ]
    if as_json:
        console.write_json(
            [
                {
                    **entry.model_dump(mode="json"),
                    "decision": decided.get(entry.delivery_id),
                    "is_withdrawn": entry.delivery_id in withdrawn,
                }
                for entry in entries
            ]
        )
        return
    _show_deliveries(entries, decided, withdrawn)
    for item in feeds.read_inbox_state(settings).waiting:
        console.output.print(
            f"waiting, a file is still being sent: {item.safe_place}", markup=False
        )


def _has_outcome(
    entry: feeds.Delivery, outcome: str, decided: dict[str, str], withdrawn: frozenset[str]
) -> bool:
    if outcome == WITHDRAWN:
        return entry.delivery_id in withdrawn
    if outcome == HELD:
        return entry.is_held and decided.get(entry.delivery_id) is None
    return entry.outcome == outcome


def _show_deliveries(
    entries: list[feeds.Delivery], decided: dict[str, str], withdrawn: frozenset[str]
) -> None:
    rows = []
    for entry in entries:
        state = decided.get(entry.delivery_id, HELD) if entry.is_held else ""
        aside = WITHDRAWN if entry.delivery_id in withdrawn else ""
        rows.append(
            [
                entry.delivery_id,
                entry.received_at,
                ", ".join(filter(None, (entry.outcome.replace("_", " "), state, aside))),
                entry.reject_rule_code or entry.hold_rule_code or "",
                f"{entry.landed_row_count:,}",
                f"{entry.quarantined_row_count:,}",
                f"{entry.flag_count:,}",
            ]
        )
    headings = ["!delivery", "received", "outcome", "rule", "#rows", "#quarantined", "#flags"]
    console.show_table(console.format_count(len(entries), "delivery"), headings, rows)


@app.command()
def confirm(delivery: DeliveryId, by: By, reason: console.Reason) -> None:
    """Let a held delivery into the register, from the next load on."""
    with _recording(f"confirm {delivery}"):
        feeds.decide_delivery(load_settings(), delivery, "confirm", by, reason)


@app.command()
def refuse(delivery: DeliveryId, by: By, reason: console.Reason) -> None:
    """Keep a held delivery out of the register; the earlier delivery stays current."""
    with _recording(f"refuse {delivery}"):
        feeds.decide_delivery(load_settings(), delivery, "refuse", by, reason)


@app.command()
def withdraw(delivery: DeliveryId, by: By, reason: console.Reason) -> None:
    """Withdraw an accepted delivery, so that the next load publishes the register without it.

    Its rows stay landed and counted; the delivery that it superseded is current again.
    """
    with _recording(f"withdraw {delivery}"):
        feeds.withdraw_delivery(load_settings(), delivery, by, reason)


@app.command()
def reinstate(delivery: DeliveryId, by: By, reason: console.Reason) -> None:
    """Reverse a withdrawal: the delivery counts again as if it had not been withdrawn."""
    with _recording(f"reinstate {delivery}"):
        feeds.reinstate_delivery(load_settings(), delivery, by, reason)


@app.command()
def reread(delivery: DeliveryId) -> None:
    """Read a landed delivery again from its raw copy, after its layout was corrected."""
    settings = load_settings()
    record_access(settings, Entry("decision", "reread_delivery", keys=(delivery,)))
    with (
        console.stop_on(feeds.LedgerError, code=console.NOT_FOUND),
        console.stop_on(feeds.LandingFailedError),
    ):
        entry = feeds.reread_delivery(settings, delivery)
    console.output.print(
        f"Read again: {delivery}, {entry.outcome.replace('_', ' ')};"
        f" {entry.landed_row_count:,} of {entry.received_row_count:,} records land."
        " It takes effect with `register load`."
    )


@contextmanager
def _recording(decision: str) -> Iterator[None]:
    """End the command if the decision made in the block is refused; otherwise confirm it."""
    with console.stop_on(feeds.LedgerError, code=console.NOT_FOUND):
        yield
    console.output.print(f"Recorded: {decision}. It takes effect with `register load`.")
