"""2,000 mutants of deliveries land in one load, and nothing of any of them is unaccounted for.

A drill: it takes two minutes.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest
from defusedxml import ElementTree

from register.feeds import Delivery, LandingSummary, land_everything
from register.home import prepare_home
from register.settings import load_settings
from tests.feeds import fuzz
from tests.feeds.deliveries import NOW, Home

pytestmark = pytest.mark.drill

COUNT, SEED = 2000, 11
# A fifth of each form is still read, at least: else only refusals would be tried.
READ_AT_LEAST = COUNT // len(fuzz.FORMS) // 5
TOKEN = re.compile(r"TOK\d{4}")


@dataclass(frozen=True)
class Trial:
    """What was put into the inbox, what the load said of it, and what it made of each mutant."""

    home: Home
    mutants: list[fuzz.Mutant]
    summary: LandingSummary
    landed: dict[tuple[str, str, str], Delivery]

    def accepted(self, form: str) -> list[tuple[fuzz.Mutant, Delivery]]:
        """The mutants of a form that were read, each with its entry."""
        pairs = [(mutant, self.of(mutant)) for mutant in self.mutants if mutant.form == form]
        return [(mutant, entry) for mutant, entry in pairs if entry.is_accepted]

    def of(self, mutant: fuzz.Mutant) -> Delivery:
        """The entry of a mutant."""
        return self.landed[mutant.feed, mutant.supplier_code, mutant.period]


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """All mutants, landed in one load."""
    root = tmp_path_factory.mktemp("fuzz")
    settings = load_settings({"REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": str(root / "home")})
    prepare_home(settings)
    home = Home(settings)
    mutants = list(fuzz.mutants(COUNT, SEED))
    for item in mutants:
        home.put_files(item.feed, item.supplier_code, item.period, {item.name: item.data})
    # A fault of ours on any of them would raise here.
    summary = land_everything(settings, now=NOW)
    landed = {(item.feed, item.supplier_code, item.period): item for item in summary.landed}
    return Trial(home, mutants, summary, landed)


def test_every_mutant_is_in_the_ledger_with_its_bytes(trial: Trial) -> None:
    """Prevents a delivery that no parser understands from vanishing, or from ending the load."""
    assert len(trial.landed) == len(trial.summary.landed) == len(trial.mutants) == COUNT
    assert trial.summary.waiting == trial.summary.recognised == ()
    for mutant in trial.mutants:
        entry = trial.of(mutant)
        assert (trial.home.folder(entry) / "raw" / mutant.name).read_bytes() == mutant.data


def test_each_form_is_read_often_and_refused_often(trial: Trial) -> None:
    """Prevents mutants that are all refused at the door, so that nothing is tried."""
    read = {form: len(trial.accepted(form)) for form in fuzz.FORMS}
    assert min(read.values()) >= READ_AT_LEAST, read
    refused = Counter(item.reject_rule_code for item in trial.landed.values())
    assert len(refused) > 12
    assert refused["worker_died"] == 0


def test_a_rejection_has_a_reason_and_no_rows(trial: Trial) -> None:
    """Prevents a supplier from being told nothing, and rows of a refused delivery from counting."""
    for entry in trial.landed.values():
        if not entry.is_accepted:
            assert (entry.received_row_count, entry.table_names) == (0, ())
            rules = [row["rule_code"] for row in trial.home.feedback(entry)]
            assert entry.reject_rule_code in rules


def _lines(data: bytes) -> list[str]:
    """Physical lines of a text in any encoding that is read; its separators are ASCII in each."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16").encode()
    lines = data.removeprefix(b"\xef\xbb\xbf").splitlines()
    while lines and not lines[-1].strip():
        lines.pop()
    return [line.decode("latin-1") for line in lines]


def _no_records(trial: Trial, entry: Delivery) -> int:
    """Lines above the heading, and the heading."""
    return 1 + sum(row["rule_code"] == "title_lines" for row in trial.home.feedback(entry))


def _check_lines(trial: Trial, entry: Delivery, lines: list[str], heading: int) -> None:
    """Fail unless each line below line `heading` begins a record or continues a quoted field.

    Of what is continued another reader must make one whole record.
    """
    separator = max(",;|\t", key=lines[heading - 1].count)
    (headings,) = csv.reader([lines[heading - 1]], delimiter=separator)
    firsts = {line for name in _tables(entry) for line in _row_numbers(trial, entry, name)}
    assert len(firsts) == entry.received_row_count
    bounds = [*sorted(firsts), len(lines) + 1]
    assert bounds[0] == heading + 1
    for first, after in pairwise(bounds):
        if after - first > 1:
            text = io.StringIO("\n".join(lines[first - 1 : after - 1]), newline="")
            records = list(csv.reader(text, delimiter=separator, strict=True))
            assert [len(record) for record in records] == [len(headings)], entry.delivery_id


