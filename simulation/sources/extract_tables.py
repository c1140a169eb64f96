"""SSD extracts: each authority's tables, as they were at the end of a period.

Each row has the day from which it is known. Column names are those of the feed. The case system's
layout defines the format of dates.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from simulation.calendar import DAY
from simulation.draws import OPEN, Integers, Texts, random_stream
from simulation.processes.written_forms import WrittenForm, system_on, written_form
from simulation.sources.authority_records import (
    AuthorityRecords,
    case_system_of,
    make_interviews,
    make_segments,
    nhs_numbers,
    placement_postcodes,
)
from simulation.sources.written_layouts import csv_bytes, read_layout
from simulation.sources.written_mentions import space_postcodes
from simulation.world.nation import Nation

TYPES = {"Liquidlogic": {"M": "M", "A": "A"}, "Mosaic": {"M": "Missing", "A": "Away"},
         "Eclipse": {"M": "Missing", "A": "Absent"}}  # fmt: skip
Keys = Integers | pd.Series
STATUSES = ("Asylum application", "Leave to remain")


class ExtractTables:
    """All extract rows of the nation.

    Each table is a frame of texts with `_place` and `_known`, the day from which the row exists. If
    a text is entered later, its day is in `_until`.
    """

    def __init__(self, nation: Nation, records: AuthorityRecords, reports: pd.DataFrame) -> None:
        self.nation = nation
        self.children = records.children
        self._child = records.children.set_index(["person", "place"])["child"]
        self._system = records.children["case_system"].to_numpy(dtype=object)
        first = nation.periods.groupby(["person", "place"])["start_day"].min()
        keys = pd.MultiIndex.from_frame(self.children[["person", "place"]])
        self._first_day = first.reindex(keys).to_numpy(dtype=np.int64)
        interviews = make_interviews(nation, records.missing)
        tables = {
            "ssd_person": self._persons(),
            "ssd_linked_identifiers": self._identifiers(reports),
            "ssd_address": self._addresses(),
            "ssd_cla_episodes": self._episodes(),
            "ssd_legal_status": self._build_legal_statuses(),
            "ssd_cla_placement": self._placements(),
            "ssd_immigration_status": self._immigration(),
            "ssd_missing": self._missing(records.missing),
            "return_interviews": interviews,
        }
        self._by_place = {
            name: dict(iter(table.groupby("_place", sort=True))) for name, table in tables.items()
        }
        self._columns = {
            name: [column for column in table.columns if not column.startswith("_")]
            for name, table in tables.items()
        }

    def child_of(self, person: Keys, place: Keys) -> Texts:
        """Return the child id of each person at each authority."""
        keys = pd.MultiIndex.from_arrays([person, place])
        return np.asarray(self._child.reindex(keys).to_numpy(dtype=object))

    def build_files(self, place: int, day: int, extracted: str) -> dict[str, bytes]:
        """Return the files of one authority's extract, as at the end of `day`."""
        plan, code = self.nation.plan, self.nation.authority_code(place)
        form = written_form(plan, code, day)
        system = system_on(plan, code, str(case_system_of(self.nation)[place]), day)
        layout = read_layout(system.lower())
        files: dict[str, bytes] = {}
        for name, columns in self._columns.items():
            rows = self._by_place[name].get(place)
            table = pd.DataFrame({column: [] for column in columns}, dtype=object)
            if rows is not None:
                table = _as_of(rows[rows["_known"] <= day], columns, day, layout, form)
            files[f"{name}.csv"] = csv_bytes(form.rearranged(table), layout)
        version = pd.DataFrame(
            [(system, "1.3.1", extracted)],
            columns=["case_system", "extract_version", "extracted_at"],
        )
        files["ssd_version.csv"] = csv_bytes(version, layout)
        return files

    def _persons(self) -> pd.DataFrame:
        rows = self.children
        person = rows["person"].to_numpy()
        long_form = rows["case_system"].to_numpy() == "Mosaic"
        sex = rows["sex"].map({"female": "F", "male": "M", "unknown": "U"}).to_numpy(dtype=object)
        words = rows["sex"].map({"female": "Female", "male": "Male", "unknown": "Unknown"})
        sex = np.where(long_form, words, sex)
        frame = pd.DataFrame({"pers_person_id": rows["child"], "pers_legacy_id": ""})
        frame["pers_forename"], frame["pers_surname"] = rows["forename"], rows["surname"]
        frame["pers_sex"], frame["pers_gender"] = sex, sex
        frame["pers_ethnicity"] = rows["ethnicity"]
        frame["pers_dob:day"] = rows["dob_day"]
        uasc = self.nation.persons["is_uasc"].to_numpy()[person]
        nhs = nhs_numbers(person)
        frame["pers_common_child_id"] = np.where(uasc & (person % 3 > 0), "", nhs)
        frame["pers_upn_unknown"] = np.where(uasc, "UN1", "")
        frame["pers_death_date"], frame["pers_nationality"] = "", np.where(uasc, "", "GBR")
        return frame.assign(_place=rows["place"], _known=self._first_day)

    def _identifiers(self, reports: pd.DataFrame) -> pd.DataFrame:
        """Return other organisations' identifiers that social workers have entered."""
        rows = self.children
        person, place = rows["person"].to_numpy(), rows["place"].to_numpy()
        uasc = self.nation.persons["is_uasc"].to_numpy()[person]
        generator = random_stream(self.nation.plan.seed, "identifiers")
        known = reports.drop_duplicates("person").set_index("person")["person_ref"]
        police = known.reindex(person).fillna("").to_numpy(dtype=object)
        upn = np.array([f"H{801000000000 + int(number) % 10**9}" for number in person.tolist()])
        office = np.array(
            [f"HO{2000000 + int(number)}" for number in person.tolist()], dtype=object
        )
        former = self._former_ids(person, place)
        draw = generator.random(len(rows))
        parts = []
        for kind, values, fits in (
            ("Unique Pupil Number", upn, ~uasc & (draw < 0.6)),
            ("Home Office Registration", office, uasc & (draw < 0.8)),
            ("Police reference", police, (police != "") & (draw < 0.15)),
            ("Former Local Authority Id", former, (former != "") & (draw < 0.5)),
        ):
            part = pd.DataFrame({"link_person_id": rows["child"], "link_identifier_type": kind})
            part["link_identifier_value"] = values
            part["link_valid_from_date:day"] = self._first_day
            part["link_valid_to_date"] = ""
            parts.append(part.assign(_place=place, _known=self._first_day)[fits])
        return _numbered(pd.concat(parts, ignore_index=True), "link_table_id", "L")

    def _former_ids(self, person: Integers, place: Integers) -> Texts:
        order = np.lexsort((self._first_day, person))
        child = self.children["child"].to_numpy(dtype=object)[order]
        same = np.r_[False, person[order][1:] == person[order][:-1]]
        former_ids = np.full(len(person), "", dtype=object)
        former_ids[order] = np.where(same, np.r_[[""], child[:-1]], "")
        del place
        return former_ids

    def _addresses(self) -> pd.DataFrame:
        rows = self.children
        person, place = rows["person"].to_numpy(), rows["place"].to_numpy()
        old = self.nation.persons["previous_postcode"].to_numpy()[person]
        moved = self._first_day - 200 - (person % 900)
        home = pd.DataFrame({"addr_person_id": rows["child"], "addr_address_type": "HOME"})
        home["addr_address_start_date:day"] = np.where(
            person % 4 == 0, moved, self._first_day - 1500
        )
        home["addr_address_end_date:day"] = OPEN
        home["addr_address_postcode"] = rows["home_postcode"]
        earlier = home.assign(
            addr_address_postcode=space_postcodes(self.nation.geography.postcode[old])
        )
        earlier["addr_address_start_date:day"] = moved - 1000
        earlier["addr_address_end_date:day"] = moved
        home = home.assign(_place=place, _known=self._first_day)
        earlier = earlier.assign(_place=place, _known=self._first_day)
        both = pd.concat([home, earlier[person % 4 == 0]], ignore_index=True)
        return _numbered(both, "addr_table_id", "A")

    def _episodes(self) -> pd.DataFrame:
        rows = make_segments(self.nation)
        frame = pd.DataFrame({"clae_person_id": self.child_of(rows["person"], rows["place"])})
        frame["clae_cla_episode_start_date:day"] = rows["start_day"].to_numpy()
        frame["clae_cla_episode_start_reason"] = rows["start_reason"].to_numpy()
        frame["clae_cla_primary_need_code"] = rows["need"].to_numpy()
        frame["clae_cla_episode_ceased_date:day"] = rows["end_day"].to_numpy()
        frame["clae_cla_episode_ceased_reason:until"] = rows["ceased_reason"].to_numpy()
        frame["clae_cla_placement_id"] = [f"P{value}" for value in rows["placement"].tolist()]
        frame["clae_entered_care_date:day"] = rows["entered_day"].to_numpy()
        frame = frame.assign(_place=rows["place"].to_numpy(), _known=rows["start_day"].to_numpy())
        frame["_until"] = rows["end_day"].to_numpy()
        return _numbered(frame, "clae_cla_episode_id", "E")

    def _build_legal_statuses(self) -> pd.DataFrame:
        rows = self.nation.legal_statuses
        place = self.nation.periods["place"].to_numpy()[rows["period"]]
        frame = pd.DataFrame({"lega_person_id": self.child_of(rows["person"], place)})
        frame["lega_legal_status"] = rows["code"].to_numpy()
        frame["lega_legal_status_start_date:day"] = rows["start_day"].to_numpy()
        frame["lega_legal_status_end_date:day"] = rows["end_day"].to_numpy()
        frame = frame.assign(_place=place, _known=rows["start_day"].to_numpy())
        return _numbered(frame, "lega_legal_status_id", "S")

    def _placements(self) -> pd.DataFrame:
        rows = self.nation.placements
        place = rows["place"].to_numpy()
        frame = pd.DataFrame({"clap_cla_placement_id": [f"P{value}" for value in range(len(rows))]})
        frame["clap_person_id"] = self.child_of(rows["person"], rows["place"])
        frame["clap_cla_placement_start_date:day"] = rows["start_day"].to_numpy()
        frame["clap_cla_placement_end_date:day"] = rows["end_day"].to_numpy()
        frame["clap_cla_placement_type"] = rows["type"].to_numpy()
        frame["clap_cla_placement_urn"] = rows["urn"].to_numpy()
        frame["clap_cla_placement_provider"] = rows["provider"].to_numpy()
        frame["clap_cla_placement_postcode"] = placement_postcodes(self.nation)
        frame["clap_cla_placement_distance"] = rows["miles"].astype(str).to_numpy(dtype=object)
        return frame.assign(_place=place, _known=rows["start_day"].to_numpy())

    def _immigration(self) -> pd.DataFrame:
        uasc = self.nation.persons["is_uasc"].to_numpy()[self.children["person"]]
        rows, first = self.children[uasc], self._first_day[uasc]
        frame = pd.DataFrame(
            {"immi_person_id": rows["child"], "immi_immigration_status": STATUSES[0]}
        )
        frame["immi_immigration_status_start_date:day"] = first
        frame["immi_immigration_status_end_date"] = ""
        return _numbered(
            frame.assign(_place=rows["place"], _known=first), "immi_immigration_status_id", "I"
        )

    def _missing(self, rows: pd.DataFrame) -> pd.DataFrame:
        frame = pd.DataFrame({"miss_table_id": rows["miss_id"], "miss_person_id": rows["child"]})
        frame["miss_missing_episode_start_date:minute"] = rows["start_minute"]
        kinds = zip(rows["case_system"].tolist(), rows["type"].tolist(), strict=True)
        frame["miss_missing_episode_type"] = [TYPES[system][kind] for system, kind in kinds]
        frame["miss_missing_episode_end_date:minute"] = rows["end_minute"]
        frame["miss_missing_rhi_offered:until"] = rows["offered"]
        frame["miss_missing_rhi_accepted:until"] = rows["accepted"]
        frame["_until"] = np.where(rows["end_minute"] == OPEN, OPEN, rows["end_minute"] // DAY)
        return frame.assign(_place=rows["place"], _known=rows["known_day"])


def _numbered(frame: pd.DataFrame, column: str, letter: str) -> pd.DataFrame:
    frame.insert(0, column, [f"{letter}{number}" for number in range(1, len(frame) + 1)])
    return frame


def _as_of(
    rows: pd.DataFrame, columns: list[str], day: int, layout: dict[str, Any], form: WrittenForm
) -> pd.DataFrame:
    """Return the rows' texts as at the end of a day; texts entered later are empty."""
    known_columns: dict[str, Texts] = {}
    for column in columns:
        name, _, kind = column.partition(":")
        values = rows[column].to_numpy()
        if kind == "day":
            known_values = np.where(values > day, OPEN, values)
            known_columns[name] = form.write_days(known_values, layout["date_format"])
        elif kind == "minute":
            known_values = np.where(values > (day + 1) * DAY, OPEN, values)
            known_columns[name] = form.write_moments(known_values, layout["datetime_format"])
        elif kind == "until":
            known_columns[name] = np.where(rows["_until"].to_numpy() > day, "", values).astype(
                object
            )
        else:
            known_columns[name] = values
    return pd.DataFrame(known_columns)
