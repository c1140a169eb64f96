"""The run of a simulation: it draws the nation, and writes its deliveries and its truth."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from register.data_keys import KeyRing
from register.settings import SIMULATION_DECLARATION
from simulation.bad_deliveries import DirtyPost
from simulation.calendar import EPOCH, year_start
from simulation.delivery_files import Inbox, end_of_day
from simulation.draws import Integers
from simulation.plan import SimulationPlan, SimulationSummary
from simulation.sources.authority_records import AuthorityRecords, make_authority_records
from simulation.sources.police_records import make_police_records
from simulation.supplier_notices import write_announcements
from simulation.suppliers import PUBLISHER, AuthorityPost, PolicePost, StatisticsPost
from simulation.truth import (
    DeliveredAbsences,
    absences_table,
    breaks_table,
    counts_table,
    mentions_table,
    nation_table,
    persons_table,
    records_table,
    steps_table,
    write_table,
)
from simulation.world.nation import Nation, make_nation, measure_rates
from simulation.yearly_rates import count_unpublished

Progress = Callable[[str], None]


def simulate(
    home: Path,
    plan: SimulationPlan,
    progress: Progress | None = None,
    ring: KeyRing | None = None,
) -> SimulationSummary:
    """Simulate a nation into a home.

    Writes `inbox/`, `resubmissions/` and `truth/`, replacing the files of an earlier simulation.
    Adds suppliers' announcements to `decisions/`, encrypted if there is a key ring. Writes
    `simulation.json` last: this file declares the home a simulation, and without it no program
    reads the truth. `progress` is called with each step. Raises `PlanError` for a plan that cannot
    be simulated.
    """
    started = time.monotonic()
    say = progress or (lambda _: None)
    declaration = home / SIMULATION_DECLARATION
    declaration.unlink(missing_ok=True)
    for name in ("inbox", "resubmissions", "truth"):
        shutil.rmtree(home / name, ignore_errors=True)
        (home / name).mkdir(parents=True)
    inbox = Inbox(home, end_of_day(datetime(*plan.as_of.timetuple()[:3], tzinfo=UTC)))
    nation = make_nation(plan, say)
    say("Writing each source's records")
    police = PolicePost(nation, inbox, *make_police_records(nation))
    records = make_authority_records(nation)
    say("Writing police deliveries")
    reports = police.deliver()
    say("Writing authorities' extracts and returns")
    authorities = AuthorityPost(nation, inbox, records, police.all_reports)
    returned = authorities.deliver()
    say("Writing published statistics")
    StatisticsPost(nation, inbox, authorities.returns).deliver()
    dirty = pd.DataFrame({"case": pd.Series([], dtype=object)})
    if plan.has_dirty_deliveries:
        dirty = DirtyPost(nation, inbox, reports).deliver(authorities)
    authorities.returns.clear()
    say("Writing the truth")
    breaks = breaks_table(nation, records)
    delivered = _police_delivered(police, reports), _authority_delivered(records, returned)
    table = records_table(nation, reports, records, returned)
    del reports, returned
    # Each table of a decade takes gigabytes, so the tables are made and written one by one.
    write_table(home, "records", table.drop(columns="category"))
    write_table(home, "mentions", mentions_table(nation, police.nominals, records))
    write_table(home, "planted", authorities.planted)
    write_table(home, "deliveries", _deliveries_table(inbox, police, authorities))
    lumped = records.lumped
    del police, records, authorities
    absences = absences_table(nation, delivered, table, lumped)
    write_table(home, "absences", absences)
    write_table(home, "counts", counts_table(absences))
    del absences
    write_table(home, "persons", persons_table(nation))
    for name, frame in (
        ("breaks", breaks),
        ("dirty", dirty),
        ("steps", steps_table(nation)),
        ("nation", nation_table(nation)),
    ):
        write_table(home, name, frame)
    rates = measure_rates(nation)
    if (rates["rate_source"] != "constant").all():
        write_table(home, "rates", rates)
    write_announcements(home, breaks, plan.as_of, ring)
    declaration.write_text(json.dumps(_declared(nation)) + "\n", encoding="utf-8")
    return _summary(nation, inbox, (table, dirty), time.monotonic() - started)


def _declared(nation: Nation) -> dict[str, object]:
    """Return the declaration of a simulated home.

    The declaration has the seed, the suppliers that should deliver, and the last simulated day.
    """
    geography = nation.geography
    authorities = geography.places["authority_code"].iloc[geography.simulated]
    last = EPOCH + timedelta(days=year_start(nation.plan.years[-1] + 1) - 1)
    return {
        "seed": nation.plan.seed,
        "suppliers": [*geography.forces, *authorities.tolist(), PUBLISHER],
        "last_day": last.isoformat(),
    }


def _summary(
    nation: Nation, inbox: Inbox, tables: tuple[pd.DataFrame, pd.DataFrame], seconds: float
) -> SimulationSummary:
    records, dirty = tables
    police = records[records["feed"] == "police_reports"]
    return SimulationSummary(
        profile=nation.plan.processes.name,
        seed=nation.plan.seed,
        authority_count=len(nation.geography.simulated),
        force_count=police["supplier_code"].nunique(),
        person_count=len(nation.persons),
        absence_count=len(nation.absences),
        police_report_count=len(police),
        authority_absence_count=int((records["feed"] == "authority_extract").sum()),
        looked_after_count=nation.periods["person"].nunique(),
        delivery_count=len(inbox.written),
        dirty_delivery_count=len(dirty),
        file_count=inbox.file_count,
        seconds=round(seconds, 1),
        unpublished_rate_count=count_unpublished(nation.yearly_targets),
    )


def _police_delivered(police: PolicePost, reports: pd.DataFrame) -> DeliveredAbsences:
    """Return which absences the police delivered, and why they did not deliver the others.

    Some records were left out, and some months were never delivered.
    """
    again = reports["is_only_resubmitted"].to_numpy(dtype=bool)
    absence = reports["absence"].to_numpy(dtype=np.int64)
    left_out = police.left_out[["absence", "lost_cause"]].set_axis(["absence", "cause"], axis=1)
    waiting = police.all_reports[["absence"]].assign(cause="D18")
    return DeliveredAbsences(absence[~again], absence[again], pd.concat([left_out, waiting]))


def _authority_delivered(records: AuthorityRecords, returned: pd.DataFrame) -> DeliveredAbsences:
    """Return which absences the authorities delivered, and why they did not deliver the others.

    Some absences were lost in a break of recording or omitted; others were never sent.
    """
    missing = records.missing
    again = returned["is_only_resubmitted"].to_numpy(dtype=bool)
    in_return = returned["absence_id"].to_numpy(dtype=np.int64)
    in_extract = missing.loc[missing["is_delivered"], "absence"].to_numpy(dtype=np.int64)
    broken = pd.DataFrame({"absence": records.lost_in_break, "cause": "D17"})
    waiting = missing[["absence", "lost_cause"]].set_axis(["absence", "cause"], axis=1)
    # If an authority writes an absence as one with an earlier absence, both are delivered or
    # neither.
    into = records.lumped.set_index("into")["absence"]
    lost = waiting.join(into.rename("lumped"), on="absence", how="inner")
    lost = lost[["lumped", "cause"]].set_axis(["absence", "cause"], axis=1)

    def with_lumped(members: Integers) -> Integers:
        return np.concatenate([members, into[into.index.isin(members)].to_numpy(dtype=np.int64)])

    first = with_lumped(np.concatenate([in_extract, in_return[~again]]))
    causes = pd.concat([broken, records.unrecorded, waiting, lost])
    return DeliveredAbsences(first, with_lumped(in_return[again]), causes)


def _deliveries_table(inbox: Inbox, police: PolicePost, authorities: AuthorityPost) -> pd.DataFrame:
    """Return every delivery, with a status: delivered, resubmitted, or missing (never made)."""
    rows = [
        (item.feed, item.supplier, item.period, status, item.received_at.isoformat())
        for status, items in (("delivered", inbox.written), ("resubmitted", inbox.resubmitted))
        for item in items
    ]
    rows += [(*key, "missing", "") for key in [*police.missing, *authorities.missing]]
    columns = ["feed", "supplier_code", "period", "status", "received_at"]
    return pd.DataFrame(rows, columns=columns)


def deliver_resubmissions(home: Path) -> int:
    """Copy the resubmissions into the inbox, and return how many there are.

    Each replaces the earlier delivery of its period, since an inbox has one delivery per supplier
    and period. Call this after a first load.
    """
    count = 0
    root = home / "resubmissions"
    for folder in sorted(root.glob("*/*/*")):
        target = home / "inbox" / folder.relative_to(root)
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(folder, target, copy_function=shutil.copy2)
        count += 1
    return count