def test_every_physical_line_of_a_text_is_landed_quarantined_or_told(trial: Trial) -> None:
    """Prevents a record from vanishing between two that a parser merged."""
    for mutant, entry in trial.accepted("csv"):
        # The line by which a file declares its separator is none of the table.
        declares = int(re.match(rb"(\xef\xbb\xbf)?\"?sep=.\"?[\r\n]", mutant.data) is not None)
        _check_lines(trial, entry, _lines(mutant.data), _no_records(trial, entry) + declares)


def test_every_line_of_every_file_of_a_zip_is_landed_quarantined_or_told(trial: Trial) -> None:
    """Prevents a file of an archive from being left out, or a line of it."""
    for mutant, entry in trial.accepted("zip"):
        with zipfile.ZipFile(io.BytesIO(mutant.data)) as archive:
            (table,) = (name for name in archive.namelist() if name.endswith(".csv"))
            lines = _lines(archive.read(table))
        # The last line of the layout is a count.
        _check_lines(trial, entry, lines[:-1], _no_records(trial, entry))


def test_every_token_of_a_document_is_landed_or_quarantined(trial: Trial) -> None:
    """Prevents a misspelt or misplaced element from taking its child along."""
    for mutant, entry in trial.accepted("xml"):
        root = ElementTree.fromstring(mutant.data, forbid_dtd=True)
        delivered = set(TOKEN.findall(" ".join(root.itertext())))
        landed_tokens = set(
            TOKEN.findall(repr([_rows(trial, entry, name) for name in _tables(entry)]))
        )
        # What an unknown field of a child had is kept in the raw copy, and the field is told.
        assert delivered <= landed_tokens or entry.unknown_columns, entry.delivery_id


def test_every_token_of_a_workbook_that_opens_is_landed_or_quarantined(trial: Trial) -> None:
    """Prevents a row of a sheet from vanishing."""
    undamaged = 0
    for mutant, entry in trial.accepted("xlsx"):
        sheet = _sheet_of(mutant.data)
        if sheet is None:
            continue
        undamaged += 1
        delivered = Counter(TOKEN.findall(sheet))
        landed_tokens = Counter(
            TOKEN.findall(repr([_rows(trial, entry, name) for name in _tables(entry)]))
        )
        assert set(delivered) <= set(landed_tokens), entry.delivery_id
        assert entry.received_row_count >= len(delivered)
    assert undamaged >= READ_AT_LEAST


def _sheet_of(data: bytes) -> str | None:
    """The text of a workbook's first sheet below its heading; none if another reader cannot."""
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
        rows = [" ".join(str(cell) for cell in row) for row in book.worksheets[0].values]
    except Exception:
        return None
    heading = next((n for n, text in enumerate(rows) if "Investigation Number" in text), 0)
    return "\n".join(rows[heading + 1 :])


def _tables(entry: Delivery) -> tuple[str, ...]:
    return (*entry.table_names, "quarantine")


def _row_numbers(trial: Trial, entry: Delivery, table: str) -> list[int]:
    path = trial.home.folder(entry) / f"{table}.parquet"
    return [line for (line,) in duckdb.sql(f"select _row_number from '{path}'").fetchall()]


def _rows(trial: Trial, entry: Delivery, table: str) -> list[tuple[object, ...]]:
    path = trial.home.folder(entry) / f"{table}.parquet"
    return duckdb.sql(f"from '{path}'").fetchall()


def test_no_text_of_a_mutant_is_told_outside_the_data(trial: Trial) -> None:
    """Prevents damage from moving a child's name into the papers about a delivery."""
    planted = re.compile(rf"{fuzz.SURNAME}|{fuzz.FORENAME}|TOK\d|2012-03-04|3WZ", re.IGNORECASE)
    leaks: list[tuple[str, str]] = []
    for entry in trial.landed.values():
        folder: Path = trial.home.folder(entry)
        for name in ("delivery.json", "feedback.csv"):
            match = planted.search((folder / name).read_text(encoding="utf-8"))
            leaks += [(entry.delivery_id, match[0])] if match else []
        leaks += [
            (entry.delivery_id, name) for name in _told_files(trial, entry) if planted.search(name)
        ]
    assert leaks == []


def _told_files(trial: Trial, entry: Delivery) -> set[str]:
    """The names of files that lineage has, for the marts."""
    paths = [trial.home.folder(entry) / f"{name}.parquet" for name in _tables(entry)]
    return {
        str(name)
        for path in paths
        for (name,) in duckdb.sql(f"select distinct _file from '{path}'").fetchall()
    } | set(json.loads((trial.home.folder(entry) / "file_names.json").read_text()))
