"""Manifests: any difference from a delivery's files holds it, and a right manifest does not."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping
from typing import Any

import pytest

from register.feeds import Delivery
from register.feeds.delivery_rules import MANIFEST_RULES
from register.feeds.ledger import read_entry
from register.feeds.retention import remove_content
from tests.feeds.deliveries import (
    COMPACT,
    MONTH,
    QUARTER,
    Home,
    extract_files,
    police_csv,
    report,
    zipped,
)

REPORTS = [report(n, sex="F", category="Missing") for n in range(1, 6)]
DATA = police_csv("compact", REPORTS)
RIGHT: dict[str, Any] = {
    "path": "reports.csv",
    "bytes": len(DATA),
    "hash": f"sha256:{hashlib.sha256(DATA).hexdigest()}",
    "rows": 5,
    "totals": {"Surname": 5, "case ref": 5, "Returned": 0},
}


def _manifest(*resources: object, **more: object) -> bytes:
    return json.dumps({"name": "any", "resources": list(resources), **more}).encode()


def _land(home: Home, files: Mapping[str, bytes]) -> Delivery:
    home.put_files("police_reports", COMPACT, MONTH, files)
    return home.land_one()


def _land_with(home: Home, manifest: bytes, **files: bytes) -> Delivery:
    return _land(home, {"reports.csv": DATA, "manifest.json": manifest, **files})


def _differences(home: Home, delivery: Delivery) -> list[tuple[str, str, str]]:
    return [
        (rule, file, column)
        for rule, file, _, column in home.rules(delivery)
        if rule.startswith("manifest_")
    ]


def test_a_right_manifest_changes_nothing_about_a_delivery(home: Home) -> None:
    """Prevents a manifest from being reported as an unknown file, or from holding a delivery."""
    delivery = _land_with(home, _manifest(RIGHT))
    assert (delivery.outcome, delivery.is_held, delivery.manifest) == ("accepted", False, "agrees")
    assert (delivery.landed_row_count, home.rules(delivery)) == (5, [])
    assert [file.name for file in delivery.delivered_files] == ["manifest.json", "reports.csv"]


def test_a_delivery_without_a_manifest_has_none_to_agree_with(home: Home) -> None:
    """Prevents every supplier from being held until it sends manifests."""
    delivery = _land(home, {"reports.csv": DATA})
    assert (delivery.is_held, delivery.manifest) == (False, None)


@pytest.mark.parametrize(
    "only", [{"path": "reports.csv"}, {**RIGHT, "hash": RIGHT["hash"].upper()}]
)
def test_a_manifest_may_list_no_more_than_the_path(home: Home, only: dict[str, Any]) -> None:
    """Prevents a manifest from being refused for a key that a supplier's tool does not write."""
    if "hash" in only:
        only = {**only, "hash": "sha256:" + only["hash"].removeprefix("SHA256:")}
    delivery = _land_with(home, b"\xef\xbb\xbf" + _manifest(only))
    assert (delivery.is_held, delivery.manifest) == (False, "agrees")


@pytest.mark.parametrize(
    ("change", "rule", "place"),
    [
        ({"bytes": len(DATA) + 1}, "manifest_content", "resources[0].bytes"),
        ({"bytes": len(DATA) - 1}, "manifest_content", "resources[0].bytes"),
        ({"hash": "sha256:" + "0" * 64}, "manifest_content", "resources[0].hash"),
        ({"rows": 6}, "manifest_rows", "resources[0].rows"),
        ({"rows": 4}, "manifest_rows", "resources[0].rows"),
        ({"totals": {"Surname": 4}}, "manifest_totals", "Surname"),
        ({"totals": {"Surname": 6}}, "manifest_totals", "Surname"),
        ({"totals": {"Returned": 1}}, "manifest_totals", "Returned"),
        ({"totals": {"Wilhelmina": 1}}, "manifest_totals", "resources[0].totals"),
    ],
)
def test_each_difference_holds_the_delivery_and_is_named_with_its_place(
    home: Home, change: dict[str, Any], rule: str, place: str
) -> None:
    """Prevents a file that was cut short or exchanged on its way from being used."""
    delivery = _land_with(home, _manifest({**RIGHT, **change}))
    assert (delivery.outcome, delivery.is_held) == ("accepted", True)
    assert (delivery.hold_rule_code, delivery.manifest) == (rule, "differs")
    assert _differences(home, delivery) == [(rule, "reports.csv", place)]
    assert "Wilhelmina" not in repr(home.feedback(delivery))


