"""Deliveries that are refused as a whole, recognised, or superseded."""

from __future__ import annotations

import codecs
import io
import os
import struct
import zipfile

import pytest

from register.feeds import note_copies, read_inbox_state, read_ledger
from tests.feeds.deliveries import (
    AUTHORITY,
    COMPACT,
    MONTH,
    NOW,
    QUARTER,
    YEAR,
    Home,
    extract_files,
    force_of,
    police_csv,
    report,
    zipped,
)

GOOD = police_csv("compact", [report(1), report(2)])


def _bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("reports.csv", b"0" * (40 << 20))
    return packed.getvalue()


def _lying_bomb() -> bytes:
    """An archive whose directory says 100 bytes and whose data are 40 MB."""
    data = bytearray(_bomb())
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = struct.pack("<I", 100)
    return bytes(data)


def _encrypted() -> bytes:
    """A zip that is marked as encrypted: no test needs one that opens."""
    data = bytearray(zipped({"reports.csv": GOOD}))
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def _doubled() -> bytes:
    """Two members of one name (as different ones of the same length, then renamed)."""
    return zipped({"a.csv": GOOD, "b.csv": GOOD}).replace(b"b.csv", b"a.csv")


HEADER_ONLY = GOOD.splitlines()[0] + b"\r\n"
REFUSED = [
    ("empty_file", {"reports.csv": b""}),
    ("empty_file", {"reports.csv": b"\r\n\r\n"}),
    ("empty_file", {"reports.zip": b""}),
    ("header_only", {"reports.csv": HEADER_ONLY}),
    ("missing_file", {"reports.dat": GOOD}),
    ("truncated_zip", {"reports.zip": zipped({"reports.csv": GOOD})[:-40]}),
    ("not_a_zip", {"reports.zip": GOOD}),
    ("wrong_password", {"reports.zip": _encrypted()}),
    ("unsupported_zip", {"reports.zip": zipped({"inner.zip": zipped({"a.csv": GOOD})})}),
    ("unsupported_zip", {"reports.zip": _doubled()}),
    ("path_traversal", {"reports.zip": zipped({"../../escaped.csv": GOOD})}),
    ("path_traversal", {"reports.zip": zipped({"/escaped.csv": GOOD})}),
    ("path_traversal", {"reports.zip": zipped({"..\\escaped.csv": GOOD})}),
    ("path_traversal", {"reports.zip": zipped({"C:\\escaped.csv": GOOD})}),
    ("zip_bomb", {"reports.zip": _bomb()}),
    ("wrong_encoding", {"reports.csv": GOOD.replace(b"Wilhelmina", b"Zo\xeb")}),
    ("wrong_encoding", {"reports.csv": GOOD.decode().encode("utf-16-le")}),
    (
        "wrong_encoding",
        {"reports.csv": codecs.BOM_UTF16_LE + GOOD.decode().encode("utf-16-le")[1:]},
    ),
]


@pytest.mark.parametrize(("rule", "files"), REFUSED, ids=lambda value: str(value)[:40])
def test_a_delivery_that_cannot_be_read_is_rejected_with_its_reason(
    home: Home, rule: str, files: dict[str, bytes]
) -> None:
    """Prevents one broken file from stopping every other supplier's load."""
    home.put_files("police_reports", COMPACT, MONTH, files)
    home.put_files("authority_extract", AUTHORITY, QUARTER, extract_files())
    summary = home.load()
    by_feed = {delivery.feed: delivery for delivery in summary.landed}
    rejected = by_feed["police_reports"]
    assert rejected.outcome == "rejected"
    assert rejected.reject_rule_code == rule
    assert (rejected.received_row_count, rejected.table_names) == (0, ())
    assert [line["rule_code"] for line in home.feedback(rejected)] == [rule]
    assert home.feedback(rejected)[0]["what_to_fix"]
    assert by_feed["authority_extract"].outcome == "accepted"
    copies = {path.name for path in (home.folder(rejected) / "raw").iterdir()}
    assert copies == set(files)


