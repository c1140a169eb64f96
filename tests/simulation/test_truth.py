"""The truth knows every delivered record, once, and what was planted in it."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from tests.simulation.conftest import Simulated


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".zip" and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield from ((name, archive.read(name)) for name in archive.namelist())
        elif path.is_file():
            yield path.name, path.read_bytes()


def _column(content: bytes, encoding: str, delimiter: str, name: str) -> list[str]:
    rows = csv.DictReader(io.StringIO(content.decode(encoding)), delimiter=delimiter)
    return [row[name] for row in rows if row[name] is not None]


def _delivered_references(demo: Simulated) -> set[tuple[str, str]]:
    dirty = demo.truth("dirty")
    bad = set(zip(dirty["feed"], dirty["supplier_code"], dirty["period"], strict=True))
    found: set[tuple[str, str]] = set()
    for root in ("inbox", "resubmissions"):
        for folder in (demo.home / root / "police_reports").glob("*/*"):
            force, period = folder.parts[-2:]
            if ("police_reports", force, period) in bad:
                continue
            for name, content in _files(folder):
                if name.startswith("missing_reports"):
                    refs = _column(content, "utf-8", ",", "Case Ref")
                elif name.startswith("NICHE"):
                    refs = _column(content, "cp1252", ";", "OCC_URN")
                elif name.startswith("connect"):
                    refs = _column(content, "utf-8-sig", "|", "MisperId")
                else:
                    frame = pd.read_excel(io.BytesIO(content), dtype=str)
                    refs = frame["Investigation Number"].to_list()
                found |= {(force, ref) for ref in refs if ref != "TOTAL"}
    return found


def test_every_delivered_police_report_is_known_exactly_once(demo: Simulated) -> None:
    """Prevents records whose truth nobody can score."""
    records = demo.truth("records")
    police = records[records["feed"] == "police_reports"]
    keys = list(zip(police["supplier_code"], police["source_id"], strict=True))
    assert len(keys) == len(set(keys)) > 3000
    assert set(keys) == _delivered_references(demo)


def test_every_delivered_absence_of_an_authority_is_known_exactly_once(demo: Simulated) -> None:
    """Prevents an extract or a return with rows out of nowhere."""
    records = demo.truth("records")
    assert not records.duplicated(["feed", "supplier_code", "source_id"]).any()
    planted = demo.truth("planted")
    ids = set(planted["child"])
    for folder in (demo.home / "inbox" / "authority_extract").iterdir():
        period = max(path.name for path in folder.iterdir())
        if period == "2026-Q4":
            continue
        own = records[records["supplier_code"] == folder.name]
        known = set(own.loc[own["feed"] == "authority_extract", "source_id"])
        delivered = [
            ref
            for name, content in _files(folder / period)
            if name == "ssd_missing.csv"
            for ref in _column(content, "utf-8-sig", ",", "miss_table_id")
        ]
        assert len(delivered) == len(set(delivered))
        assert set(delivered) <= known
    returned = records[records["feed"] == "authority_return"]
    for folder in (demo.home / "inbox" / "authority_return").glob("*/*"):
        known = set(returned.loc[returned["supplier_code"] == folder.parts[-2], "source_id"])
        for name, content in _files(folder):
            if name != "missing.csv":
                continue
            for row in csv.DictReader(io.StringIO(content.decode())):
                key = f"{row['CHILD']}|{row['MIS_START']}|{row['MISSING']}"
                assert key in known or row["CHILD"] in ids, "a row without truth"


def test_every_rule_on_missing_has_a_planted_failure(demo: Simulated) -> None:
    """Prevents a rule that no simulated return ever breaks."""
    rules = {
        "1004", "1005", "1006", "564", "565", "566", "567", "570", "571", "574", "575", "576",
        "577", "578", "580", "581", "586", "1012", "INT04", "INT13",
    }  # fmt: skip
    assert set(demo.truth("planted")["rule_code"]) == rules | {""}


def test_bad_deliveries_lie_where_the_truth_says(demo: Simulated) -> None:
    """Prevents an expected outcome for a delivery that was never made."""
    dirty = demo.truth("dirty")
    assert {
        "empty_file", "header_only", "truncated_zip", "wrong_password", "not_a_zip",
        "missing_required_column", "swapped_columns", "unknown_column", "unclosed_quote",
        "wrong_field_count", "impossible_date", "unmapped_code", "wrong_encoding", "nul_bytes",
        "missing_footer", "unknown_supplier", "unknown_feed", "future_period", "path_traversal",
        "zip_bomb", "xml_entities", "shrunk_delivery", "mixed_line_ends",
    } <= set(dirty["case"])  # fmt: skip
    for row in dirty.itertuples():
        folder = demo.period(row.feed, row.supplier_code, row.period)
        assert any(folder.iterdir()), row.case
    good = demo.truth("deliveries")
    good = good[good["status"] == "delivered"]
    assert not good.duplicated(["feed", "supplier_code", "period"]).any()


def test_an_adopted_child_who_returns_is_two_unlinked_persons(demo: Simulated) -> None:
    """Prevents a truth that rewards relinking an adopted child."""
    persons = demo.truth("persons")
    pairs = persons[persons["adoption_pair"] >= 0].groupby("adoption_pair")
    assert pairs.ngroups > 0
    for _, pair in pairs:
        assert len(pair) == 2
        assert pair["dob"].nunique() == 1
        assert pair["surname"].nunique() == 2
    mentions = demo.truth("mentions")
    shared = mentions.groupby(["source", "supplier_code", "person_source_id"])[
        "person_id"
    ].nunique()
    assert shared.max() == 1


def test_counts_agree_with_the_absences_that_they_count(demo: Simulated) -> None:
    """Prevents a yardstick that is itself wrong."""
    absences, counts = demo.truth("absences"), demo.truth("counts")
    both = absences["is_delivered_police"] & absences["is_delivered_authority"]
    first = counts[counts["version"] == "delivered"]
    assert first["both"].sum() == both.sum() > 500
    total = first[["both", "police_only", "authority_only", "neither"]].to_numpy().sum()
    assert total == len(absences)


def test_every_absence_that_one_source_lacks_has_its_reason(demo: Simulated) -> None:
    """Prevents a confusion matrix with causes that nobody knows."""
    absences = demo.truth("absences")
    police_only = absences[absences["is_delivered_police"] & ~absences["is_delivered_authority"]]
    authority_only = absences[~absences["is_delivered_police"] & absences["is_delivered_authority"]]
    assert (police_only["authority_cause"] != "").all()
    assert (authority_only["police_cause"] != "").all()
    assert {"D1", "D3", "D5", "D10", "D16"} <= set(police_only["authority_cause"])
    assert "D4" in set(authority_only["police_cause"])
    causes = set(demo.truth("records")["cause"])
    assert {"D2", "D8", "D9", "D11", "D12", "D13", "D14"} <= causes