def test_a_file_that_was_cut_short_is_held_for_all_that_it_lacks(home: Home) -> None:
    """Prevents the first difference from hiding the others."""
    lines = DATA.splitlines(keepends=True)
    delivery = _land(home, {"reports.csv": b"".join(lines[:-1]), "manifest.json": _manifest(RIGHT)})
    assert [rule for rule, _, _ in _differences(home, delivery)] == [
        *["manifest_content"] * 2,
        "manifest_rows",
        *["manifest_totals"] * 2,
    ]


def test_a_listed_file_must_be_there_and_a_file_that_is_there_be_listed(home: Home) -> None:
    """Prevents a forgotten file, or one of another delivery, from passing unseen."""
    manifest = _manifest({"path": "Wilhelmina.csv"}, {"path": "reports.csv"})
    delivery = _land(home, {"reports.csv": DATA, "notes.txt": b"any", "manifest.json": manifest})
    assert _differences(home, delivery) == [
        ("manifest_missing_file", "manifest.json", "resources[0].path"),
        ("manifest_unlisted_file", "file_2.txt", ""),
    ]
    assert delivery.hold_rule_code == "manifest_missing_file"


INVALID = {
    "empty": (b"", ""),
    "no JSON": (b"{resources", ""),
    "a list": (b"[]", ""),
    "no resources": (b"{}", "resources"),
    "deep": (b"[" * 100_000, ""),
    "not UTF-8": (b'{"resources": [{"path": "\xff"}]}', ""),
    "no path": (_manifest({"bytes": 1}), "resources[0].path"),
    "an empty path": (_manifest({"path": ""}), "resources[0].path"),
    "several paths": (_manifest({"path": ["a", "b"]}), "resources[0].path"),
    "another hash": (_manifest(RIGHT, {"path": "b", "hash": "d41d8cd98f"}), "resources[1].hash"),
    "text": (_manifest({"path": "a", "bytes": "7"}), "resources[0].bytes"),
    "negative": (_manifest({"path": "a", "rows": -1}), "resources[0].rows"),
    "true": (_manifest({"path": "a", "rows": True}), "resources[0].rows"),
    "a name": (_manifest({"path": "a", "totals": {"Wilhelmina": "x"}}), "resources[0].totals"),
    "twice": (_manifest(RIGHT, RIGHT), "resources"),
}


@pytest.mark.parametrize("kind", INVALID)
def test_an_invalid_manifest_holds_the_delivery_and_names_the_place(home: Home, kind: str) -> None:
    """Prevents a manifest that nobody can read from counting as one that agrees."""
    content, place = INVALID[kind]
    delivery = _land_with(home, content)
    assert (delivery.is_held, delivery.manifest) == (True, "invalid")
    assert _differences(home, delivery) == [("manifest_invalid", "manifest.json", place)]


def _extract(home: Home, files: Mapping[str, bytes]) -> Delivery:
    home.put_files("authority_extract", "301", QUARTER, files)
    return home.land_one()


def test_a_manifest_may_list_an_archive_or_its_members(home: Home) -> None:
    """Prevents a supplier who packs the files from having to list them otherwise."""
    files = extract_files()
    packed = zipped(files)
    members = [{"path": name, "bytes": len(data), "rows": 1} for name, data in files.items()]
    within = [{**member, "path": f"all.zip/{member['path']}"} for member in members]
    for listed in (members, within, [{"path": "all.zip", "bytes": len(packed), "rows": 3}]):
        home.put_files(
            *("authority_extract", "301", QUARTER),
            {"all.zip": packed, "manifest.json": _manifest(*listed)},
        )
        (delivery,) = home.load().landed
        assert (delivery.manifest, home.rules(delivery)) == ("agrees", [])
    inside = zipped({**files, "manifest.json": _manifest(*members)})
    home.put_files("authority_extract", "301", QUARTER, {"all.zip": inside})
    (delivery,) = home.load().landed
    assert (delivery.manifest, home.rules(delivery)) == ("agrees", [])


