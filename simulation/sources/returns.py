"""The statutory return of each authority and year, and its files.

A return has the modules header, episodes, missing and uasc. Its children and records are those of
the authority's extract. It is written as CSV modules or as one XML file, with the same rows in the
same order. Rows that fail its rules are in `return_failures`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd

from simulation.calendar import DAY, eighteenth_birthday, format_days, year_start
from simulation.draws import OPEN, Integers, Texts
from simulation.processes.faulty_postcodes import spoil_postcodes
from simulation.sources.authority_records import (
    RETURN_CUT_OFF,
    AuthorityRecords,
    make_segments,
    placement_postcodes,
)
from simulation.sources.written_layouts import csv_bytes, read_layout
from simulation.sources.written_mentions import space_postcodes
from simulation.world.nation import Nation

DATES = "%d/%m/%Y"
CHANGE_REASONS = np.array(["LAREQ", "CHILD", "CREQB", "PLACE", "OTHER", "CARPL"], dtype=object)
LETTERS_FROM = 2024  # from 2024-25 on, SEX is a letter; in earlier years it is 1 or 2
UPN_FROM, URN_FROM = 2016, 2018


@dataclass
class Return:
    """One authority's return of one year: tables of texts, by module."""

    place: int
    year: int
    header: pd.DataFrame
    episodes: pd.DataFrame
    missing: pd.DataFrame
    uasc: pd.DataFrame
    left_open: list[dict[str, str]] = field(default_factory=list)

    def build_tables(self) -> dict[str, pd.DataFrame]:
        """Return the modules by name; `missing` has only the columns that are delivered."""
        missing = self.missing[["CHILD", "DOB", "MISSING", "MIS_START", "MIS_END"]]
        return {
            "header": self.header,
            "episodes": self.episodes,
            "missing": missing,
            "uasc": self.uasc,
        }

    def counted(self) -> Return:
        """Return the return with only the columns that published statistics are counted from."""
        header = self.header[["CHILD", "SEX", "ETHNIC"]]
        return replace(
            self, header=header, episodes=self.episodes[["CHILD", "LS"]], uasc=self.uasc[:0]
        )


class ReturnTables:
    """The returns, made from the nation's episodes of care and authorities' records of absences."""

    def __init__(self, nation: Nation, records: AuthorityRecords) -> None:
        self.nation = nation
        segments = make_segments(nation)
        child = records.children.set_index(["person", "place"])[
            ["child", "dob_day", "sex", "ethnicity"]
        ]
        keys = pd.MultiIndex.from_frame(segments[["person", "place"]])
        children = child.reindex(keys).reset_index(drop=True)
        segments = pd.concat([segments, children], axis=1)
        self._segments = dict(iter(segments.groupby("place", sort=True)))
        homes = space_postcodes(
            nation.geography.postcode[nation.persons["home_postcode"].to_numpy()]
        )
        self._home_postcodes, *_ = spoil_postcodes(nation.plan, "return homes", homes)
        self._placement_postcodes = placement_postcodes(nation)
        self._missing = dict(iter(records.missing.groupby("place", sort=True)))

    def cut_return(self, place: int, year: int, *, is_amended: bool = False) -> Return | None:
        """Return an authority's return of a year, or None if it has none.

        An amended return includes records that were entered after the cut-off.
        """
        first, last = year_start(year), year_start(year + 1) - 1
        rows = self._segments.get(place)
        if rows is None:
            return None
        rows = rows[(rows["start_day"] <= last) & (rows["end_day"] >= first)]
        if not len(rows):
            return None
        known = last + (400 if is_amended else RETURN_CUT_OFF)
        missing = self._missing_rows(place, rows, first, last, known)
        return Return(
            place,
            year,
            _build_header(rows, year),
            self._episodes(rows, year, last),
            missing,
            self._build_uasc(rows, year),
        )

    def _episodes(self, rows: pd.DataFrame, year: int, last: int) -> pd.DataFrame:
        placements = self.nation.placements.iloc[rows["placement"].to_numpy()]
        ended = (rows["end_day"] <= last).to_numpy()
        frame = pd.DataFrame({"CHILD": rows["child"].to_numpy()})
        frame["DECOM"] = format_days(rows["start_day"].to_numpy(), DATES)
        frame["RNE"], frame["LS"] = rows["start_reason"].to_numpy(), rows["code"].to_numpy()
        frame["CIN"] = rows["need"].to_numpy()
        frame["PLACE"] = placements["type"].to_numpy()
        frame["PLACE_PROVIDER"] = placements["provider"].to_numpy()
        frame["DEC"] = format_days(np.where(ended, rows["end_day"], OPEN), DATES)
        frame["REC"] = np.where(ended, rows["ceased_reason"], "")
        following = np.r_[rows["start_reason"].to_numpy()[1:], [""]]
        moves = (
            ended & (frame["REC"] == "X1").to_numpy() & np.isin(following.astype(str), ["P", "B"])
        )
        reasons = CHANGE_REASONS[rows["person"].to_numpy() % len(CHANGE_REASONS)]
        if year >= UPN_FROM:
            frame["REASON_PLACE_CHANGE"] = np.where(moves, reasons, "")
        frame["HOME_POST"] = self._home_postcodes[rows["person"].to_numpy()]
        frame["PL_POST"] = self._placement_postcodes[rows["placement"].to_numpy()]
        if year >= URN_FROM:
            frame["URN"] = placements["urn"].to_numpy()
        return frame

    def _build_uasc(self, rows: pd.DataFrame, year: int) -> pd.DataFrame:
        flags = self.nation.persons["is_uasc"].to_numpy()[rows["person"]]
        one = rows[flags].drop_duplicates("child")
        frame = pd.DataFrame({"CHILD": one["child"].to_numpy()}, dtype=object)
        frame["SEX"], frame["DOB"] = (
            _code_sexes(one, year),
            format_days(one["dob_day"].to_numpy(), DATES),
        )
        frame["DUC"] = format_days(eighteenth_birthday(one["dob_day"].to_numpy()), DATES)
        return frame

    def _missing_rows(
        self, place: int, rows: pd.DataFrame, first: int, last: int, known: int
    ) -> pd.DataFrame:
        absences = self._missing.get(place)
        columns = ["CHILD", "DOB", "MISSING", "MIS_START", "MIS_END", "_start", "_end", "_absence"]
        if absences is None:
            return pd.DataFrame({column: [] for column in columns}, dtype=object)
        start = absences["start_minute"].to_numpy() // DAY
        end = np.where(
            absences["end_minute"] == OPEN, OPEN, absences["end_minute"].to_numpy() // DAY
        )
        is_reported = (start <= last) & (end >= first) & (absences["known_day"] <= known).to_numpy()
        in_header = absences["child"].isin(rows["child"]).to_numpy()
        absences, start, end = (
            absences[is_reported & in_header],
            start[is_reported & in_header],
            end[is_reported & in_header],
        )
        end = np.where(end > last, OPEN, end)
        dob = rows.drop_duplicates("child").set_index("child")["dob_day"].reindex(absences["child"])
        frame = pd.DataFrame({"CHILD": absences["child"].to_numpy()}, dtype=object)
        frame["DOB"] = format_days(dob.to_numpy(dtype=np.int64), DATES)
        frame["MISSING"] = absences["type"].to_numpy()
        frame["MIS_START"], frame["MIS_END"] = format_days(start, DATES), format_days(end, DATES)
        frame["_start"], frame["_end"] = start, end
        frame["_absence"] = absences["absence"].to_numpy()
        return frame[columns]