def test_a_bomb_that_lies_about_its_size_writes_nothing(home: Home) -> None:
    """Prevents an archive's directory from being believed."""
    home.put_files("police_reports", COMPACT, MONTH, {"reports.zip": _lying_bomb()})
    delivery = home.land_one()
    assert delivery.reject_rule_code in ("zip_bomb", "truncated_zip")


def test_nothing_is_written_outside_landing_by_an_archive(home: Home) -> None:
    """Prevents a supplier from placing files on the register's machine."""
    home.put_files("police_reports", COMPACT, MONTH, {"a.zip": zipped({"../../escaped.csv": GOOD})})
    home.load()
    everywhere = {path.name for path in home.settings.home.parent.rglob("*")}
    assert "escaped.csv" not in everywhere


def test_an_encoding_is_not_guessed_in_either_direction(home: Home) -> None:
    """Prevents names from being landed as two wrong letters each."""
    niche = police_csv("niche", [report(1, forenames="Zoë")])
    utf8 = niche.decode("cp1252").encode("utf-8")
    home.put_files("police_reports", force_of("niche"), MONTH, {"misper.csv": utf8})
    delivery = home.land_one()
    assert home.rules(delivery) == [("wrong_encoding", "misper.csv", "2", "")]


@pytest.mark.parametrize(
    ("rule", "feed", "supplier", "period"),
    [
        ("unknown_supplier", "police_reports", "E23999999", MONTH),
        ("unknown_supplier", "authority_return", "999", YEAR),
        ("unknown_supplier", "police_reports", AUTHORITY, MONTH),
        ("unknown_feed", "hospital_visits", COMPACT, MONTH),
        ("malformed_period", "police_reports", COMPACT, "October"),
        ("malformed_period", "police_reports", COMPACT, "2026-13"),
        ("malformed_period", "authority_return", AUTHORITY, "2025-27"),
        ("future_period", "police_reports", COMPACT, "2026-12"),
        ("future_period", "authority_return", AUTHORITY, "2027-28"),
    ],
)
def test_a_delivery_in_the_wrong_place_is_rejected(
    home: Home, rule: str, feed: str, supplier: str, period: str
) -> None:
    """Prevents data from being counted for a supplier or a period that it is not of."""
    home.put_files(feed, supplier, period, {"reports.csv": GOOD})
    delivery = home.land_one()
    assert (delivery.outcome, delivery.reject_rule_code) == ("rejected", rule)
    assert home.rules(delivery) == [(rule, "", "", "")]


def test_a_file_put_above_the_period_is_rejected_and_not_overlooked(home: Home) -> None:
    """Prevents a delivery that goes unnoticed because it is one folder too high."""
    folder = home.settings.inbox / "police_reports" / COMPACT
    folder.mkdir(parents=True)
    (folder / "reports.csv").write_bytes(GOOD)
    assert home.land_one().reject_rule_code == "malformed_period"


def test_the_same_bytes_again_are_recognised_and_not_landed_twice(home: Home) -> None:
    """Prevents a delivery sent twice from doubling its children."""
    folder = home.put_reports(GOOD)
    first = home.land_one()
    unread = home.load()
    assert (unread.landed, unread.recognised, unread.unchanged_count) == ((), (), 1)
    os.utime(folder / "reports.csv")
    again = home.load()
    assert again.landed == ()
    assert again.recognised == (first.delivery_id,)
    assert len(read_ledger(home.settings)) == 1


def test_a_resubmission_is_a_new_delivery_and_the_old_one_is_kept(home: Home) -> None:
    """Prevents history from being overwritten by a correction."""
    home.put_reports([report(1), report(2)])
    first = home.land_one()
    home.put_reports([report(1), report(2), report(3)])
    home.load()
    ledger = read_ledger(home.settings)
    assert {entry.period for entry in ledger} == {MONTH}
    assert len({entry.delivery_id for entry in ledger}) == 2
    assert sorted(entry.landed_row_count for entry in ledger) == [2, 3]
    assert len(home.rows(first, "reports")) == 2


