"""The truth of a simulated nation, written separately from the inbox.

The tables are:

- `persons`, `absences`
- `records`: the person and absence of each delivered record
- `mentions`: the person of each person record
- `counts`: by authority and year
- `breaks`: breaks in recording
- `dirty`: bad deliveries
- `deliveries`
- `steps`: changes of recording by the profile
- `nation`: a description of the nation
- `rates`: the share of children missing by authority and year, if rates differ by year
  (`world.nation.measure_rates`)

The functions that write the tables describe their columns.

Causes are reason codes (D1-D18; D0: an omission without any cause). In `absences`, they describe
the inbox as first filled. Columns that end in `_resubmitted` include the resubmissions.

- `police_cause`, `authority_cause`: why the source lacks the absence; empty if it delivered it.
- `difference_causes`: all reasons why the two delivered versions differ; empty unless both sources
  delivered the absence.
- `cause`: the one true reason. If one source delivered the absence, this is the cause of the
  other's omission. If both did, it is the first of the differences. It is empty if neither did, or
  if the two versions are the same.

`lumped_into` is the absence whose authority record includes this one too (-1: none). This absence
counts as delivered if that record was. In `records`, `causes` are all reasons why the record itself
differs from the truth, and `cause` is the first of them:

- D9: the record covers a part of an absence, or several absences.
- D6: it is a second force's record.
- D7, D8: its date differs, or its time differs by more than six hours.
- D11: it is open or was entered late.
- D12: it was amended after the year's end.
- D2, D14: its category or flag differs.
- D13, D15: its person record has an error of identity, or a disputed age.

To find the true reason of an episode of the register, take the absence of its first record. If
truth and register agree on which sources delivered it, the reason is `cause`. If both delivered it
but the register's episode has only one source, the two records were not linked. The reason is then
D13 if their persons are two children in the register, and otherwise `cause`.

A reason says where something went wrong in the simulation, not what can be observed. The register's
own reasons are compared with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from simulation.calendar import DAY, collection_year
from simulation.draws import Flags, Integers, Texts, find_first_code, join_codes
from simulation.processes.recording_steps import recording_steps
from simulation.sources.authority_records import AuthorityRecords
from simulation.sources.police_records import force_breaks
from simulation.sources.written_mentions import space_postcodes
from simulation.world.nation import Nation

# Reasons why the two sources' versions of an absence may truly differ. If several apply, the first
# in this order is the main one.
DIFFERENCE_ORDER = ("D9", "D2", "D8", "D7", "D11", "D6", "D15", "D14", "D13")
LOST_ORDER = ("D17", "D10", "D15", "D12", "D11", "D18", "D0")


@dataclass(frozen=True)
class DeliveredAbsences:
    """The absences that one source delivered, or was told of and did not deliver.

    - `first`: absences in a delivery as first sent
    - `later`: absences that only a resubmission contains
    - `lost`: absence and cause of absences that the source was told of and did not deliver
    """

    first: Integers
    later: Integers
    lost: pd.DataFrame


def flags_of(count: int, members: Integers) -> Flags:
    """Return a flag for each of `count` absences, set for the members."""
    flags = np.zeros(count, dtype=bool)
    flags[members] = True
    return flags


def omission_causes(delivered: DeliveredAbsences, is_told: Flags, untold_cause: Texts) -> Texts:
    """Return why a source lacks each absence at first; empty if its first deliveries contain it."""
    count = len(is_told)
    first, later = flags_of(count, delivered.first), flags_of(count, delivered.later)
    lost = np.full(count, "", dtype=object)
    for cause in reversed(LOST_ORDER):
        rows = delivered.lost.loc[delivered.lost["cause"] == cause, "absence"]
        lost[rows.to_numpy(dtype=np.int64)] = cause
    conditions = [first, later, lost != "", is_told]
    return np.select(conditions, ["", "D12", lost, "D11"], untold_cause).astype(object)


def difference_causes(records: pd.DataFrame, is_missing: Flags) -> Texts:
    """Return why the versions of the two sources differ, joined with `|` in `DIFFERENCE_ORDER`.

    `records` has absence_id, causes, errors and, for police reports only, category. `is_missing`
    says for each absence whether the authority's category is missing. The category differs if the
    most serious police report has another one. If both sources deliver the absence, late entry and
    amendment do not count as differences.
    """
    count = len(is_missing)
    absence = records["absence_id"].to_numpy(dtype=np.int64)
    causes = {
        code: flags_of(count, absence[_has_word(records["causes"], code)])
        for code in DIFFERENCE_ORDER
        if code not in ("D2", "D11")
    }
    called = flags_of(count, absence[(records["category"] == "missing").to_numpy(dtype=bool)])
    causes["D2"] = called != is_missing
    causes["D11"] = flags_of(count, absence[_has_word(records["errors"], "open_record")])
    return join_codes({code: causes[code] for code in DIFFERENCE_ORDER}, count)


def _has_word(texts: pd.Series, word: str) -> Flags:
    positions, values = pd.factorize(texts)
    has = np.array([word in str(value).split("|") for value in values], dtype=bool)
    return np.asarray(has[positions], dtype=bool) if len(has) else np.zeros(len(texts), dtype=bool)


def primary_cause(
    police: Flags, authority: Flags, omissions: tuple[Texts, Texts], differences: Texts
) -> Texts:
    """Return the primary cause: of the omission if one source lacks it, else of the difference.

    `omissions` are the police's and the authorities' causes. The result is empty if neither source
    has the absence, or if the two versions are the same.
    """
    police_cause, authority_cause = omissions
    causes = np.select(
        [police & authority, police, authority],
        [find_first_code(differences, DIFFERENCE_ORDER), authority_cause, police_cause],
        "",
    )
    return causes.astype(object)


def truth_file(home: Path, name: str) -> Path:
    """Return the path of one table of the truth in a home."""
    return home / "truth" / f"{name}.parquet"


def write_table(home: Path, name: str, frame: pd.DataFrame) -> None:
    """Write one table of the truth."""
    path = truth_file(home, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(table, path, compression="zstd")


def to_dates(days: Integers) -> pd.Series:
    """Return day numbers as dates; a negative number gives no date."""
    return pd.Series(np.where(days < 0, 0, days).astype("datetime64[D]")).where(
        pd.Series(days) >= 0
    )


def collection_year_of(minutes: Integers) -> Texts:
    """Return the collection year of each moment."""
    months = (minutes // DAY).astype("datetime64[D]").astype("datetime64[M]").astype(int)
    years = (months - 3) // 12 + 1970
    names = {int(year): collection_year(int(year)) for year in np.unique(years)}
    return np.array([names[year] for year in years.tolist()], dtype=object)


def persons_table(nation: Nation) -> pd.DataFrame:
    """Return one row for each person: true name, dates of birth, and groups (-1: none)."""
    rows = nation.persons
    frame = pd.DataFrame({"person_id": np.arange(len(rows))})
    frame["authority_code_dfe"] = place_codes(nation, rows["place"].to_numpy())
    for column in ("kind", "forename", "surname", "changed_surname", "ethnicity", "is_uasc",
                   "is_twin", "has_default_birthday"):  # fmt: skip
        frame[column] = rows[column].to_numpy()
    frame["sex"] = np.where(rows["is_female"], "female", "male")
    frame["dob"] = to_dates(rows["dob_day"].to_numpy())
    frame["paper_dob"] = to_dates(rows["paper_dob_day"].to_numpy())
    frame["disputed_dob"] = to_dates(rows["disputed_dob_day"].to_numpy())
    frame["household_id"] = rows["household"].to_numpy()
    frame["twin_group"] = np.where(rows["is_twin"], rows["household"], -1)
    frame["adoption_pair"] = rows["adoption_pair"].to_numpy()
    frame["home_postcode"] = space_postcodes(
        nation.geography.postcode[rows["home_postcode"].to_numpy()]
    )
    return frame


def place_codes(nation: Nation, place: Integers) -> Texts:
    """Return the DfE code of each place."""
    return np.asarray(nation.geography.places["authority_code"].to_numpy(dtype=object)[place])


def counts_table(absences: pd.DataFrame) -> pd.DataFrame:
    """Return true counts by authority, year and care status.

    Absences are counted by source: both, police only, authority only, and neither. `version` is
    `delivered` (the inbox as first filled) or `resubmitted` (with the resubmissions).
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
    """Return one row for each delivered record, even if several deliveries contain it.

    Columns: feed, supplier_code, source_id (report_ref, miss_table_id or child|start|type),
    person_source_id, person_id, absence_id, category (police reports only) and is_only_resubmitted.
    `cause` and `causes` describe errors in the record itself; `errors` has its error modes, joined
    with `|`.
    """
    police = pd.DataFrame({"feed": "police_reports", "supplier_code": reports["force"]})
    police["source_id"] = reports["report_ref"]
    police["person_source_id"] = reports["person_source_id"]
    police["category"] = reports["category"]
    missing = records.missing
    extract = pd.DataFrame({"feed": "authority_extract"}, index=missing.index)
    extract["supplier_code"] = place_codes(nation, missing["place"].to_numpy())
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
    """Return one row for each person record of a source.

    Columns: source (police, authority), supplier_code, person_source_id, person_id, errors.
    """
    columns = ["source", "supplier_code", "person_source_id", "person_id", "errors"]
    police = nominals.assign(source="police").set_axis(nominals.index)
    police = police.rename(columns={"force": "supplier_code", "person_ref": "person_source_id"})
    children = records.children.assign(source="authority")
    children["supplier_code"] = place_codes(nation, children["place"].to_numpy())
    children = children.rename(columns={"child": "person_source_id"})
    both = [frame.rename(columns={"person": "person_id"})[columns] for frame in (police, children)]
    return pd.concat(both, ignore_index=True)


