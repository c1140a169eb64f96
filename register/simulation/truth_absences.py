"""The truth of each absence, and of each break of recording. What its columns mean: `truth`."""

from __future__ import annotations

import numpy as np
import pandas as pd

from register.simulation.causes import (
    Holding,
    difference_causes,
    flags_of,
    omission_causes,
    primary_cause,
)
from register.simulation.truth import codes, dates, year_of
from register.simulation.views.authority_records import AuthorityRecords
from register.simulation.views.police_recording import force_breaks
from register.simulation.world.nation import Nation


def absences_table(
    nation: Nation, holdings: tuple[Holding, Holding], records: pd.DataFrame, lumped: pd.DataFrame
) -> pd.DataFrame:
    """One row per true absence: who, when, where, told to whom, delivered by whom, and why not.

    `holdings` are the police's and the authorities'. `truth` says what the columns of causes mean.
    """
    rows = nation.absences
    frame = _true_absences(nation, lumped)
    for source, holding in zip(("police", "authority"), holdings, strict=True):
        told = frame[f"is_told_{source}"].to_numpy(dtype=bool)
        first = flags_of(len(rows), holding.first)
        frame[f"is_delivered_{source}"] = first
        frame[f"is_resubmitted_{source}"] = first | flags_of(len(rows), holding.later)
        untold = rows[f"{source}_cause"].to_numpy(dtype=object)
        frame[f"{source}_cause"] = omission_causes(holding, told, untold)
    omissions = (
        frame["police_cause"].to_numpy(dtype=object),
        frame["authority_cause"].to_numpy(dtype=object),
    )
    is_missing = (frame["category"] == "M").to_numpy(dtype=bool)
    records = _with_lumped(records, lumped)
    first = ~records["is_only_resubmitted"].to_numpy(dtype=bool)
    for version, ending in (("delivered", ""), ("resubmitted", "_resubmitted")):
        police, authority = (
            frame[f"is_{version}_{source}"].to_numpy(dtype=bool)
            for source in ("police", "authority")
        )
        shown = records[first] if version == "delivered" else records
        causes = difference_causes(shown, is_missing)
        causes = np.where(police & authority, causes, "").astype(object)
        frame[f"difference_causes{ending}"] = causes
        frame[f"cause{ending}"] = primary_cause(police, authority, omissions, causes)
    return frame


def _true_absences(nation: Nation, lumped: pd.DataFrame) -> pd.DataFrame:
    rows = nation.absences
    frame = pd.DataFrame(
        {"absence_id": np.arange(len(rows)), "person_id": rows["person"].to_numpy()}
    )
    for column in ("start", "end"):
        minutes = rows[f"{column}_minute"].to_numpy()
        frame[f"{column}_at_local"] = minutes.astype("datetime64[m]").astype("datetime64[s]")
    frame["collection_year"] = year_of(rows["start_minute"].to_numpy())
    frame["authority_code_dfe"] = codes(nation, rows["place"].to_numpy())
    frame["host_authority_code_dfe"] = codes(nation, rows["host_place"].to_numpy())
    forces = nation.geography.places["force_code"].to_numpy(dtype=object)
    frame["police_force_code"] = forces[rows["host_place"].to_numpy()]
    for column in ("category", "is_in_care", "is_short_break", "is_placed_from_outside"):
        frame[column] = rows[column].to_numpy()
    frame["is_told_police"] = rows["is_to_police"].to_numpy(dtype=bool)
    frame["is_told_authority"] = rows["is_to_authority"].to_numpy(dtype=bool)
    into = np.full(len(rows), -1, dtype=np.int64)
    into[lumped["absence"].to_numpy(dtype=np.int64)] = lumped["into"].to_numpy(dtype=np.int64)
    return frame.assign(lumped_into=into)


def _with_lumped(records: pd.DataFrame, lumped: pd.DataFrame) -> pd.DataFrame:
    """Records, and again those that hold a lumped absence too: it differs as they do."""
    authority = records[records["feed"] != "police_reports"]
    more = authority.merge(lumped, left_on="absence_id", right_on="into")
    more = more.assign(absence_id=more["absence"])[list(records.columns)]
    return pd.concat([records, more], ignore_index=True)


def breaks_table(nation: Nation, records: AuthorityRecords) -> pd.DataFrame:
    """One row per break of recording.

    source, supplier_code, first_date (the first day on which recording differs), last_date (none:
    for good), direction (gap; stops or begins, of brief absences), is_announced (every second one
    of each source; `announcements` writes those down).
    """
    forces = force_breaks(nation)
    police = pd.DataFrame({"source": "police", "supplier_code": forces["force"]})
    police["first_date"] = dates(forces["first_day"].to_numpy())
    police["last_date"] = pd.NaT
    police[["direction", "is_announced"]] = forces[["direction", "is_announced"]]
    rows = records.breaks
    authority = pd.DataFrame({"source": "authority"}, index=rows.index)
    authority["supplier_code"] = codes(nation, rows["place"].to_numpy())
    authority["first_date"] = dates(rows["first_day"].to_numpy())
    authority["last_date"] = dates(rows["last_day"].to_numpy() - 1)
    authority["direction"] = "gap"
    authority["is_announced"] = np.arange(len(rows)) % 2 == 0
    return pd.concat([police, authority], ignore_index=True)
