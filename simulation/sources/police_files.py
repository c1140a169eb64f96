"""Police deliveries: each force's reports of a month, written in the force's own layout."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
from duckdb_extensions import import_extension

from simulation.calendar import DAY, format_minutes
from simulation.draws import OPEN, Integers, Texts
from simulation.processes.written_forms import AS_THE_LAYOUT, WrittenForm
from simulation.sources.written_layouts import csv_bytes, encode, layout_of, read_layout

MOMENTS = {
    "last_seen_at": "last_seen", "reported_at": "reported", "found_at": "found",
    "returned_at": "returned", "closed_at": "closed",
    "prevention_interview_at": "prevention_interview",
}  # fmt: skip
ENCODED = {
    "sex": "sex", "ethnicity": "ethnicity", "missing_from_location_type": "location",
    "category": "category", "risk_initial": "risk_initial", "risk_highest": "risk_highest",
    "risk_final": "risk_final", "is_looked_after": "is_looked_after",
    "reported_by": "reported_by", "found_by": "found_by", "cse_flag": "cse_flag",
    "cce_flag": "cce_flag", "trafficking_flag": "trafficking_flag",
    "mental_health_flag": "mental_health_flag", "harm_flag": "harm_flag", "is_fatal": "is_fatal",
}  # fmt: skip
PLAIN = {
    "report_ref": "report_ref", "forenames": "forename", "surname": "surname", "aliases": "alias",
    "home_postcode": "home_postcode", "missing_from_postcode": "from_postcode",
    "found_postcode": "found_postcode", "care_authority": "care_authority",
    "person_ref": "person_ref",
}  # fmt: skip
LATER = ("found", "returned", "closed", "prevention_interview")


def month_of(minutes: Integers) -> Integers:
    """Return the number of months since 1970."""
    days = np.where(minutes == OPEN, 0, minutes) // DAY
    return np.asarray(days.astype("datetime64[D]").astype("datetime64[M]").astype(int))


def month_text(month: int) -> str:
    """Return a month as text, such as `2026-10`."""
    return str(np.datetime64(int(month), "M"))


def joined_reports(nominals: pd.DataFrame, reports: pd.DataFrame) -> pd.DataFrame:
    """Return the reports, each with the columns of its person record."""
    person = nominals.iloc[reports["nominal"].to_numpy()].reset_index(drop=True)
    columns = ["forename", "surname", "alias", "dob_day", "sex", "home_postcode", "person_ref"]
    frame = pd.concat([reports.reset_index(drop=True), person[columns]], axis=1)
    frame["person_ref"] = np.where(frame["has_person_ref"], frame["person_ref"], "")
    frame["draw"] = (frame["absence"].to_numpy() * 7919 + frame["nominal"].to_numpy()) % 10_007
    frame["month"] = month_of(frame["reported"].to_numpy())
    # The police send a record again when they close it, even if no time of return is known.
    found_minute = frame["found"].to_numpy()
    done = np.where(found_minute == OPEN, frame["closed"].to_numpy(), found_minute)
    frame["found_month"] = np.where(done == OPEN, frame["month"], month_of(done))
    return frame


def monthly(frame: pd.DataFrame, first: int, last: int) -> Iterator[tuple[str, int, pd.DataFrame]]:
    """Yield, for each force and month, the reports made or closed in that month, as at its end."""
    for force, force_reports in frame.groupby("force", sort=True):
        months, found_months = (
            force_reports["month"].to_numpy(),
            force_reports["found_month"].to_numpy(),
        )
        for month in range(first, last + 1):
            rows = force_reports[(months == month) | (found_months == month)].copy()
            end = int(np.datetime64(month + 1, "M").astype("datetime64[D]").astype(int)) * DAY
            for column in LATER:
                values = rows[column].to_numpy().copy()
                values[values >= end] = OPEN
                rows[column] = values
            rows["found_by"] = np.where(rows["found"] == OPEN, "", rows["found_by"])
            rows["found_postcode"] = np.where(rows["found"] == OPEN, "", rows["found_postcode"])
            yield str(force), month, rows


def police_files(
    force: str, month: int, rows: pd.DataFrame, form: WrittenForm = AS_THE_LAYOUT
) -> dict[str, bytes]:
    """Return the files of one delivery, by name."""
    period = month_text(month)
    layout = read_layout(layout_of(force, f"{period}-01"))
    table = form.rearranged(_render(layout, rows, form))
    file = layout["file"]
    name = file["file_name"].format(period=period, supplier=force)
    if file["form"] == "xlsx":
        return {name: _xlsx_bytes(table, file["sheet_name"])}
    return {name: csv_bytes(table, layout)}


def _render(layout: dict[str, Any], rows: pd.DataFrame, form: WrittenForm) -> pd.DataFrame:
    texts: dict[str, Texts] = {}
    for column in layout["columns"]:
        texts[column["name"]] = _write_column(layout, column, rows, form)
    return pd.DataFrame(texts, columns=[column["name"] for column in layout["columns"]])


def _write_column(
    layout: dict[str, Any], column: dict[str, Any], rows: pd.DataFrame, form: WrittenForm
) -> Texts:
    field = column["field"]
    texts = np.full(len(rows), "", dtype=object)
    if field in MOMENTS and "part" in column:
        pattern = layout[f"{column['part']}_format"]
        texts = format_minutes(rows[MOMENTS[field]].to_numpy(), pattern)
    elif field in MOMENTS:
        texts = form.write_moments(rows[MOMENTS[field]].to_numpy(), layout["datetime_format"])
    elif field == "dob":
        birth_days = np.where(rows["is_age_only"], -1, rows["dob_day"])
        texts = form.write_days(birth_days, layout["date_format"])
    elif field == "age":
        texts = np.where(rows["is_age_only"], rows["age"].astype(str), "").astype(object)
    elif field in ENCODED:
        texts = _encoded(layout, field, rows)
    elif field in PLAIN:
        texts = rows[PLAIN[field]].to_numpy(dtype=object)
    elif field == "linked_log_ref":
        log = "L" + rows["draw"].astype(str).to_numpy(dtype=object)
        texts = np.where(rows["draw"] % 3 == 0, log, "").astype(object)
    return np.asarray(texts, dtype=object)


def _encoded(layout: dict[str, Any], field: str, rows: pd.DataFrame) -> Texts:
    kind = "risk" if field.startswith("risk_") else field
    kind = "flag" if field.endswith("_flag") or field == "is_fatal" else kind
    values = rows[ENCODED[field]].to_numpy(dtype=object)
    texts = encode(layout["layout_name"], kind, values, rows["draw"].to_numpy())
    markers = layout.get("null_markers") or [""]
    if field in ("ethnicity", "found_by"):
        # Some officers leave an unknown value empty; others write a word for it.
        texts = np.where((texts == "") & (rows["draw"] % 2 == 0), markers[0], texts).astype(object)
    return texts


@cache
def _workbook_writer() -> duckdb.DuckDBPyConnection:
    """Return a database in memory that writes workbooks.

    It is created once, because creating it takes longer than writing most workbooks.
    """
    import_extension("excel")
    connection = duckdb.connect()
    connection.execute("load excel")
    return connection


def _xlsx_bytes(table: pd.DataFrame, sheet: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder, _workbook_writer().cursor() as connection:
        names = list(table.columns)
        arrays = [pa.array(table[name], type=pa.string()) for name in names]
        connection.register("reports", pa.table(dict(zip(names, arrays, strict=True))))
        path = Path(folder) / "reports.xlsx"
        connection.execute(f"copy reports to '{path}' (format xlsx, header true, sheet '{sheet}')")
        return path.read_bytes()
