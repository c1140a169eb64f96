"""`register retain`: remove deliveries that are past the retention period of their feed."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Annotated

import typer

from interfaces.command_line import console
from interfaces.command_line.commands.erase import run_erasure
from register.access_record import Entry, RecordError, current_actor, record_access
from register.home import prepare_home
from register.settings import load_settings

DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Show how many deliveries and rows are past their term.")
]


def retain(dry_run: DryRun = False) -> None:
    """Remove deliveries past the retention period of their feed (`ref__retention`).

    The ledger keeps an entry with counts for each. The register is then built again without them.
    """
    from register.erasure import make_retention_plan, read_unfinished_plans
    from register.feeds import find_expired, load_retention_terms

    settings = load_settings()
    prepare_home(settings)
    expired = find_expired(settings, datetime.now(UTC).date())
    deliveries = Counter(entry.feed for entry in expired)
    rows: Counter[str] = Counter()
    for entry in expired:
        rows[entry.feed] += entry.landed_row_count + entry.quarantined_row_count
    terms = load_retention_terms(settings.seeds)
    console.show_table(
        "Past their term",
        ["feed", "#years", "!legal basis", "#deliveries", "#rows"],
        [
            [feed, str(term.years), term.legal_basis, f"{deliveries[feed]:,}", f"{rows[feed]:,}"]
            for feed, term in terms.items()
        ],
    )
    if dry_run:
        return
    for plan in read_unfinished_plans(settings):
        run_erasure(settings, plan)
    if not expired:
        console.write_line("No delivery is past its term.")
        return
    plan = make_retention_plan([entry.delivery_id for entry in expired], current_actor().name)
    with console.stop_on(RecordError):
        record_access(settings, Entry("decision", "retention", keys=(plan.erasure_id,)))
    run_erasure(settings, plan)
