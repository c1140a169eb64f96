"""An inbox that loses records at random, and the reasons counted of what was lost."""

from __future__ import annotations

import io
import os
import re
import zipfile
from pathlib import Path

import duckdb
import openpyxl

from benchmarks.random_losses import NamedReason, reasons_of_the_lost
from benchmarks.thinned_inbox import split_records, thin_inbox

ROWS = [f'"R{number}";"a note\r\nof two lines"\r\n' for number in range(400)]


def _write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_a_share_of_whole_records_is_lost_and_the_footer_counts_the_rest(tmp_path: Path) -> None:
    """Prevents halves of records, and a delivery that is refused for its count."""
    text = ('"ID";"NOTE"\r\n' + "".join(ROWS) + "TOTAL;400\r\n").encode()
    inbox = tmp_path / "inbox"
    path = _write(inbox / "police_reports" / "F1" / "2026-05" / "reports.csv", text)
    os.utime(path, (1_000_000, 1_000_000))
    taken = thin_inbox(inbox, tmp_path / "thinned", "police", 0.25, seed=1)
    thinned = tmp_path / "thinned" / path.relative_to(inbox)
    head, *records, footer = split_records(thinned.read_bytes())
    assert head == b'"ID";"NOTE"\r\n'
    assert 60 < len(taken) < 140
    assert len(records) == 400 - len(taken)
    assert footer == f"TOTAL;{len(records)}\r\n".encode()
    assert set(records) <= {row.encode() for row in ROWS}
    assert thinned.stat().st_mtime == 1_000_000
    assert path.read_bytes() == text


def test_a_record_delivered_twice_is_lost_twice(tmp_path: Path) -> None:
    """Prevents a lost record from coming back with a resubmission, in whatever file."""
    inbox = tmp_path / "inbox"
    text = b"id,name\n" + b"".join(f"r{number},x\n".encode() for number in range(200))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("reports.csv", text)
    folder = inbox / "police_reports" / "F1"
    _write(folder / "2026-05" / "reports.csv", text)
    _write(folder / "2026-06" / "reports.zip", packed.getvalue())
    taken = thin_inbox(inbox, tmp_path / "thinned", "police", 0.2, seed=2)
    by_file: dict[str, list[int]] = {}
    for item in taken:
        by_file.setdefault(item.file, []).append(item.record)
    first, second = by_file.values()
    assert first == second
    assert 15 < len(first) < 70


def test_an_absence_is_lost_in_extract_and_return_alike(tmp_path: Path) -> None:
    """Prevents a lost record of an authority from coming back with its return."""
    inbox = tmp_path / "inbox"
    days = [f"{day:02}" for day in range(1, 29)]
    extract = "miss_table_id,miss_person_id,miss_missing_episode_start_date\n"
    extract += "".join(f"M{day},77,2026-05-{day}\n" for day in days)
    table = "CHILD,DOB,MISSING,MIS_START\n"
    table += "".join(f"77,01/02/2010,M,{day}/05/2026\n" for day in days)
    return_ = "<CHILD><HEADER><CHILDID>77</CHILDID></HEADER>\n"
    return_ += "".join(
        f"<AMISSING><MISSING>M</MISSING><MIS_START>{day}/05/2026</MIS_START></AMISSING>\n"
        for day in days
    )
    paths = [
        _write(inbox / "authority_extract" / "373" / "q" / "ssd_missing.csv", extract.encode()),
        _write(inbox / "authority_return" / "373" / "y" / "missing.csv", table.encode()),
        _write(inbox / "authority_return" / "384" / "y" / "return.xml", return_.encode()),
    ]
    taken = thin_inbox(inbox, tmp_path / "thinned", "authority", 0.4, seed=3)
    kept = []
    for path, pattern in zip(
        paths, (r"2026-05-(\d\d)", r"(\d\d)/05/2026", r"<MIS_START>(\d\d)"), strict=True
    ):
        text = (tmp_path / "thinned" / path.relative_to(inbox)).read_text(encoding="utf-8")
        kept.append(re.findall(pattern, text))
    assert kept[0] == kept[1] == kept[2]
    assert 5 < len(kept[0]) < 25
    assert len(taken) == 3 * (28 - len(kept[0]))


def test_only_the_absences_of_an_extract_are_lost_and_workbooks_keep_their_head(
    tmp_path: Path,
) -> None:
    """Prevents children and placements from being lost with the absences of an authority."""
    inbox = tmp_path / "inbox"
    rows = b"id\n" + b"".join(f"{number}\n".encode() for number in range(100))
    folder = inbox / "authority_extract" / "373" / "2026-Q1"
    _write(folder / "ssd_missing.csv", rows)
    _write(folder / "ssd_person.csv", rows)
    book = openpyxl.Workbook()
    for number in range(100):
        book.active.append([f"id{number}" if number else "head", number or "note"])
    written = io.BytesIO()
    book.save(written)
    _write(inbox / "police_reports" / "F1" / "2026-05" / "extract.xlsx", written.getvalue())
    thin_inbox(inbox, tmp_path / "authority", "authority", 0.5, seed=1)
    thinned = tmp_path / "authority" / "authority_extract" / "373" / "2026-Q1"
    assert (thinned / "ssd_person.csv").read_bytes() == rows
    assert len((thinned / "ssd_missing.csv").read_bytes()) < len(rows)
    taken = thin_inbox(inbox, tmp_path / "police", "police", 0.5, seed=1)
    path = tmp_path / "police" / "police_reports" / "F1" / "2026-05" / "extract.xlsx"
    cells = [row[0] for row in openpyxl.load_workbook(path).active.iter_rows(values_only=True)]
    assert cells[0] == "head"
    assert len(cells) == 100 - len(taken) < 100


def _generation(path: Path, reports: str, judged: str) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema register")
        connection.execute("create schema agreement")
        columns = "rows (report_id_register, source, episode_id_register)"
        connection.execute(
            f"create table register.fct_reports as select * from (values {reports}) as {columns}"
        )
        columns = "rows (episode_id_register, source_status, reason_code)"
        connection.execute(
            f"create table agreement.fct_agreement as select * from (values {judged}) as {columns}"
        )
    return path


def test_what_both_recorded_and_one_alone_has_left_is_what_was_lost(tmp_path: Path) -> None:
    """Prevents absences that one source alone always had from counting as lost."""
    before = _generation(
        tmp_path / "before.duckdb",
        "('a1', 'authority', 'e1'), ('p1', 'police', 'e1'), ('a2', 'authority', 'e2'), "
        "('a3', 'authority', 'e3'), ('p3', 'police', 'e3')",
        "('e1', 'both', null), ('e2', 'authority_only', 'D4'), ('e3', 'both', 'D2')",
    )
    after = _generation(
        tmp_path / "after.duckdb",
        "('a1', 'authority', 'n1'), ('a2', 'authority', 'n2'), ('a3', 'authority', 'n3'), "
        "('p3', 'police', 'n3')",
        "('n1', 'authority_only', 'D0'), ('n2', 'authority_only', 'D4'), ('n3', 'both', 'D2')",
    )
    assert reasons_of_the_lost(before, after, "police") == [
        NamedReason("D0", 1, 1.0, 1),
        NamedReason("D4", 0, 0.0, 1),
    ]
    assert reasons_of_the_lost(before, before, "police") == [NamedReason("D4", 0, 0.0, 1)]
