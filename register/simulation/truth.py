"""The truth, written beside the inbox where the pipeline never reads it.

persons, absences, records (which person and absence is behind each delivered record), mentions
(which person is behind each person record), counts (by authority and year), breaks, dirty,
deliveries. Columns are described by the functions that write them.

Causes are reason codes (D1-D18). In `absences`, of the inbox as first filled (and, with the ending
`_resubmitted`, of the resubmissions too):

- `police_cause`, `authority_cause`: why the source lacks it; empty where it delivered it.
- `difference_causes`: all reasons why the two delivered versions differ; empty unless both did.
- `cause`: the one true reason: of the other source's omission where one alone delivered it, else
  the first of the differences. Empty: neither delivered it, or both tell it alike.

`lumped_into` is the absence whose authority record holds this one too (-1: none); such an absence
counts as delivered where that record was. In `records`, `cause` is the first and `causes` are all
reasons why the record itself is not as things were (D9: it holds part of an absence, or several;
D6: a second force's; D7, D8: its date or its time, by more than six hours, is another; D11: open,
or entered late; D12: amended after the year's end; D2, D14: category or flag; D13, D15: its person
record has a fault of identity, or a disputed age).

The true reason of an episode of the register: take the absence of its records (of the first of
them, where it holds several). Where truth and register agree on who delivered it, that is `cause`.
Where both delivered it and the register shows one alone, the two were not joined: D13 if it took
their persons for two children, else `cause`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from register.simulation.calendar import DAY, collection_year
from register.simulation.draws import Integers, Texts
from register.simulation.views.authority_records import AuthorityRecords
from register.simulation.views.person_errors import spaced
from register.simulation.world.nation import Nation


def write_table(home: Path, name: str, frame: pd.DataFrame) -> None:
    """Write one table of the truth."""
    folder = home / "truth"
    folder.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(table, folder / f"{name}.parquet", compression="zstd")


def dates(days: Integers) -> pd.Series:
    """Day numbers as dates; a negative one is none."""
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
    frame["authority_code_dfe"] = codes(nation, rows["place"].to_numpy())
    for column in ("kind", "forename", "surname", "changed_surname", "ethnicity", "is_uasc",
                   "is_twin", "has_default_birthday"):  # fmt: skip
        frame[column] = rows[column].to_numpy()
    frame["sex"] = np.where(rows["is_female"], "female", "male")
    frame["dob"] = dates(rows["dob_day"].to_numpy())
    frame["paper_dob"] = dates(rows["paper_dob_day"].to_numpy())
    frame["disputed_dob"] = dates(rows["disputed_dob_day"].to_numpy())
    frame["household_id"] = rows["household"].to_numpy()
    frame["twin_group"] = np.where(rows["is_twin"], rows["household"], -1)
    frame["adoption_pair"] = rows["adoption_pair"].to_numpy()
    frame["home_postcode"] = spaced(nation.geography.postcode[rows["home_postcode"].to_numpy()])
    return frame


def codes(nation: Nation, place: Integers) -> Texts:
    """The DfE code of each place."""
    return np.asarray(nation.geography.places["authority_code"].to_numpy(dtype=object)[place])


def counts_table(absences: pd.DataFrame) -> pd.DataFrame:
    """True counts by authority, year and care status.

    Absences delivered by both sources, by the police only, by the authority only, and by neither;
    `version` is `delivered` (the inbox as first filled) or `resubmitted` (with the resubmissions).
    """
    status = np.where(absences["is_short_break"], "short_break",
                      np.where(absences["is_in_care"], "looked_after", "home"))  # fmt: skip
    status = np.where(absences["is_placed_from_outside"], "outside_england", status)
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
    person_source_id, person_id, absence_id, category (of police reports), cause and causes (what
    is wrong in the record itself), errors (modes, |-joined), is_only_resubmitted.
    """
    police = pd.DataFrame({"feed": "police_reports", "supplier_code": reports["force"]})
    police["source_id"] = reports["report_ref"]
    police["person_source_id"] = reports["person_source_id"]
    police["category"] = reports["category"]
    missing = records.missing
    extract = pd.DataFrame({"feed": "authority_extract"}, index=missing.index)
    extract["supplier_code"] = codes(nation, missing["place"].to_numpy())
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
    for column in ("cause", "causes", "errors"):
        frame[column] = rows[column].to_numpy(dtype=object)
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
    children["supplier_code"] = codes(nation, children["place"].to_numpy())
    children = children.rename(columns={"child": "person_source_id"})
    both = [frame.rename(columns={"person": "person_id"})[columns] for frame in (police, children)]
    return pd.concat(both, ignore_index=True)
