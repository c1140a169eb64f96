"""The truth has every delivered record, once, and what was planted in it."""

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
    """Prevents records that cannot be scored for want of a truth."""
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


def test_every_absence_that_one_source_lacks_has_its_one_reason(demo: Simulated) -> None:
    """Prevents a confusion matrix with unknown causes."""
    absences = demo.truth("absences")
    codes = {f"D{number}" for number in range(1, 19)}
    for version, ending in (("delivered", ""), ("resubmitted", "_resubmitted")):
        police, authority = absences[f"is_{version}_police"], absences[f"is_{version}_authority"]
        cause, differences = absences[f"cause{ending}"], absences[f"difference_causes{ending}"]
        assert set(cause[police ^ authority]) <= codes
        assert set(cause[~police & ~authority]) <= {""}
        assert ((cause == "") == (differences == ""))[police & authority].all()
        assert (differences[~(police & authority)] == "").all()
    lacking = absences["is_delivered_police"] & ~absences["is_delivered_authority"]
    assert (absences["cause"] == absences["authority_cause"])[lacking].all()
    assert (absences["police_cause"] == "")[absences["is_delivered_police"]].all()


def test_every_reason_is_somewhere_the_true_one(demo: Simulated) -> None:
    """Prevents a reason whose rule no simulated case can try."""
    causes = set(demo.truth("absences")["cause"]) - {""}
    assert causes == {f"D{number}" for number in range(1, 19)}


def test_the_reason_of_a_record_is_one_of_its_reasons(demo: Simulated) -> None:
    """Prevents a primary reason that the full list does not have."""
    records = demo.truth("records")
    pairs = zip(records["cause"], records["causes"], strict=True)
    assert all(cause in causes.split("|") for cause, causes in pairs)
    assert records["causes"].str.contains("|", regex=False).any()


def test_a_lumped_absence_is_delivered_with_the_record_that_holds_it(demo: Simulated) -> None:
    """Prevents nights that count as unknown to an authority which has them in one long record."""
    absences = demo.truth("absences").set_index("absence_id")
    lumped = absences[absences["lumped_into"] >= 0]
    assert len(lumped) > 5
    holding = absences.loc[lumped["lumped_into"]]
    assert (holding["person_id"].to_numpy() == lumped["person_id"].to_numpy()).all()
    delivered = "is_delivered_authority"
    assert (holding[delivered].to_numpy() == lumped[delivered].to_numpy()).all()
    records = demo.truth("records")
    own = records[records["feed"] != "police_reports"]
    assert not own["absence_id"].isin(lumped.index).any()
    assert (own.loc[own["absence_id"].isin(lumped["lumped_into"]), "cause"] == "D9").all()


def test_breaks_are_in_the_truth_with_their_days(demo: Simulated) -> None:
    """Prevents a break that cannot be scored as found or missed."""
    breaks = demo.truth("breaks")
    absences = demo.truth("absences")
    for row in breaks.itertuples():
        column = "police_force_code" if row.source == "police" else "authority_code_dfe"
        lost = absences[absences[f"{row.source}_cause"] == "D17"]
        own = lost[lost[column] == row.supplier_code]
        assert len(own) > 5
        before = own["start_at_local"] < pd.Timestamp(str(row.first_date))
        assert before.all() if row.direction == "begins" else not before.any()


def test_a_child_placed_from_outside_england_is_known_to_the_police_alone(demo: Simulated) -> None:
    """Prevents an authority that returns another nation's child."""
    absences, records = demo.truth("absences"), demo.truth("records")
    outside = absences[absences["is_placed_from_outside"]]
    assert (outside["authority_cause"] == "D16").all()
    own = records[records["absence_id"].isin(outside["absence_id"])]
    assert set(own["feed"]) == {"police_reports"}
    mentions = demo.truth("mentions")
    assert set(mentions.loc[mentions["person_id"].isin(outside["person_id"]), "source"]) == {
        "police"
    }