def absences_table(
    nation: Nation,
    delivered: tuple[DeliveredAbsences, DeliveredAbsences],
    records: pd.DataFrame,
    lumped: pd.DataFrame,
) -> pd.DataFrame:
    """Return one row for each true absence: child, times, place, who was told, who delivered.

    `delivered` are the police's and the authorities' absences. The columns of causes say why a
    source did not deliver; this module's docstring describes them.
    """
    rows = nation.absences
    frame = _true_absences(nation, lumped)
    for source, delivered_absences in zip(("police", "authority"), delivered, strict=True):
        is_told = frame[f"is_told_{source}"].to_numpy(dtype=bool)
        first = flags_of(len(rows), delivered_absences.first)
        frame[f"is_delivered_{source}"] = first
        frame[f"is_resubmitted_{source}"] = first | flags_of(len(rows), delivered_absences.later)
        untold = rows[f"{source}_cause"].to_numpy(dtype=object)
        frame[f"{source}_cause"] = omission_causes(delivered_absences, is_told, untold)
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
        visible = records[first] if version == "delivered" else records
        causes = difference_causes(visible, is_missing)
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
    frame["collection_year"] = collection_year_of(rows["start_minute"].to_numpy())
    frame["authority_code_dfe"] = place_codes(nation, rows["place"].to_numpy())
    frame["host_authority_code_dfe"] = place_codes(nation, rows["host_place"].to_numpy())
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
    """Return the records, each repeated for every further absence that it includes."""
    authority = records[records["feed"] != "police_reports"]
    more = authority.merge(lumped, left_on="absence_id", right_on="into")
    more = more.assign(absence_id=more["absence"])[list(records.columns)]
    return pd.concat([records, more], ignore_index=True)