def _code_sexes(rows: pd.DataFrame, year: int) -> Texts:
    letters = {"female": "F", "male": "M", "unknown": "U"}
    numbers = {"female": "2", "male": "1", "unknown": "1"}
    codes = rows["sex"].map(letters if year >= LETTERS_FROM else numbers)
    return np.asarray(codes.to_numpy(dtype=object))


def _build_header(rows: pd.DataFrame, year: int) -> pd.DataFrame:
    one = rows.drop_duplicates("child")
    frame = pd.DataFrame({"CHILD": one["child"].to_numpy()}, dtype=object)
    frame["SEX"], frame["DOB"] = (
        _code_sexes(one, year),
        format_days(one["dob_day"].to_numpy(), DATES),
    )
    frame["ETHNIC"] = one["ethnicity"].to_numpy()
    if year >= UPN_FROM:
        frame["UPN"] = _format_pupil_numbers(one["person"].to_numpy())
    frame["MOTHER"], frame["MC_DOB"] = "", ""
    return frame


def _format_pupil_numbers(person: Integers) -> Texts:
    return np.array(
        [f"H{801000000000 + int(number) % 10**9}" for number in person.tolist()], dtype=object
    )


XML_NAMES = {"CHILD": "CHILDID", "PLACE": "PL"}


def return_csv_files(statutory_return: Return) -> dict[str, bytes]:
    """Return the CSV modules by file name; `uasc` is left out if it has no rows."""
    layout = read_layout("ssda903")
    files = {}
    for name, table in statutory_return.build_tables().items():
        if len(table) or name != "uasc":
            files[f"{name}.csv"] = csv_bytes(table, layout)
    return files


def return_xml_files(statutory_return: Return) -> dict[str, bytes]:
    """Return the return as one XML file, by file name."""
    groups = {
        name: dict(iter(table.groupby("CHILD", sort=False)))
        for name, table in statutory_return.build_tables().items()
    }
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<Message>", "<Children>"]
    named = [*groups["header"], *groups["episodes"], *groups["missing"]]
    children = list(dict.fromkeys(str(child) for child in named))
    for child in children:
        lines.append("<CHILD>")
        header = groups["header"].get(child)
        if header is None:
            lines.append(f"<CHILDID>{escape(child)}</CHILDID>")
        else:
            lines += _elements("HEADER", header, skip=())
        for tag, table in (("UASC", "uasc"), ("EPISODE", "episodes"), ("AMISSING", "missing")):
            rows = groups[table].get(child)
            if rows is not None:
                lines += _elements(tag, rows, skip=("CHILD", "SEX", "DOB"))
        lines.append("</CHILD>")
    lines += ["</Children>", "</Message>"]
    return {"return.xml": ("\n".join(lines) + "\n").encode()}


def _elements(tag: str, rows: pd.DataFrame, skip: tuple[str, ...]) -> list[str]:
    columns = [
        (n, XML_NAMES.get(name, name)) for n, name in enumerate(rows.columns) if name not in skip
    ]
    elements = []
    for row in rows.itertuples(index=False, name=None):
        fields = "".join(
            f"<{name}>{escape(str(row[n]))}</{name}>" if row[n] else f"<{name}/>"
            for n, name in columns
        )
        elements.append(f"<{tag}>{fields}</{tag}>")
    return elements
