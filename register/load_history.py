"""The history of a home's loads, and the mark of a load that failed.

The runs themselves are in the Dagster instance, which only `orchestration` reads. So each load adds
a line to `dagster/loads.jsonl`, with times, counts and advice, and without a value of a record.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from register.feeds import (
    ENTRY_NAME,
    Delivery,
    LedgerError,
    format_instant,
    list_landed_folders,
    read_entry,
    read_ledger,
)
from register.publishing import ManifestError, current_generation
from register.settings import Settings

# Jobs that publish a generation or complete what follows publication.
LOAD_JOBS = ("load_register", "rebuild", "complete_load")


@dataclass(frozen=True)
class Load:
    """A load that ended: its times (UTC), what it brought, and how it ended.

    `delivery_counts` has the number of deliveries that the generation before did not have, by
    outcome (`held` is an outcome too). For a failed load, `step` is the step that failed (empty if
    none did), `advice` says what to do, and `faults` are the broken rules with their deliveries.
    A load that published ends with its publication, before it is measured.
    """

    run_id: str
    job_name: str
    started_at: str
    ended_at: str = ""
    outcome: Literal["published", "failed"] = "published"
    delivery_counts: dict[str, int] = field(default_factory=dict)
    step: str = ""
    advice: str = ""
    faults: tuple[str, ...] = ()

    @property
    def minutes(self) -> float:
        """How long the load took, in minutes."""
        start, end = (datetime.fromisoformat(text) for text in (self.started_at, self.ended_at))
        return (end - start).total_seconds() / 60


def list_unpublished(settings: Settings, entries: Iterable[Delivery]) -> dict[str, str]:
    """Return the outcome of each of these deliveries that the current generation does not have.

    The outcome of an accepted delivery that is held is `held`.
    """
    published = _list_published(settings)
    return {
        entry.delivery_id: "held" if entry.is_held and entry.is_accepted else entry.outcome
        for entry in entries
        if entry.delivery_id not in published
    }


def read_unpublished(settings: Settings) -> list[Delivery]:
    """Read the landed deliveries that the current generation does not have, and no others.

    Raises `LedgerError` if the entry of one of them is missing or damaged.
    """
    published = _list_published(settings)
    folders = list_landed_folders(settings.landing)
    return [read_entry(each / ENTRY_NAME) for each in folders if each.name not in published]


def _list_published(settings: Settings) -> set[str]:
    """Return the ids of the current generation's deliveries; none if its manifest is damaged."""
    generation = current_generation(settings)
    try:
        known = generation.manifest()["deliveries"] if generation else []
    except ManifestError:
        known = []
    return {row["delivery_id"] for row in known}


def start_record(settings: Settings, job_name: str, run_id: str, started: float | None) -> Load:
    """Return the record of a load, with the deliveries that are landed and not published.

    `started` is in seconds since 1970, as Dagster records it; None means now.
    """
    began = datetime.fromtimestamp(started, UTC) if started is not None else datetime.now(UTC)
    try:
        counts = Counter(list_unpublished(settings, read_ledger(settings)).values())
    except LedgerError:
        # The load that is recorded found this itself.
        counts = Counter()
    return Load(
        run_id, job_name, format_instant(began), delivery_counts=dict(sorted(counts.items()))
    )


def record_load(settings: Settings, load: Load) -> None:
    """Add a load that ends now to the history. A later line about the same run replaces it."""
    load = replace(load, ended_at=format_instant(datetime.now(UTC)))
    path = _history_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(asdict(load), ensure_ascii=False) + "\n")


def read_loads(settings: Settings) -> list[Load]:
    """Return the loads of the history, the latest first. Lines that cannot be read are left out.

    If a run published and failed later, it failed, and brought what it published.
    """
    loads: dict[str, Load] = {}
    try:
        lines = _history_file(settings).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    for line in lines:
        try:
            load = Load(**json.loads(line))
        except (ValueError, TypeError):
            continue
        before = loads.pop(load.run_id, None)
        counts = load.delivery_counts or (before.delivery_counts if before else {})
        loads[load.run_id] = replace(load, delivery_counts=counts, faults=tuple(load.faults))
    return list(loads.values())[::-1]


def mark_failure(settings: Settings, job_name: str, run_id: str) -> None:
    """Mark that a load has failed, until a later load publishes or completes.

    A failed run of any other job leaves no mark.
    """
    if job_name in LOAD_JOBS:
        path = _failure_file(settings)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(run_id, encoding="utf-8")


def clear_failure(settings: Settings) -> None:
    """Remove the mark of a failed load, if there is one."""
    _failure_file(settings).unlink(missing_ok=True)


def find_failed_run(settings: Settings) -> str | None:
    """Return the id of the run of the last load if it failed, and otherwise None."""
    try:
        return _failure_file(settings).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def _failure_file(settings: Settings) -> Path:
    return settings.warehouse / "failed_load"


def _history_file(settings: Settings) -> Path:
    return settings.dagster / "loads.jsonl"
