"""`register status`: loads, late suppliers, faulty deliveries, disk, schedule and alerts."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import home_status
from register.settings import Settings, load_settings

if TYPE_CHECKING:
    from register.feeds import Delivery
    from register.home_status import HomeStatus

MAX_LISTED = 20
HINTS = {"held": ": `register deliveries --outcome held` has the ids"}
# The outcome of the last load as JSON has it.
CODES = {"none yet": None, "success": "SUCCESS", "failure": "FAILURE"}


def status(
    as_json: console.AsJson = False,
) -> None:
    """Show late suppliers, faulty or held deliveries and a failed load; exit code 5 if any."""
    settings = load_settings()
    home = home_status.read_home_status(settings)
    if as_json:
        console.write_json(_convert_to_json(home))
    else:
        _show_status(settings, home)
    if home.needs_somebody:
        raise typer.Exit(console.ATTENTION)


def _convert_to_json(home: HomeStatus) -> dict[str, Any]:
    return {
        "generation": home.generation_id,
        "last_load": CODES[home.last_outcome],
        "loads": [asdict(load) for load in home.loads],
        "late": [f"{item.subject}: {item.says}" for item in home.late],
        "held": [entry.delivery_id for entry in home.held_deliveries],
        "rejected": [entry.delivery_id for entry in home.rejected],
        "damaged": home.damaged,
        "never_delivered_count": home.never_delivered_count,
        "waiting": home.waiting,
        "new_count": home.new_count,
        "inbox_fault": home.inbox_fault,
        "disk": asdict(home.disk),
        "next_load": home.next_load.isoformat() if home.next_load else None,
        "alert_receivers": home.alerts.receivers,
        "alerts_sent": home.alerts.keys,
        "needs_somebody": home.needs_somebody,
    }


def _describe(settings: Settings, entries: list[Delivery]) -> list[str]:
    return [home_status.describe_delivery(settings, entry) for entry in entries]


def _show_status(settings: Settings, home: HomeStatus) -> None:
    free, needed = (size / home_status.GIGABYTE for size in (home.disk.free, home.disk.needed))
    moment = f"{home.next_load:%-d %B %Y, %H:%M}" if home.next_load else ""
    facts = [
        ("generation", home.generation_id or "none yet"),
        ("last load", home.last_outcome),
        ("next load", moment or "none: schedules are on in production only"),
        ("new in the inbox", home.inbox_fault or f"{home.new_count:,}"),
        ("disk", f"{free:.0f} GB free, a load needs {needed:.0f} GB"),
        ("alerts go to", " and ".join(home.alerts.receivers) or "nobody"),
    ]
    for name, value in facts:
        console.output.print(f"{name:<18}{value}", markup=False, highlight=False)
    if home.failure:
        for text in (*home.failure.faults, home.failure.advice):
            console.output.print(text, markup=False, highlight=False)
    for title, items in (
        ("late", [f"{item.subject}: {item.says}" for item in home.late]),
        ("held", _describe(settings, home.held_deliveries)),
        ("rejected", _describe(settings, home.rejected)),
        ("damaged", home.damaged),
        ("waiting for a file", home.waiting),
    ):
        if not items:
            console.output.print(f"0 {title}")
            continue
        rows = [[item] for item in items[:MAX_LISTED]]
        if len(items) > MAX_LISTED:
            rows.append([f"and {len(items) - MAX_LISTED:,} more: --json lists all"])
        heading = f"{len(items):,} {title}{HINTS.get(title, '')}"
        console.show_table(heading, [""], rows, title_justify="left", show_header=False)
    console.output.print(
        f"{home.never_delivered_count:,} suppliers of a feed have no delivery in use"
    )
