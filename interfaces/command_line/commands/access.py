"""`register access`: grant access, and verify and read the record of who saw or decided what.

The record itself belongs in `register.access_record`, and grants in `register.access_grants`.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal, cast

import typer

from interfaces.command_line import console
from interfaces.command_line.commands.grant_access import grant, list_grants, revoke
from interfaces.command_line.recorded_output import By
from register.access_record import RecordError, read_record, restart_record, verify_record
from register.approvals import (
    APPROVAL_KINDS,
    ApprovalError,
    ApprovalKind,
    decide_request,
    read_approvals,
    request_approval,
    sign_request,
)
from register.outside_record import OutsideRecordError, deliver_record, read_recorded_heads
from register.settings import load_settings

app = typer.Typer(
    help="Grant and revoke access to areas, read the access record, and approve acts of others.",
    no_args_is_help=True,
)
app.command("grant")(grant)
app.command("revoke")(revoke)
app.command("list")(list_grants)
Reason = Annotated[str, typer.Option("--reason", metavar="REASON", help="The reason, in words.")]
RequestId = Annotated[str, typer.Argument(metavar="REQUEST", help="The request's id (A…).")]


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
        entries = console.format_count(result.entry_count, "entry")
        console.write_line(f"Complete: {entries}. Last hash: {result.head}")
    if result.faults:
        faults = "\n".join(f"- {fault}" for fault in result.faults)
        console.stop(f"the access record is not complete:\n{faults}", console.ATTENTION)


@app.command("restart")
def restart(by: By, reason: console.Reason) -> None:
    """Start a new record if the old one is lost and has no backup. The restart is recorded."""
    with console.stop_on(RecordError, code=console.NOT_FOUND):
        count = restart_record(load_settings(), by, reason)
    console.output.print(f"A new record is started. {count:,} entries were in the earlier one.")


@app.command("deliver")
def deliver() -> None:
    """Deliver the hashes of the home to the record outside it again, if a load could not do so."""
    settings = load_settings()
    if not settings.watch.has_outside_record:
        console.stop("no receiver: set REGISTER_OUTSIDE_RECORD, or its command or web hook")
    with console.stop_on(OutsideRecordError):
        deliver_record(settings, console.require_generation(settings).folder)
    console.output.print("Delivered.")


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
    console.show_table(console.format_count(len(entries), "entry"), headings, rows)


@app.command("request")
def request(
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help=f"The act: {', '.join(APPROVAL_KINDS)}.")
    ],
    subject: Annotated[
        list[str], typer.Argument(metavar="KEY…", help="The keys that the act is about.")
    ],
    reason: Reason,
) -> None:
    """Ask for another person's approval of an act that needs two people."""
    if kind not in APPROVAL_KINDS:
        raise typer.BadParameter(f"one of {', '.join(APPROVAL_KINDS)}", param_hint="KIND")
    settings = load_settings()
    with console.stop_on(ApprovalError, RecordError):
        request_id = request_approval(settings, cast(ApprovalKind, kind), subject, reason)
    console.write_line(f"Request {request_id} waits for another person.")


@app.command("approvals")
def list_approvals(as_json: console.AsJson = False) -> None:
    """List requests for acts that need two people, and who decided them."""
    requests = read_approvals(load_settings())
    if as_json:
        console.write_json([asdict(item) for item in requests])
        return
    rows = [
        [
            item.request_id,
            item.kind.replace("_", " "),
            " ".join(item.subject),
            item.requested_by.name,
            item.reason,
            item.state if item.is_valid else f"{item.state}, expired",
            item.decided_by.name if item.decided_by else "",
        ]
        for item in requests
    ]
    headings = ["!request", "act", "keys", "asked by", "reason", "state", "decided by"]
    console.show_table(console.format_count(len(requests), "request"), headings, rows)


@app.command("approve")
def approve(
    request_id: RequestId,
    key: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Sign as the signatory whose private Ed25519 key this file has."
        ),
    ] = None,
) -> None:
    """Approve another person's request. Nobody can approve their own."""
    if key is None:
        _decide(request_id, "approved", "")
        return
    from register.signatory_keys import SignatoryKeyError, load_private_key

    password = str(typer.prompt("Password of the key", default="", hide_input=True))
    with console.stop_on(SignatoryKeyError, ApprovalError, RecordError, code=console.NOT_FOUND):
        request_now = sign_request(load_settings(), request_id, load_private_key(key, password))
    console.write_line(f"Request {request_now.request_id} is {request_now.state}.")


@app.command("refuse")
def refuse(request_id: RequestId, reason: Reason) -> None:
    """Refuse a request."""
    _decide(request_id, "refused", reason)


def _decide(request_id: str, decision: Literal["approved", "refused"], reason: str) -> None:
    with console.stop_on(ApprovalError, RecordError, code=console.NOT_FOUND):
        request_now = decide_request(load_settings(), request_id, decision, reason)
    console.write_line(f"Request {request_now.request_id} is {request_now.state}.")


def _parse_head(text: str) -> tuple[int, str]:
    number, _, noted = text.partition(":")
    if not number.isdigit() or not noted:
        raise typer.BadParameter("give the entry's number and hash: NUMBER:HASH")
    return int(number), noted
