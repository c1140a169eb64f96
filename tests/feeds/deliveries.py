"""Invented deliveries and what became of them, in few words.

What a test expects does not belong here.
"""

from __future__ import annotations

import csv
import io
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from register.feeds import (
    Delivery,
    LandingSummary,
    land_everything,
    load_contracts,
    read_ledger,
)
from register.feeds.assignments import load_assignments
from register.feeds.layout import Layout, load_layouts
from register.feeds.seeds import read_known_codes
from register.settings import PROJECT_ROOT, Settings

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MONTH = "2026-10"
YEAR = "2025-26"
QUARTER = "2026-Q3"
AUTHORITY = "373"


def force_of(layout_name: str) -> str:
    """An English force that writes a layout in October 2026."""
    for item in load_assignments():
        is_now = item.valid_from <= date(2026, 10, 1) and item.valid_to is None
        if item.layout == layout_name and is_now and item.supplier_code.startswith("E"):
            return item.supplier_code
    raise AssertionError(f"no force writes {layout_name}")


COMPACT = force_of("compact")
REPORT: dict[str, str] = {
    "report_ref": "MP1",
    "person_ref": "NOM1",
    "forenames": "Wilhelmina",
    "surname": "Testperson",
    "dob": "2012-03-04",
    "last_seen_at": "2026-10-01T20:15",
    "reported_at": "2026-10-02T01:30",
    "home_postcode": "ZZ99 3WZ",
}


def known_code(layout: Layout, field: str) -> str:
    """A code of a field of police reports, as a layout writes it."""
    column = load_contracts()["police_reports"].tables[0].columns[field]
    return min(read_known_codes(PROJECT_ROOT / "seeds", layout, str(column.custom.code_map)))


def report(number: int = 1, **changes: str) -> dict[str, str]:
    """One report in canonical fields; moments in ISO form, codes in the layout's own."""
    return {**REPORT, "report_ref": f"MP{number}", "person_ref": f"NOM{number}", **changes}


def moved(reports: list[dict[str, str]], period: str) -> list[dict[str, str]]:
    """Reports of the month that fixtures are of, with their moments in another month."""
    return [
        {
            key: text.replace(MONTH, period) if key.endswith("_at") else text
            for key, text in r.items()
        }
        for r in reports
    ]


def _write_value(layout: Layout, field: str, part: str | None, text: str) -> str:
    """An ISO moment as the layout writes it; any other text unchanged."""
    if not (field.endswith("_at") or field == "dob") or not text[:4].isdigit():
        return text
    moment = datetime.fromisoformat(text)
    if part == "time":
        return moment.strftime(str(layout.time_format)) if len(text) > 10 else ""
    if part == "date" or len(text) == 10:
        return moment.strftime(layout.date_format)
    return moment.strftime(str(layout.datetime_format))


def police_rows(layout: Layout, reports: list[dict[str, str]]) -> list[list[str]]:
    """Heading and rows under the layout's headings."""
    rows = [[column.name for column in layout.columns]]
    for item in reports:
        rows.append(
            [_write_value(layout, c.field, c.part, item.get(c.field, "")) for c in layout.columns]
        )
    return rows


def as_csv(rows: list[list[str]], layout: Layout) -> bytes:
    """Rows as the layout writes them, footer and byte order mark included."""
    form = layout.file
    quoting = {"minimal": csv.QUOTE_MINIMAL, "all": csv.QUOTE_ALL, "none": csv.QUOTE_NONE}
    text = io.StringIO()
    writer = csv.writer(
        text,
        delimiter=form.delimiter,
        quotechar=form.quote_character or '"',
        quoting=quoting[form.quoting],
        lineterminator=form.line_terminator,
    )
    writer.writerows(rows)
    if form.footer:
        text.write(form.footer.text.format(row_count=len(rows) - 1) + form.line_terminator)
    mark = "\ufeff" if form.byte_order_mark else ""
    return (mark + text.getvalue()).encode(form.encoding)


