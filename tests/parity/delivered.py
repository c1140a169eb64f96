"""Simulated returns as the validator can be asked about them: records, each with its line.

Reads the files that landing keeps as they were delivered, not the landed rows, so that both
sides start from the same text. A line that was quarantined is not in the register and is left
out; so are postcodes, which no rule here reads and the validator is slow to look up.
"""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pyarrow.parquet as pq
from defusedxml import ElementTree

from register.feeds import read_ledger
from register.settings import Settings
from tests.parity.findings import DeliveredReturn
from tests.parity.returns import COLUMNS, Row

FEED = "authority_return"
RECORDS = {"HEADER": "header", "EPISODE": "episodes", "AMISSING": "missing"}
RENAMED = {"CHILDID": "CHILD", "PL": "PLACE"}
UNREAD = {"HOME_POST": "", "PL_POST": ""}

Records = dict[str, list[tuple[int, Row]]]


def delivered_returns(settings: Settings) -> list[DeliveredReturn]:
    """Every accepted return in landing; there must be one at most per authority and period."""
    entries = [item for item in read_ledger(settings) if item.feed == FEED and item.is_accepted]
    assert len(entries) == len({(item.supplier_code, item.period) for item in entries})
    return [
        DeliveredReturn(
            entry.supplier_code,
            entry.period,
            _records(settings.landing / FEED / entry.delivery_id),
        )
        for entry in entries
    ]


def _records(folder: Path) -> Records:
    quarantined = {
        (row["_file"], row["_row_number"])
        for row in pq.read_table(folder / "quarantine.parquet").to_pylist()
    }
    records: Records = {module: [] for module in COLUMNS}
    for name, text in _texts(folder / "raw"):
        found = _xml_records(text) if name.endswith(".xml") else _csv_records(name, text)
        for module, line, row in found:
            if module in records and (name, line) not in quarantined:
                records[module].append((line, row | UNREAD))
    return records


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Each delivered file by the name that landing gives it, zips opened."""
    for path in sorted(folder.rglob("*.*")):
        name = str(path.relative_to(folder))
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                for member in archive.namelist():
                    yield f"{name}/{member}", archive.read(member).decode("utf-8-sig")
        else:
            yield name, path.read_text(encoding="utf-8-sig")


def _csv_records(name: str, text: str) -> Iterator[tuple[str, int, Row]]:
    """One record a physical line: whatever a line holds, the next one begins a new record."""
    module = PurePosixPath(name).stem
    heading, *lines = text.splitlines()
    names = heading.split(",")
    for line, content in enumerate(lines, 2):
        if content.strip():
            fields = next(csv.reader([content]))
            yield module, line, dict(zip(names, fields, strict=False))


def _xml_records(text: str) -> Iterator[tuple[str, int, Row]]:
    """Each record with the number of its element; a child's id and birth are in its header."""
    shared: Row = {}
    for number, element in enumerate(ElementTree.fromstring(text.encode()).iter(), 1):
        if element.tag == "CHILD":
            shared = {"CHILD": element.findtext("CHILDID") or ""}
        elif element.tag in RECORDS:
            fields = {RENAMED.get(item.tag, item.tag): item.text or "" for item in element}
            if element.tag == "HEADER":
                shared = {name: fields[name] for name in ("CHILD", "DOB")}
            yield RECORDS[element.tag], number, shared | fields
