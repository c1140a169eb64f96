"""Erased persons: their records leave landing, do not come back, and are accounted for."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from register.decision_files import append_decisions
from register.erased_persons import (
    ERASURES,
    MARKER,
    ErasedPersons,
    ErasureKeyError,
    compute_person_code,
    read_erased_persons,
)
from register.feeds import Delivery, examine_landing, read_ledger
from register.feeds.erase_delivery import erase_in_landing, find_in_inbox
from register.feeds.layout import load_layouts
from register.settings import Settings
from tests.feeds.deliveries import (
    AUTHORITY,
    COMPACT,
    MONTH,
    QUARTER,
    Home,
    extract_files,
    force_of,
    person,
    police_csv,
    police_rows,
    report,
    zipped,
)
from tests.feeds.real_returns import csv_modules, xml_document
from tests.feeds.test_forms import _workbook

RARE = "Quillonby"
LATER = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


class Killed(BaseException):
    """A kill at a step of an erasure."""


def _erase(home: Home, *persons: tuple[str, str], kill_at: int = -1) -> int:
    """Erase persons as the command does; return the number of steps that a kill could interrupt."""
    settings = home.settings
    if not read_erased_persons(settings).codes_by_supplier:
        rows = [
            (
                *("2026-11-25T09:00:00Z", "A", "B", "E1", "court_order", supplier),
                *(compute_person_code(settings.pseudonym_key, supplier, each), settings.key_id),
            )
            for supplier, each in persons
        ]
        append_decisions(settings, ERASURES, rows, ValueError)
    steps: list[str] = []

    def step(name: str) -> None:
        steps.append(name)
        if len(steps) == kill_at:
            raise Killed

    erase_in_landing(settings, read_erased_persons(settings), step=step)
    return len(steps)


def _list_files_with(folder: Path, text: str) -> list[str]:
    return [
        path.name
        for path in folder.rglob("*")
        if path.is_file() and text.encode() in path.read_bytes()
    ]


def _put_police(home: Home, form: str, received: datetime = LATER) -> str:
    """Put a child with a rare name between two others, in one form of file; return the force."""
    rows = [
        {"sex": "F", "category": "Missing", **report(1)},
        {"sex": "F", "category": "Missing", **report(2, surname=RARE)},
        {"sex": "F", "category": "Missing", **report(3, person_ref="NOM2", surname=RARE)},
        {"sex": "F", "category": "Missing", **report(4)},
    ]
    force, name, data = COMPACT, "reports.csv", police_csv("compact", rows)
    if form == "zip":
        name, data = "reports.zip", zipped({"reports.csv": data})
    if form == "line breaks":
        data = data.replace(RARE.encode(), f'"{RARE}\r\nand more"'.encode())
    if form == "xlsx":
        force, name = force_of("athena"), "Missing Person Extract 2026-10.xlsx"
        layout = load_layouts()["athena"]
        cells = police_rows(layout, [{**row, "sex": "Female"} for row in rows])
        data = _workbook(**{str(layout.file.sheet_name): cells})
    home.put_files("police_reports", force, MONTH, {name: data}, received=received)
    return force


EACH_FORM = pytest.mark.parametrize("form", ["csv", "zip", "line breaks", "xlsx"])


@EACH_FORM
def test_a_person_leaves_every_file_of_a_landed_delivery(home: Home, form: str) -> None:
    """Prevents a name from remaining in a raw copy, and other records from losing their line."""
    force = _put_police(home, form)
    before = home.land_one()
    _erase(home, (force, "NOM2"))
    after = home.land_one()
    folder = home.folder(after)
    assert (after.landed_row_count, after.erased_row_count) == (2, 2)
    assert after.received_row_count == before.received_row_count == 4
    assert after.content_hash == before.content_hash != after.copy_hash
    assert _list_files_with(folder, RARE) == []
    assert _unpack(folder, RARE) == [] and _unpack(folder, MARKER)
    kept = [row for row in home.rows(before, "reports") if row["report_ref"] in {"MP1", "MP4"}]
    assert home.rows(after, "reports") == kept
    assert examine_landing(home.settings.landing, is_deep=True).damaged == []


def _unpack(folder: Path, text: str) -> list[str]:
    """Files of the raw copies with a text, also those inside of archives and workbooks."""
    found = _list_files_with(folder / "raw", text)
    for path in (folder / "raw").iterdir():
        if path.suffix in {".zip", ".xlsx"}:
            target = folder.parents[1] / f".unpacked-{path.name}"
            shutil.unpack_archive(path, target, "zip")
            found += _list_files_with(target, text)
            shutil.rmtree(target)
    return found


@EACH_FORM
def test_a_damaged_delivery_is_repaired_from_the_edited_copy(home: Home, form: str) -> None:
    """Prevents an erased person from coming back when a damaged folder is landed again."""
    force = _put_police(home, form)
    entry = home.land_one()
    _erase(home, (force, "NOM2"))
    erased = home.land_one()
    rows = home.rows(erased, "reports")
    (home.folder(entry) / "reports.parquet").write_bytes(b"")
    shutil.rmtree(home.settings.inbox / "police_reports")
    assert home.load().mended
    mended = home.land_one()
    assert home.rows(mended, "reports") == rows
    assert (mended.copy_hash, mended.erased_row_count) == (erased.copy_hash, 2)
    assert mended.content_hash == entry.content_hash


def test_no_later_delivery_brings_a_person_back(home: Home) -> None:
    """Prevents the same delivery, or a later one of the child, from undoing an erasure."""
    _put_police(home, "csv", datetime(2026, 11, 2, 9, 0, tzinfo=UTC))
    entry = home.land_one()
    _erase(home, (COMPACT, "NOM2"))
    shutil.rmtree(home.folder(entry))
    assert home.load().landed
    _put_police(home, "zip")
    home.load()
    entries = read_ledger(home.settings)
    assert [(e.landed_row_count, e.erased_row_count) for e in entries] == [(2, 2), (2, 2)]
    assert _list_files_with(home.settings.landing, RARE) == []
    assert all(not _unpack(home.folder(each), RARE) for each in entries)


def test_a_person_without_a_reference_is_their_report(home: Home) -> None:
    """Prevents a child who has no person reference from being out of an erasure's reach."""
    home.put_reports([report(1), report(2, person_ref="", surname=RARE)])
    home.land_one()
    _erase(home, (COMPACT, "report:MP2"))
    assert home.land_one().erased_row_count == 1
    assert _list_files_with(home.settings.landing, RARE) == []


