"""`register key`: the history of a child's key."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from interfaces.command_line.console import NOT_FOUND, output, stop, write_json
from interfaces.command_line.lazy import lazy_module
from register.settings import load_settings

if TYPE_CHECKING:
    from register import publishing
else:
    publishing = lazy_module("register.publishing")

SENTENCES = {
    "created": "{child} was created",
    "merged": "{child} was merged into {other}",
    "split": "{child} was split off {other}",
    "moved": "persons moved from {other} to {child}",
    "vanished": "{child} vanished: none of its persons is delivered any more",
}
DECISIONS = {
    "link": "one child",
    "never_link": "two children",
    "split": "two children",
    "void": "an earlier decision taken back",
}


app = typer.Typer(help="Show the history of a child's key.", no_args_is_help=True)


@app.callback()
def key() -> None:
    """Show the history of a child's key."""


@app.command()
def show(
    child_id: Annotated[str, typer.Argument(metavar="CHILD", help="A child's key (C…).")],
    as_json: Annotated[bool, typer.Option("--json", help="Write it as JSON.")] = False,
) -> None:
    """Show the status of a child's key today, also of a retired one, and its events."""
    generation = publishing.current_generation(load_settings())
    if generation is None:
        stop("nothing is published yet: run `register load`", NOT_FOUND)
    found = publishing.read_key_history(generation, child_id)
    if found is None:
        stop(f"{child_id} is no child's key of any generation", NOT_FOUND)
    if as_json:
        write_json(asdict(found))
    else:
        _show(found)


def _show(found: publishing.KeyHistory) -> None:
    output.print(
        f"child {found.child_id_register} in generation {found.generation_id}", style="bold"
    )
    _say(f"  first published  {found.first_generation_id}")
    if found.retired_generation_id is not None:
        _say(f"  retired          {found.retired_generation_id}")
        now = found.successor_child_id_register
        _say(f"  now              {now or 'no child: none of its persons is delivered any more'}")
    else:
        _say(f"  episodes         {found.episode_count:,}, from {found.report_count:,} reports")
        for item in found.mentions:
            decided = f", {item.decided_count:,} by decision" if item.decided_count else ""
            _say(f"  {item.source:<16} {item.mention_count:,} of {item.issuer_code}{decided}")
    table = Table(title=f"{len(found.events):,} events", title_justify="left")
    for column in ("when (UTC)", "generation"):
        table.add_column(column, no_wrap=True)
    for column in ("what", "why"):
        table.add_column(column, overflow="fold")
    for event in found.events:
        table.add_row(event.occurred_at[:19], event.generation_id, _what(event), _why(event))
    output.print(table)


def _what(event: publishing.KeyEvent) -> str:
    names = {"child": event.child_id_register, "other": event.other_child_id_register}
    if event.event_code != "decided":
        return f"{SENTENCES[event.event_code].format(**names)} ({event.mention_count:,} persons)"
    meaning = DECISIONS[event.decision or ""]
    state = "" if event.is_in_force or event.decision == "void" else "; no longer in force"
    pair = f"{event.child_id_register} and {event.other_child_id_register}"
    return f"a person decided on persons of {pair}: {meaning}{state}"


def _why(event: publishing.KeyEvent) -> str:
    return (event.reason_code or "").replace("_", " ")


def _say(text: str) -> None:
    output.print(text, markup=False, highlight=False, soft_wrap=True)