def test_a_member_of_an_archive_that_differs_is_named(home: Home) -> None:
    """Prevents the members of an archive from being compared by their names alone."""
    files = extract_files()
    listed = [{"path": name, "rows": 2} for name in sorted(files)[:2]]
    packed = zipped({**files, "manifest.json": _manifest(*listed, {"path": "gone.csv"})})
    delivery = _extract(home, {"all.zip": packed})
    archive = next(file for _, file, _ in _differences(home, delivery)).partition("/")[0]
    assert _differences(home, delivery) == [
        ("manifest_rows", f"{archive}/ssd_missing.csv", "resources[0].rows"),
        ("manifest_rows", f"{archive}/ssd_person.csv", "resources[1].rows"),
        ("manifest_missing_file", f"{archive}/manifest.json", "resources[2].path"),
        ("manifest_unlisted_file", f"{archive}/ssd_version.csv", ""),
    ]


def test_a_manifest_in_a_folder_of_the_delivery_is_an_unknown_file(home: Home) -> None:
    """Prevents a file of another delivery from being taken for the manifest of this one."""
    delivery = _land(home, {"reports.csv": DATA, "old/manifest.json": _manifest()})
    assert (delivery.is_held, delivery.manifest) == (False, None)
    assert [rule for rule, *_ in home.rules(delivery)] == ["unknown_file"]


def test_a_rejected_delivery_hears_of_its_manifest_too(home: Home) -> None:
    """Prevents a supplier from correcting a file and being held for its manifest afterwards."""
    listed = [{**RIGHT, "bytes": 0, "rows": 9}]
    delivery = _land(home, {"reports.csv": b"", "manifest.json": _manifest(*listed)})
    assert (delivery.outcome, delivery.manifest) == ("rejected", "differs")
    assert not delivery.is_held
    assert _differences(home, delivery) == [
        ("manifest_content", "reports.csv", "resources[0].hash")
    ]


def test_a_person_may_confirm_a_delivery_that_differs(home: Home) -> None:
    """Prevents a wrong manifest from keeping out a delivery that is right, for ever."""
    from register.feeds import decide_delivery, select_used_deliveries

    delivery = _land_with(home, _manifest({**RIGHT, "rows": 6}))
    assert select_used_deliveries(home.settings, [delivery]) == []
    decide_delivery(home.settings, delivery.delivery_id, "confirm", "Ann", "by telephone")
    assert select_used_deliveries(home.settings, [delivery]) == [delivery]


def test_any_manifest_leaves_the_delivery_whole(home: Home) -> None:
    """Prevents an odd manifest from stopping a load, or from losing a record."""
    generator = random.Random(7)
    text = _manifest(RIGHT)
    for number in range(60):
        mutant = bytearray(text)
        for _ in range(generator.randint(1, 4)):
            place = generator.randrange(len(mutant))
            if generator.random() < 0.5:
                mutant[place] = generator.randrange(256)
            else:
                del mutant[place : place + generator.randint(1, 9)]
        folder = home.settings.inbox / "police_reports" / COMPACT / f"2026-{1 + number % 10:02d}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "reports.csv").write_bytes(DATA)
        (folder / "manifest.json").write_bytes(bytes(mutant))
        if number % 10 == 9:
            landed = home.load().landed
            assert all(entry.manifest in {"agrees", "differs", "invalid"} for entry in landed)
            assert [entry.received_row_count for entry in landed] == [5] * 10


def test_the_hashes_of_delivered_files_stay_when_their_content_is_removed(home: Home) -> None:
    """Prevents a receipt from depending on copies that a home may not keep."""
    delivery = _land_with(home, _manifest(RIGHT))
    remove_content(home.settings, [delivery.delivery_id], lambda _: None)
    entry = read_entry(home.folder(delivery) / "delivery.json")
    assert (entry.delivered_files, entry.is_copy_kept) == (delivery.delivered_files, False)


def test_every_rule_about_manifests_holds(home: Home) -> None:
    """Prevents a difference from being reported and used all the same."""
    from register.feeds.seeds import load_delivery_rules

    rules = load_delivery_rules(home.settings.seeds)
    assert len(MANIFEST_RULES) == 6
    assert {rules[rule.value].outcome for rule in MANIFEST_RULES} == {"held"}