def test_the_id_of_a_delivery_is_made_from_its_bytes_and_its_place(home: Home) -> None:
    """Prevents a rebuilt landing from giving other ids to the same deliveries."""
    home.put_reports(GOOD)
    delivery = home.land_one()
    assert delivery.delivery_id.startswith(f"police_reports-{COMPACT}-{MONTH}-")
    assert delivery.delivery_id.endswith(delivery.content_hash[:12])
    assert delivery.received_at == "2026-11-02T09:00:00Z"


def test_a_zip_and_a_folder_of_the_same_files_give_the_same_rows(home: Home) -> None:
    """Prevents the packing from changing the data."""
    home.put_files("authority_extract", "301", QUARTER, extract_files())
    home.put_files("authority_extract", "302", QUARTER, {"all.zip": zipped(extract_files())})
    landed = {item.supplier_code: item for item in home.load().landed}
    plain, packed = (home.rows(landed[code], "ssd_person") for code in ("301", "302"))
    hidden = ("_file", "_delivery_id")
    assert [{k: v for k, v in row.items() if k not in hidden} for row in plain] == [
        {k: v for k, v in row.items() if k not in hidden} for row in packed
    ]
    assert packed[0]["_file"] == "all.zip/ssd_person.csv"


def test_notes_of_a_desktop_are_no_part_of_a_delivery(home: Home) -> None:
    """Prevents a good archive from being refused for what a desktop added to it."""
    notes = {"__MACOSX/._reports.csv": b"\0\5", ".DS_Store": b"\0", "~$reports.csv": b"x"}
    home.put_files(
        "police_reports", COMPACT, MONTH, {"r.zip": zipped({"reports.csv": GOOD, **notes})}
    )
    delivery = home.land_one()
    assert (delivery.outcome, delivery.landed_row_count) == ("accepted", 2)


def test_the_inbox_says_what_is_new_without_reading_it(home: Home) -> None:
    """Prevents a sensor from starting loads for what was landed, or missing what was not."""
    empty = read_inbox_state(home.settings)
    home.put_reports(GOOD)
    assert [item.feed for item in read_inbox_state(home.settings).new] == ["police_reports"]
    home.load()
    home.put_files("authority_extract", AUTHORITY, QUARTER, extract_files())
    full = read_inbox_state(home.settings)
    assert [item.feed for item in full.new] == ["authority_extract"]
    assert full.cursor != empty.cursor
    landed = home.load().landed
    assert [entry.feed for entry in landed] == ["authority_extract"]
    left = read_inbox_state(home.settings)
    assert left.new == ()
    assert (left.cursor, left.delivery_count) == (full.cursor, 2)


def test_a_delivery_sent_again_unchanged_is_not_new(home: Home) -> None:
    """Prevents a whole load because a supplier's tool copied every file once more."""
    home.put_reports(GOOD)
    # A feed that nobody knows is rejected, and is known afterwards as well.
    home.put_files("police_letters", COMPACT, MONTH, {"letters.csv": GOOD})
    home.load()
    files = [path for path in home.settings.inbox.rglob("*") if path.is_file()]
    for file in files:
        os.utime(file, (0, 0))
    assert len(read_inbox_state(home.settings).new) == 2
    note_copies(home.settings)
    assert read_inbox_state(home.settings).new == ()
    file.write_bytes(file.read_bytes() + b"\n")
    note_copies(home.settings)
    assert len(read_inbox_state(home.settings).new) == 1


def test_a_file_that_is_still_being_sent_waits(home: Home) -> None:
    """Prevents half a file from being rejected while it arrives."""
    files = {"reports.csv.part": GOOD[:50], "also_reports.csv": GOOD}
    home.put_files("police_reports", COMPACT, MONTH, files, received=NOW)
    state = read_inbox_state(home.settings, NOW)
    assert (state.new, len(state.waiting)) == ((), 1)
    summary = home.load()
    assert (summary.landed, summary.waiting) == ((), (f"police_reports/{COMPACT}/{MONTH}",))


def test_a_lost_cache_only_costs_reading(home: Home) -> None:
    """Prevents the cache from being needed for what is right."""
    home.put_reports(GOOD)
    delivery = home.land_one()
    (home.settings.landing / ".cache" / "fingerprints.json").write_text("damaged")
    summary = home.load()
    assert (summary.landed, summary.recognised) == ((), (delivery.delivery_id,))