def test_a_record_that_does_not_land_leaves_no_flag(home: Home) -> None:
    """Prevents flags that point at records which landing has dropped."""
    _erase(home, (COMPACT, "NOM2"))
    home.put_reports([report(1), report(2, dob="31/02/2010"), report(3), report(4)])
    entry = home.land_one()
    assert (entry.erased_row_count, entry.flag_count) == (1, 0)


def test_quarantined_records_and_flags_of_a_person_are_erased(home: Home) -> None:
    """Prevents a name from remaining in a quarantined record, and flags without their record."""
    rows = [report(n) for n in range(1, 5)]
    rows += [report(6, person_ref="NOM2", surname=RARE, reported_at="")]
    rows[1] = report(2, dob="31/02/2010", surname=RARE)
    home.put_reports(rows)
    before = home.land_one()
    assert (before.quarantined_row_count, before.flag_count) == (1, 1)
    _erase(home, (COMPACT, "NOM2"))
    after = home.land_one()
    assert (after.landed_row_count, after.erased_row_count) == (3, 2)
    assert (after.quarantined_row_count, after.flag_count) == (0, 0)
    assert _list_files_with(home.settings.landing, RARE) == []


def test_an_extract_loses_what_refers_to_a_childs_records(home: Home) -> None:
    """Prevents an interview of an erased child from remaining, as it has no child's reference."""
    tables: dict[str, list[dict[str, str]]] = {
        "ssd_person": [person(1), person(2, pers_surname=RARE)],
        "ssd_missing": [{"miss_table_id": f"A{n}", "miss_person_id": f"P{n}"} for n in (1, 2)],
        "return_interviews": [
            {"interview_id": f"R{n}", "miss_table_id": f"A{n}", "held_by": RARE if n == 2 else ""}
            for n in (1, 2)
        ],
    }
    home.put_files("authority_extract", AUTHORITY, QUARTER, extract_files("Mosaic", **tables))
    before = home.land_one()
    _erase(home, (AUTHORITY, "P2"))
    after = home.land_one()
    assert after.erased_row_count == 3
    assert after.landed_row_count == before.landed_row_count - 3
    assert _list_files_with(home.settings.landing, RARE) == []


@pytest.mark.parametrize("form", ["csv", "xml"])
def test_a_return_loses_a_child_in_modules_that_are_only_counted_too(home: Home, form: str) -> None:
    """Prevents a child from remaining in the raw copy of a module that has no table."""
    files: Mapping[str, bytes] = csv_modules("2024-25")
    if form == "xml":
        files = {"return.xml": xml_document("2024-25")}
    home.put_files("authority_return", AUTHORITY, "2024-25", files)
    before = home.land_one()
    child = str(home.rows(before, "header")[1]["child"])
    _erase(home, (AUTHORITY, child))
    after = home.land_one()
    assert after.erased_row_count >= 2
    assert [r["child"] for r in home.rows(after, "header")].count(child) == 0
    raw = home.folder(after) / "raw"
    assert not _list_words(raw, child)
    (home.folder(after) / "header.parquet").write_bytes(b"")
    home.load()
    mended = home.land_one()
    assert mended.count_received_rows_by_table() == after.count_received_rows_by_table()
    assert mended.count_landed_rows_by_table() == after.count_landed_rows_by_table()


