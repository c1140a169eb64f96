"""The truth, written beside the inbox where the pipeline never reads it.

persons, absences, records (which person and absence is behind each delivered record), mentions
(which person is behind each person record), counts (by authority and year), dirty, missing
deliveries. Columns are described by the functions that write them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from register.simulation.calendar import DAY, collection_year
from register.simulation.draws import Flags, Integers, Texts
from register.simulation.views.authority_records import AuthorityRecords
from register.simulation.views.person_errors import spaced
from register.simulation.world.nation import Nation


def write_table(home: Path, name: str, frame: pd.DataFrame) -> None:
    """Write one table of the truth."""
    folder = home / "truth"
    folder.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(table, folder / f"{name}.parquet", compression="zstd")


def _dates(days: Integers) -> pd.Series:
    return pd.Series(np.where(days < 0, 0, days).astype("datetime64[D]")).where(
        pd.Series(days) >= 0
    )


def year_of(minutes: Integers) -> Texts:
    """The collection year of each moment."""
    months = (minutes // DAY).astype("datetime64[D]").astype("datetime64[M]").astype(int)
    years = (months - 3) // 12 + 1970
    names = {int(year): collection_year(int(year)) for year in np.unique(years)}
    return np.array([names[year] for year in years.tolist()], dtype=object)


def persons_table(nation: Nation) -> pd.DataFrame:
    """One row per person: true name, dates of birth, groups; -1 as a group means none."""
    rows = nation.persons
    frame = pd.DataFrame({"person_id": np.arange(len(rows))})
    frame["authority_code_dfe"] = _codes(nation, rows["place"].to_numpy())
    for column in ("kind", "forename", "surname", "changed_surname", "ethnicity", "is_uasc",
                   "is_twin", "has_default_birthday"):  # fmt: skip
        frame[column] = rows[column].to_numpy()
    frame["sex"] = np.where(rows["is_female"], "female", "male")
    frame["dob"] = _dates(rows["dob_day"].to_numpy())
    frame["paper_dob"] = _dates(rows["paper_dob_day"].to_numpy())
    frame["disputed_dob"] = _dates(rows["disputed_dob_day"].to_numpy())
    frame["household_id"] = rows["household"].to_numpy()
    frame["twin_group"] = np.where(rows["is_twin"], rows["household"], -1)
    frame["adoption_pair"] = rows["adoption_pair"].to_numpy()
    frame["home_postcode"] = spaced(nation.geography.postcode[rows["home_postcode"].to_numpy()])
    return frame


def _codes(nation: Nation, place: Integers) -> Texts:
    return np.asarray(nation.geography.places["authority_code"].to_numpy(dtype=object)[place])


def absences_table(nation: Nation, delivered: dict[str, Integers]) -> pd.DataFrame:
    """One row per true absence: who, when, where, told to whom, delivered by whom.

    `police_cause` and `authority_cause` are the reason codes where a source lacks it (D12: only a
    resubmission holds it; D18: its period was never delivered). `is_resubmitted_*` counts
    resubmissions too.
    """
    rows = nation.absences
    frame = pd.DataFrame(
        {"absence_id": np.arange(len(rows)), "person_id": rows["person"].to_numpy()}
    )
    for column in ("start", "end"):
        minutes = rows[f"{column}_minute"].to_numpy()
        frame[f"{column}_at_local"] = minutes.astype("datetime64[m]").astype("datetime64[s]")
    frame["collection_year"] = year_of(rows["start_minute"].to_numpy())
    frame["authority_code_dfe"] = _codes(nation, rows["place"].to_numpy())
    frame["host_authority_code_dfe"] = _codes(nation, rows["host_place"].to_numpy())
    forces = nation.geography.places["force_code"].to_numpy(dtype=object)
    frame["police_force_code"] = forces[rows["host_place"].to_numpy()]
    for column in ("category", "is_in_care", "is_short_break"):
        frame[column] = rows[column].to_numpy()
    frame["is_told_police"] = rows["is_to_police"].to_numpy(dtype=bool)
    frame["is_told_authority"] = rows["is_to_authority"].to_numpy(dtype=bool)
    nobody = np.zeros(0, dtype=np.int64)
    for source in ("police", "authority"):
        first, later, held, broken = (
            _flags(len(rows), delivered.get(f"{source}{part}", nobody))
            for part in ("", "_later", "_held", "_broken")
        )
        told = frame[f"is_told_{source}"].to_numpy(dtype=bool)
        frame[f"is_delivered_{source}"] = first
        frame[f"is_resubmitted_{source}"] = first | later
        frame[f"{source}_cause"] = np.select(
            [first, later, broken, held, told],
            ["", "D12", "D17", "D18", "D11"],
            rows[f"{source}_cause"].to_numpy(dtype=object),
        )
    return frame


def _flags(count: int, members: Integers) -> Flags:
    found = np.zeros(count, dtype=bool)
    found[members] = True
    return found


def counts_table(absences: pd.DataFrame) -> pd.DataFrame:
    """True counts by authority, year and care status.

    Absences delivered by both sources, by the police only, by the authority only, and by neither;
    `version` is `delivered` (the inbox as first filled) or `resubmitted` (with the resubmissions).
    """
    status = np.where(absences["is_short_break"], "short_break",
                      np.where(absences["is_in_care"], "looked_after", "home"))  # fmt: skip
    parts = []
    for version in ("delivered", "resubmitted"):
        police, authority = absences[f"is_{version}_police"], absences[f"is_{version}_authority"]
        frame = absences[["authority_code_dfe", "collection_year"]].assign(care_status=status)
        frame["version"] = version
        frame["both"] = (police & authority).astype(int)
        frame["police_only"] = (police & ~authority).astype(int)
        frame["authority_only"] = (~police & authority).astype(int)
        frame["neither"] = (~police & ~authority).astype(int)
        parts.append(frame)
    keys = ["version", "authority_code_dfe", "collection_year", "care_status"]
    return pd.concat(parts).groupby(keys, as_index=False, sort=True).sum()


def records_table(
    nation: Nation, reports: pd.DataFrame, records: AuthorityRecords, returned: pd.DataFrame
) -> pd.DataFrame:
    """One row per delivered record, whichever delivery it came in.

    feed, supplier_code, source_id (report_ref, miss_table_id or child|start|type),
    person_source_id, person_id, absence_id, cause (reason code of a disagreement in the record
    itself), errors (modes, |-joined), is_only_resubmitted.
    """
    police = pd.DataFrame({"feed": "police_reports", "supplier_code": reports["force"]})
    police["source_id"] = reports["report_ref"]
    police["person_source_id"] = reports["person_source_id"]
    missing = records.missing
    extract = pd.DataFrame({"feed": "authority_extract"}, index=missing.index)
    extract["supplier_code"] = _codes(nation, missing["place"].to_numpy())
    extract["source_id"], extract["person_source_id"] = missing["miss_id"], missing["child"]
    parts = [
        _with_truth(police, reports),
        _with_truth(extract, missing)[missing["is_delivered"].to_numpy(dtype=bool)],
        returned,
    ]
    parts[0]["is_only_resubmitted"] = reports["is_only_resubmitted"].to_numpy(dtype=bool)
    parts[1]["is_only_resubmitted"] = False
    return pd.concat(parts, ignore_index=True)


def _with_truth(frame: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    frame["person_id"], frame["absence_id"] = rows["person"].to_numpy(), rows["absence"].to_numpy()
    frame["cause"], frame["errors"] = rows["cause"].to_numpy(), rows["errors"].to_numpy()
    return frame


def mentions_table(
    nation: Nation, nominals: pd.DataFrame, records: AuthorityRecords
) -> pd.DataFrame:
    """One row per person record of a source.

    source (police, authority), supplier_code, person_source_id, person_id, errors.
    """
    columns = ["source", "supplier_code", "person_source_id", "person_id", "errors"]
    police = nominals.assign(source="police").set_axis(nominals.index)
    police = police.rename(columns={"force": "supplier_code", "person_ref": "person_source_id"})
    children = records.children.assign(source="authority")
    children["supplier_code"] = _codes(nation, children["place"].to_numpy())
    children = children.rename(columns={"child": "person_source_id"})
    both = [frame.rename(columns={"person": "person_id"})[columns] for frame in (police, children)]
    return pd.concat(both, ignore_index=True)
