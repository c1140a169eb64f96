"""`register status`: late suppliers, a failed load, and held, rejected or damaged deliveries."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import typer

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import feeds, publishing
from orchestration.locks import has_failed
from register.settings import Settings, load_settings

MAX_LISTED = 20
SUCCESS, FAILURE = "SUCCESS", "FAILURE"


@dataclass(frozen=True)
class Status:
    """The deliveries, late suppliers and last load of a home that need attention.

    `never_delivered_count` counts suppliers that have not sent a feed yet. `waiting` lists inbox
    folders into which a file is still being uploaded. Neither of these two needs attention.
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
        """Whether a person has to act on anything."""
        return self.last_load == FAILURE or any((self.late, self.held, self.rejected, self.damaged))


def status(
    as_json: console.AsJson = False,
) -> None:
    """Show late suppliers, faulty or held deliveries and a failed load; exit code 5 if any."""
    home = read_status(load_settings())
    if as_json:
        console.write_json({**asdict(home), "needs_somebody": home.needs_somebody})
    else:
        _show_status(home)
    if home.needs_somebody:
        raise typer.Exit(console.ATTENTION)


def read_status(settings: Settings, now: datetime | None = None) -> Status:
    """Read the status of a home from its ledger, generations and runs. Nothing is changed."""
    landed = feeds.examine_landing(settings.landing, ring=settings.data_keys)
    decided = feeds.read_hold_decisions(settings)
    used = feeds.select_used_deliveries(settings, landed.entries)
    today = (now or datetime.now(UTC)).date()
    late = feeds.find_late_deliveries(settings.seeds, used, today)
    generation = publishing.current_generation(settings)
    return Status(
        generation=generation.generation_id if generation else None,
        last_load=_read_last_load(settings, generation),
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
        rejected=_list_rejected(landed.entries),
        damaged=[f"{damage.folder}: {damage.reason}" for damage in landed.damaged],
        never_delivered_count=sum(item.last_period is None for item in late),
        waiting=[item.safe_place for item in feeds.read_inbox_state(settings, now).waiting],
    )


def _read_last_load(settings: Settings, generation: publishing.Generation | None) -> str | None:
    if has_failed(settings):
        return FAILURE
    return SUCCESS if generation else None


def _list_rejected(entries: list[feeds.Delivery]) -> list[str]:
    """List rejected deliveries that their supplier has not replaced."""
    last = {
        (entry.feed, entry.supplier_code, entry.period): entry
        for entry in sorted(entries, key=lambda entry: entry.received_at)
    }
    return sorted(entry.delivery_id for entry in last.values() if not entry.is_accepted)


def _show_status(home: Status) -> None:
    console.output.print(f"generation  {home.generation or 'none yet'}")
    console.output.print(f"last load   {(home.last_load or 'none yet').lower()}")
    for title, items in (
        ("late", home.late),
        ("held", home.held),
        ("rejected", home.rejected),
        ("damaged", home.damaged),
        ("waiting for a file", home.waiting),
    ):
        if not items:
            console.output.print(f"0 {title}")
            continue
        rows = [[item] for item in items[:MAX_LISTED]]
        if len(items) > MAX_LISTED:
            rows.append([f"and {len(items) - MAX_LISTED:,} more: --json lists all"])
        heading = f"{len(items):,} {title}"
        console.show_table(heading, [""], rows, title_justify="left", show_header=False)
    console.output.print(f"{home.never_delivered_count:,} suppliers of a feed have never delivered")
