"""What each police force holds: nominals and missing-person reports, with their errors.

Conformed values, one row per report; how a force writes them is `police_files`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from register.simulation.calendar import DAY
from register.simulation.draws import OPEN, hits, rank_within, stream
from register.simulation.geography import TRANSPORT_POLICE
from register.simulation.views.person_errors import write_mentions
from register.simulation.views.police_judgements import judge
from register.simulation.views.police_places import describe_places
from register.simulation.views.police_recording import leave_out
from register.simulation.world.nation import Nation

SPLIT_OVER = 72 * 60


def make_police_records(nation: Nation) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Nominals and reports of all forces.

    Nominals: force, person, person_ref, the written person record. Reports: absence, person,
    force, nominal, report_ref, conformed values, times in minutes, errors, cause, causes, and
    lost_cause of what the force leaves out of its file.
    """
    generator = stream(nation.plan.seed, "police")
    reports = _reports(generator, nation)
    nominals = _nominals(generator, nation, reports)
    _times(generator, nation, reports)
    judge(generator, nation, reports, nominals)
    describe_places(generator, nation, reports)
    leave_out(nation, reports, nominals)
    reports = reports.sort_values(
        ["force", "reported", "absence"], kind="stable", ignore_index=True
    )
    number = rank_within(pd.factorize(reports["force"])[0])
    reports["report_ref"] = [
        f"{force[-2:]}/{index * 3 + 1001:07d}"
        for force, index in zip(reports["force"], number.tolist(), strict=True)
    ]
    return nominals, reports


def _reports(generator: np.random.Generator, nation: Nation) -> pd.DataFrame:
    """Which force holds a report of which part of an absence."""
    rates = nation.plan.reporting_rates
    told = nation.absences[nation.absences["is_to_police"]]
    force_of = nation.geography.places["force_code"].to_numpy(dtype=object)
    frame = told[["person", "start_minute", "end_minute", "place", "host_place"]].copy()
    frame.insert(0, "absence", told.index)
    frame["force"] = force_of[frame["host_place"]]
    own = force_of[frame["place"]]
    crossing = (frame["force"].to_numpy() != own) & hits(
        generator, rates.two_forces * 8, len(frame)
    )
    second = frame[crossing].assign(force=own[crossing], unit_cause="D6")
    railway = frame[hits(generator, rates.transport_police, len(frame))]
    railway = railway.assign(force=TRANSPORT_POLICE, unit_cause="D6")
    length = (frame["end_minute"] - frame["start_minute"]).to_numpy()
    pieces = np.where(
        (length > SPLIT_OVER) & hits(generator, rates.split_reports, len(frame)), 2, 1
    )
    pieces += (pieces == 2) & hits(generator, 0.3, len(frame))
    owner = np.repeat(np.arange(len(frame)), pieces)
    split = frame.iloc[owner].reset_index(drop=True)
    part, parts = rank_within(owner), pieces[owner]
    start, whole = split["start_minute"].to_numpy().copy(), length[owner]
    split["start_minute"] = start + whole * part // parts + np.where(part > 0, 90, 0)
    split["end_minute"] = start + whole * (part + 1) // parts
    split["unit_cause"] = np.where(parts > 1, "D9", "")
    return pd.concat([split, second, railway], ignore_index=True)


def _nominals(
    generator: np.random.Generator, nation: Nation, reports: pd.DataFrame
) -> pd.DataFrame:
    """One nominal per force and person, now and then two; sets `nominal` in reports."""
    rates = nation.plan.rates
    keys, position = np.unique(
        pd.factorize(reports["force"], sort=True)[0] * 10_000_000 + reports["person"].to_numpy(),
        return_inverse=True,
    )
    codes = np.array(sorted(reports["force"].unique()), dtype=object)
    doubled = hits(generator, rates.duplicate_nominal, len(keys))
    count = np.bincount(position, minlength=len(keys))
    doubled &= count > 1
    first = np.cumsum(1 + doubled) - 1 - doubled
    uses_second = doubled[position] & hits(generator, 0.4, len(reports))
    reports["nominal"] = first[position] + uses_second
    owner = np.repeat(np.arange(len(keys)), 1 + doubled)
    nominals = pd.DataFrame({"force": codes[keys[owner] // 10_000_000]})
    nominals["person"] = keys[owner] % 10_000_000
    nominals["is_duplicate"] = rank_within(owner) > 0
    written = write_mentions(generator, nation, nominals["person"].to_numpy(dtype=np.int64), 1.0)
    number = generator.permutation(len(nominals)) * 3 + 500_001
    nominals["person_ref"] = [f"N{value}" for value in number.tolist()]
    rows = nominals["is_duplicate"].to_numpy()
    errors = written["errors"].to_numpy(dtype=object).copy()
    errors[rows] = [f"{text}|duplicate_nominal".lstrip("|") for text in errors[rows].tolist()]
    written["errors"] = errors
    return pd.concat([nominals, written], axis=1)


def _times(generator: np.random.Generator, nation: Nation, reports: pd.DataFrame) -> None:
    count = len(reports)
    start, end = reports["start_minute"].to_numpy(), reports["end_minute"].to_numpy()
    length = np.maximum(end - start, 5)
    reports["last_seen"] = start - generator.integers(0, 20, count)
    lag = np.minimum(generator.gamma(1.4, 90, count), length * generator.uniform(0.3, 0.95, count))
    reports["reported"] = start + lag.astype(np.int64)
    open_record = hits(generator, nation.plan.rates.open_record, count)
    found = end - generator.integers(0, 15, count) * (length > 60)
    found = np.maximum(found, reports["reported"].to_numpy() + 1)
    reports["found"] = np.where(open_record, OPEN, found)
    returned = found + generator.integers(10, 150, count)
    blank = open_record | hits(generator, 0.25, count)
    reports["returned"] = np.where(blank, OPEN, returned)
    closed = found + generator.integers(120, 5 * DAY, count)
    reports["closed"] = np.where(open_record, OPEN, closed)
    interview = found + generator.integers(60, 3 * DAY, count)
    held = hits(generator, 0.6, count) & ~open_record
    reports["prevention_interview"] = np.where(held, interview, OPEN)
    reports["errors"] = np.where(open_record, "open_record", "")
