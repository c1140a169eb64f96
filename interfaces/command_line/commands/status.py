"""`register status`: what needs somebody: late, held, rejected, damaged or failed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from interfaces.command_line.console import ATTENTION, output, write_json
from interfaces.command_line.lazy import lazy_module
from register.settings import Settings, load_settings

if TYPE_CHECKING:
    from orchestration import dagster_home
    from register import feeds, publishing
else:
    dagster_home = lazy_module("orchestration.dagster_home")
    feeds = lazy_module("register.feeds")
    publishing = lazy_module("register.publishing")

SHOWN = 20
FAILURE = "FAILURE"


@dataclass(frozen=True)
class Status:
    """What of a home needs somebody: ids of deliveries, suppliers by feed, and the last load.

    `never_delivered` are suppliers that owe a feed and have not begun, `waiting` are places in the
    inbox where a file is still being sent; they alarm nobody.
    """

    generation: str | None
    last_load: str | None
    late: list[str]
    held: list[str]
    rejected: list[str]
    damaged: list[str]
    never_delivered_count: int
    waiting: list[str]

    @property
    def needs_somebody(self) -> bool:
        """Whether there is anything that a person should look at."""
        return self.last_load == FAILURE or any((self.late, self.held, self.rejected, self.damaged))


def status(
    as_json: Annotated[bool, typer.Option("--json", help="Write the status as JSON.")] = False,
) -> None:
    """Show what is late, held, rejected, damaged or failed; exit code 5 where anything is."""
    found = read_status(load_settings())
    if as_json:
        write_json({**asdict(found), "needs_somebody": found.needs_somebody})
    else:
        _show(found)
    if found.needs_somebody:
        raise typer.Exit(ATTENTION)


def read_status(settings: Settings, now: datetime | None = None) -> Status:
    """Look at a home: its ledger, its generations and its runs. Nothing is changed."""
    landed = feeds.examine_landing(settings.landing)
    decided = feeds.read_hold_decisions(settings.decisions)
    withdrawn = feeds.read_withdrawals(settings.decisions)
    accepted = [
        entry
        for entry in landed.entries
        if entry.is_accepted
        and entry.delivery_id not in withdrawn
        and (not entry.is_held or decided.get(entry.delivery_id) == "confirm")
    ]
    today = (now or datetime.now(UTC)).date()
    late = feeds.find_late_deliveries(settings.seeds, accepted, today)
    generation = publishing.current_generation(settings)
    return Status(
        generation=generation.generation_id if generation else None,
        last_load=dagster_home.read_last_load_status(settings),
        late=[
            f"{item.feed} {item.supplier_code}: due {item.due_on}, last was {item.last_period}"
            for item in late
            if item.last_period
        ],
        held=[
            entry.delivery_id
            for entry in landed.entries
            if entry.is_held and entry.is_accepted and entry.delivery_id not in decided
        ],
        rejected=_unanswered(landed.entries),
        damaged=[f"{damage.folder}: {damage.reason}" for damage in landed.damaged],
        never_delivered_count=sum(item.last_period is None for item in late),
        waiting=[item.safe_place for item in feeds.read_inbox_state(settings, now).waiting],
    )


def _unanswered(entries: list[feeds.Delivery]) -> list[str]:
    """Rejected deliveries after which their supplier sent nothing better for the period."""
    last = {
        (entry.feed, entry.supplier_code, entry.period): entry
        for entry in sorted(entries, key=lambda entry: entry.received_at)
    }
    return sorted(entry.delivery_id for entry in last.values() if not entry.is_accepted)


def _show(found: Status) -> None:
    output.print(f"generation  {found.generation or 'none yet'}")
    output.print(f"last load   {(found.last_load or 'none yet').lower()}")
    for title, items in (
        ("late", found.late),
        ("held", found.held),
        ("rejected", found.rejected),
        ("damaged", found.damaged),
        ("waiting for a file", found.waiting),
    ):
        table = Table(title=f"{len(items):,} {title}", title_justify="left", show_header=False)
        for item in items[:SHOWN]:
            table.add_row(item)
        if len(items) > SHOWN:
            table.add_row(f"and {len(items) - SHOWN:,} more: --json lists all")
        output.print(table if items else f"0 {title}")
    output.print(f"{found.never_delivered_count:,} suppliers of a feed have never delivered")
