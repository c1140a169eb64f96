"""`register key`: the history of a child's key."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import publishing
from interfaces.command_line.recorded_output import Purpose, record_output, require_level
from register.access_record import Entry
from register.settings import load_settings

SENTENCES = {
    "created": "{child} was created",
    "merged": "{child} was merged into {other}",
    "split": "{child} was split off {other}",
    "moved": "records moved from {other} to {child}",
    "vanished": "{child} was retired: none of their records is delivered any more",
}
DECISIONS = {
    "link": "one child",
    "never_link": "two children",
    "split": "two children",
    "void": "an earlier decision was undone",
}


app = typer.Typer(help="Show the history of a child's key.", no_args_is_help=True)


@app.callback()
def key() -> None:
    """Show the history of a child's key."""


@app.command()
def show(
    child_id: Annotated[str, typer.Argument(metavar="CHILD", help="A child's key (C…).")],
    purpose: Purpose = "",
    as_json: console.AsJson = False,
) -> None:
    """Show the status of a child's key, current or retired, and its events."""
    settings = load_settings()
    require_level(settings, "exact", "key_history")
    generation = console.require_generation(settings)
    history = publishing.read_key_history(generation, child_id, settings.seeds)
    if history is None:
        console.stop(f"no generation has a child with the key {child_id}", console.NOT_FOUND)
    entry = Entry("view", "key_history", purpose, generation.generation_id, (child_id,))
    record_output(settings, entry, "exact")
    if as_json:
        console.write_json(asdict(history))
    else:
        _show_history(history)


def _show_history(history: publishing.KeyHistory) -> None:
    console.output.print(
        f"child {history.child_id_register} in generation {history.generation_id}", style="bold"
    )
    console.write_line(f"  first published  {history.first_generation_id}")
    if history.retired_generation_id is not None:
        console.write_line(f"  retired          {history.retired_generation_id}")
        now = history.successor_child_id_register
        console.write_line(
            f"  now              {now or 'no child: none of their records is delivered any more'}"
        )
    else:
        console.write_line(
            f"  episodes         {history.episode_count:,}, from {history.report_count:,} reports"
        )
        for item in history.mentions:
            decided = f", {item.decided_count:,} by decision" if item.decided_count else ""
            console.write_line(
                f"  {item.source:<16} {item.mention_count:,} of {item.issuer_name}{decided}"
            )
    console.show_table(
        console.format_count(len(history.events), "event"),
        ["!when (UTC)", "!generation", "what", "why"],
        (
            [
                event.occurred_at[:19],
                event.generation_id,
                _describe_event(event),
                (event.reason_code or "").replace("_", " "),
            ]
            for event in history.events
        ),
        title_justify="left",
    )


def _describe_event(event: publishing.KeyEvent) -> str:
    names = {"child": event.child_id_register, "other": event.other_child_id_register}
    if event.event_code != "decided":
        return f"{SENTENCES[event.event_code].format(**names)} ({event.mention_count:,} records)"
    meaning = DECISIONS[event.decision or ""]
    state = "" if event.is_in_force or event.decision == "void" else "; no longer in force"
    pair = f"{event.child_id_register} and {event.other_child_id_register}"
    return f"a person decided on records of {pair}: {meaning}{state}"
