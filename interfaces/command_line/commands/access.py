"""`register access`: grant access, and verify and read the record of who saw or decided what.

The record itself belongs in `register.access_record`, and grants in `register.access_grants`.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from interfaces.command_line import console
from interfaces.command_line.commands.grant_access import grant, list_grants, revoke
from interfaces.command_line.recorded_output import By
from register.access_record import RecordError, read_record, restart_record, verify_record
from register.outside_record import read_recorded_heads
from register.settings import load_settings

app = typer.Typer(
    help="Grant and revoke access to the data of areas, and read the access record.",
    no_args_is_help=True,
)
app.command("grant")(grant)
app.command("revoke")(revoke)
app.command("list")(list_grants)


@app.command("verify")
def verify(
    head: Annotated[
        str | None,
        typer.Option(
            metavar="NUMBER:HASH",
            help="The last entry that a person noted earlier; the record must still contain it.",
        ),
    ] = None,
    as_json: console.AsJson = False,
) -> None:
    """Verify the access record and the files that its entries are about; exit code 5 for faults.

    Each removed, cut, altered, rewritten or reordered entry is named by its number.
    """
    settings = load_settings()
    heads = read_recorded_heads(settings)
    if head is not None:
        heads.append(_parse_head(head))
    result = verify_record(settings, heads)
    if as_json:
        console.write_json(asdict(result))
    elif not result.faults:
        console.write_line(f"Complete: {result.entry_count:,} entries. Last hash: {result.head}")
    if result.faults:
        faults = "\n".join(f"- {fault}" for fault in result.faults)
        console.stop(f"the access record is not complete:\n{faults}", console.ATTENTION)


@app.command("restart")
def restart(by: By, reason: console.Reason) -> None:
    """Start a new record if the old one is lost and has no backup. The restart is recorded."""
    with console.stop_on(RecordError, code=console.NOT_FOUND):
        count = restart_record(load_settings(), by, reason)
    console.output.print(f"A new record is started. {count:,} entries were in the earlier one.")


@app.command("log")
def show_log(
    key: Annotated[
        str | None,
        typer.Option(
            metavar="KEY",
            help="Show only entries about this child, absence, pair, authority, force or account.",
        ),
    ] = None,
    limit: Annotated[
        int, typer.Option(min=1, help="Show at most this many entries: the latest, in order.")
    ] = 50,
    as_json: console.AsJson = False,
) -> None:
    """Show who saw or did what, when and why."""
    entries = list(read_record(load_settings(), key))
    if as_json:
        console.write_json(entries)
        return
    rows = []
    for entry in entries[-limit:]:
        keys, more = ", ".join(entry["keys"][:3]), len(entry["keys"]) - 3
        rows.append(
            [
                entry["at"],
                entry["who"],
                # Views of an earlier release have neither a kind nor a way of signing in.
                entry.get("how", ""),
                entry.get("kind", "view"),
                entry["what"],
                entry["why"],
                f"{keys} and {more} more" if more > 0 else keys,
            ]
        )
    headings = ["when", "who", "how", "kind", "what", "why", "keys"]
    console.show_table(f"{len(entries):,} entries", headings, rows)


def _parse_head(text: str) -> tuple[int, str]:
    number, _, noted = text.partition(":")
    if not number.isdigit() or not noted:
        raise typer.BadParameter("give the entry's number and hash: NUMBER:HASH")
    return int(number), noted