def _list_words(folder: Path, word: str) -> list[str]:
    return [
        path.name
        for path in folder.rglob("*")
        if path.is_file() and word in re.split(r"\W+", path.read_text())
    ]


def test_a_rejected_delivery_with_the_person_is_edited_or_loses_its_copy(home: Home) -> None:
    """Prevents a name from remaining in a delivery that never had a landed row."""
    text = police_csv("compact", [{**report(1, surname=RARE)}])
    broken = b"another,heading\n" + text.split(b"\n", 1)[1]
    home.put_files("police_reports", COMPACT, MONTH, {"reports.csv": broken})
    home.put_files("unheard_of", "someone", "x", {"a.csv": text})
    home.put_files("police_reports", "E23000099", MONTH, {"reports.csv": text})
    home.put_files(
        "police_reports", COMPACT, "2026-09", {"list.pdf": b"%PDF NOM1 " + RARE.encode()}
    )
    home.load()
    assert {entry.outcome for entry in read_ledger(home.settings)} == {"rejected"}
    _erase(home, (COMPACT, "NOM1"))
    home.load()
    assert _list_files_with(home.settings.landing, RARE) == []
    assert examine_landing(home.settings.landing, is_deep=True).damaged == []


def test_an_unopened_file_is_removed_only_if_its_supplier_is_concerned(home: Home) -> None:
    """Prevents one child's erasure from removing what other suppliers sent under a password."""
    for force in (COMPACT, force_of("niche")):
        home.put_files("police_reports", force, MONTH, {"reports.zip": b"PK no zip"})
    home.load()
    _erase(home, (COMPACT, "NOM1"))
    home.load()
    kept = {entry.supplier_code: entry.is_copy_kept for entry in read_ledger(home.settings)}
    assert kept == {COMPACT: False, force_of("niche"): True}


def test_an_erasure_that_is_killed_at_any_step_completes(home: Home) -> None:
    """Prevents a killed erasure from losing a delivery, or from leaving a name behind."""
    for period in ("2026-08", "2026-09", MONTH):
        home.put_reports([report(1), report(2, surname=RARE)], period=period)
    home.load()
    untouched = shutil.copytree(home.settings.home, home.settings.home.with_name("untouched"))
    steps = _erase(home, (COMPACT, "NOM2"))
    assert steps == 9
    expected = [_describe(e) for e in read_ledger(home.settings)]
    for kill_at in range(1, steps + 1):
        shutil.rmtree(home.settings.home)
        shutil.copytree(untouched, home.settings.home)
        with pytest.raises(Killed):
            _erase(home, (COMPACT, "NOM2"), kill_at=kill_at)
        _erase(home, (COMPACT, "NOM2"))
        assert [_describe(e) for e in read_ledger(home.settings)] == expected
        assert _list_files_with(home.settings.landing, RARE) == []


def _describe(entry: Delivery) -> tuple[str, int, int, str | None]:
    return (entry.delivery_id, entry.landed_row_count, entry.erased_row_count, entry.copy_hash)


def test_deliveries_in_the_inbox_that_hold_a_person_are_found(home: Home) -> None:
    """Prevents the operator from believing that the inbox holds no erased person any more."""
    home.put_reports([report(1), report(2, surname=RARE)])
    home.put_reports([report(1)], period="2026-09")
    persons = ErasedPersons.from_persons(home.settings.pseudonym_key, [(COMPACT, "NOM2")])
    (item,) = find_in_inbox(home.settings, persons)
    assert item.period == MONTH


def test_erasures_under_a_lost_key_stop_landing(home: Home, settings: Settings) -> None:
    """Prevents a change of the pseudonym key from bringing erased people back."""
    _erase(home, (COMPACT, "NOM2"))
    changed = replace(settings, pseudonym_key="another key of this test, long enough")
    with pytest.raises(ErasureKeyError, match="REGISTER_PSEUDONYM_KEY_BEFORE"):
        read_erased_persons(changed)
    kept = replace(changed, former_pseudonym_key=settings.pseudonym_key)
    assert read_erased_persons(kept).contains(COMPACT, "NOM2")