def police_csv(layout_name: str, reports: list[dict[str, str]]) -> bytes:
    """A force's file of reports."""
    layout = load_layouts()[layout_name]
    return as_csv(police_rows(layout, reports), layout)


def table_csv(feed: str, table: str, rows: list[dict[str, str]], leave_out: str = "") -> bytes:
    """A table of a feed under the contract's names (in capitals for a return)."""
    names = [n for n in load_contracts()[feed].table_by_name[table].columns if n != leave_out]
    heading = [name.upper() if feed == "authority_return" else name for name in names]
    lines = [heading, *([row.get(name, "") for name in names] for row in rows)]
    return as_csv(lines, load_layouts()["ssda903"])


def person(number: int, **changes: str) -> dict[str, str]:
    """One child of an extract; the date of birth differs from child to child."""
    born = date(2008, 1, 1) + timedelta(days=number)
    row = {"pers_person_id": f"P{number}", "pers_forename": "Wilhelmina", "pers_sex": "F"}
    return {**row, "pers_surname": "Testperson", "pers_dob": f"{born:%d/%m/%Y}", **changes}


def extract_files(case_system: str = "Mosaic", **tables: list[dict[str, str]]) -> dict[str, bytes]:
    """A small extract: one child with one absence, and what a test adds or changes."""
    rows: dict[str, list[dict[str, str]]] = {
        "ssd_version": [{"case_system": case_system, "extract_version": "1"}],
        "ssd_person": [{"pers_person_id": "P1", "pers_surname": "Testperson", "pers_sex": "F"}],
        "ssd_missing": [{"miss_table_id": "A1", "miss_person_id": "P1"}],
        **tables,
    }
    return {f"{name}.csv": table_csv("authority_extract", name, r) for name, r in rows.items()}


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The files as one zip."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()


@dataclass(frozen=True)
class Home:
    """A home under test."""

    settings: Settings

    def put_files(
        self,
        feed: str,
        supplier: str,
        period: str,
        files: Mapping[str, bytes],
        received: datetime = datetime(2026, 11, 2, 9, 0, tzinfo=UTC),
    ) -> Path:
        """Put a delivery into the inbox, in place of what lay there."""
        folder = self.settings.inbox / feed / supplier / period
        for old in folder.rglob("*") if folder.exists() else ():
            old.unlink()
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            os.utime(path, (received.timestamp(), received.timestamp()))
        return folder

    def put_reports(
        self, data: bytes | list[dict[str, str]], period: str = MONTH, **options: Any
    ) -> Path:
        """Put a force's file of the compact layout; reports are complete, and of the period."""
        if isinstance(data, bytes):
            body = data
        else:
            coded = [{"sex": "F", "category": "Missing", **row} for row in moved(data, period)]
            body = police_csv("compact", coded)
        return self.put_files("police_reports", COMPACT, period, {"reports.csv": body}, **options)

    def load(self) -> LandingSummary:
        """Land everything, as on a fixed day."""
        return land_everything(self.settings, now=NOW)

    def land_one(self) -> Delivery:
        """Land everything and give the one delivery that is in the ledger."""
        self.load()
        (delivery,) = read_ledger(self.settings)
        return delivery

    def folder(self, delivery: Delivery) -> Path:
        """Where a delivery was landed."""
        return next(self.settings.landing.glob(f"*/{delivery.delivery_id}"))

    def rows(self, delivery: Delivery, table: str) -> list[dict[str, Any]]:
        """The rows of one landed file, in order of file and line."""
        path = self.folder(delivery) / f"{table}.parquet"
        landed = duckdb.sql(f"from '{path}' order by _file, _row_number").to_arrow_table()
        return list(landed.to_pylist())

    def feedback(self, delivery: Delivery) -> list[dict[str, str]]:
        """The lines of the feedback file."""
        with (self.folder(delivery) / "feedback.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def rules(self, delivery: Delivery) -> list[tuple[str, str, str, str]]:
        """Rule, file, line and column of each feedback line."""
        return [
            (row["rule_code"], row["file"], row["line"], row["column"])
            for row in self.feedback(delivery)
        ]