def steps_table(nation: Nation) -> pd.DataFrame:
    """Return one row for each change in recording that the profile makes.

    Columns: source, supplier_code, first_date, ramp_days (0: a sudden change), level_before,
    level_after (shares of brief absences that are left out).
    """
    rows = pd.concat([recording_steps(nation, source) for source in ("police", "authority")])
    rows = rows.reset_index(drop=True)
    rows.insert(2, "first_date", to_dates(rows.pop("first_day").to_numpy(dtype=np.int64)))
    return rows


def nation_table(nation: Nation) -> pd.DataFrame:
    """Return one row that describes the nation.

    The row has the profile, error_rates (their name, or `custom`), the seed and the size.
    """
    plan = nation.plan
    rates = plan.error_rates if isinstance(plan.error_rates, str) else "custom"
    row = {
        "profile": plan.processes.name,
        "error_rates": rates,
        "seed": plan.seed,
        "authority_count": len(nation.geography.simulated),
        "first_year": collection_year(plan.first_year),
        "last_year": collection_year(plan.years[-1]),
        "as_of_date": plan.as_of,
    }
    return pd.DataFrame([row])


def breaks_table(nation: Nation, records: AuthorityRecords) -> pd.DataFrame:
    """Return one row for each break of recording.

    Columns: source, supplier_code, first_date, last_date, direction and is_announced. `first_date`
    is the first day on which recording differs; `last_date` is null if the break lasts. `direction`
    is gap, or stops or begins (recording of brief absences). Every second break of each source is
    announced (`supplier_notices`).
    """
    forces = force_breaks(nation)
    police = pd.DataFrame({"source": "police", "supplier_code": forces["force"]})
    police["first_date"] = to_dates(forces["first_day"].to_numpy())
    police["last_date"] = pd.NaT
    police[["direction", "is_announced"]] = forces[["direction", "is_announced"]]
    rows = records.breaks
    authority = pd.DataFrame({"source": "authority"}, index=rows.index)
    authority["supplier_code"] = place_codes(nation, rows["place"].to_numpy())
    authority["first_date"] = to_dates(rows["first_day"].to_numpy())
    authority["last_date"] = to_dates(rows["last_day"].to_numpy() - 1)
    authority["direction"] = "gap"
    authority["is_announced"] = np.arange(len(rows)) % 2 == 0
    return pd.concat([police, authority], ignore_index=True)
