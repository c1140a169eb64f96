"""Announcements by the suppliers of a simulated nation about breaks in their recording.

Half of the breaks are announced, in the form that a data team would write. `sources` makes the
breaks; the warehouse interprets the announcements.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import astuple, replace
from datetime import date
from pathlib import Path

import pandas as pd

from register.data_keys import KeyRing
from register.decision_columns import RECORDING_CHANGE_COLUMNS
from register.private_files import read_private, write_private
from register.recording_changes import ANNOUNCE, CHANGES, EVERY, VOID, RecordedChange
from simulation.sources.police_records import BRIEF

WRITER = "simulation"
SIDE_LEFT_OUT = {"stops": "since", "begins": "before"}


def write_announcements(
    home: Path, breaks: pd.DataFrame, as_of: date, ring: KeyRing | None = None
) -> None:
    """Write the announced breaks in `breaks` (`breaks_table`) that begin or end by `as_of`.

    Announcements of an earlier simulation are withdrawn if this one does not make them.
    Announcements that people entered stay.
    """
    path = home / "decisions" / CHANGES
    path.parent.mkdir(parents=True, exist_ok=True)
    text = ",".join(RECORDING_CHANGE_COLUMNS) + "\n"
    if path.exists():
        text = read_private(ring, path).decode()
    latest = {
        row.replacement_key: row
        for row in (RecordedChange(**row) for row in csv.DictReader(io.StringIO(text, newline="")))
    }
    announced = {
        change.replacement_key: change
        for change in _changes(breaks[breaks["is_announced"].astype(bool)])
        if change.changed_from <= as_of.isoformat()
    }
    withdrawn = [
        replace(row, decision=VOID)
        for about, row in latest.items()
        if row.recorded_by == WRITER and row.decision != VOID and about not in announced
    ]
    new = [change for about, change in announced.items() if latest.get(about) != change]
    added = io.StringIO(newline="")
    csv.writer(added, lineterminator="\n").writerows(map(astuple, [*withdrawn, *new]))
    write_private(ring, path, (text + added.getvalue()).encode())


def _changes(breaks: pd.DataFrame) -> Iterator[RecordedChange]:
    for row in breaks.itertuples():
        supplier, first = str(row.supplier_code), pd.Timestamp(str(row.first_date)).date()
        if row.direction == "gap":
            after = pd.Timestamp(str(row.last_date)).date() + pd.Timedelta(days=1)
            yield _announce_change(supplier, first, "interruption", "since", "")
            yield _announce_change(supplier, after, "resumption", "neither", "")
        else:
            side = SIDE_LEFT_OUT[str(row.direction)]
            yield _announce_change(supplier, first, "threshold", side, f"{BRIEF / 60:g}")


def _announce_change(
    supplier: str, day: date, code: str, left_out: str, hours: str
) -> RecordedChange:
    """Return the row of an announcement, dated on the day of the change."""
    return RecordedChange(
        recorded_at=f"{day.isoformat()}T09:00:00Z",
        recorded_by=WRITER,
        decision=ANNOUNCE,
        supplier_code=supplier,
        changed_from=day.isoformat(),
        category_code=EVERY,
        change_code=code,
        left_out=left_out,
        under_hours=hours,
        announced_by="the supplier, in a simulation",
        reason="announced in advance",
    )
