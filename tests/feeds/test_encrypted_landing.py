"""Landing in a home with data keys: nothing that names a child is stored plain."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from register.data_keys import DataKey, KeyRing
from register.encrypted_kinds import ENCRYPTED_KINDS
from register.feeds import examine_landing, find_delivered_name, read_ledger
from register.feeds.outbox import fill_outbox
from register.feeds.raw_copies import read_raw_copies
from register.home import prepare_home
from register.key_rotation import rotate_files
from register.private_files import PrivateFileError, list_private_files, read_key_id
from register.settings import Settings
from tests.end_to_end.planted import PLANTED, fill_inbox
from tests.feeds.deliveries import COMPACT, MONTH, Home, police_csv, report

RING = KeyRing((DataKey("test", "a secret of a test home"),))
CHILD_FILE = os.fsdecode(b"Wilhelmina Zo\xeb.csv")


@pytest.fixture
def home(settings: Settings) -> Home:
    """A home with data keys and one delivery in its inbox, whose file is named after a child."""
    encrypted = replace(settings, home=settings.home / "encrypted", data_keys=RING)
    prepare_home(encrypted)
    home = Home(encrypted)
    _put_delivery(home)
    return home


def _put_delivery(home: Home) -> None:
    rows = [{"sex": "F", "category": "Missing", **report(1)}]
    home.put_files(
        "police_reports", COMPACT, MONTH, {CHILD_FILE: police_csv("compact", rows), "a.txt": b""}
    )


def _list_plain_files(landing: Path) -> set[str]:
    return {
        path.name
        for path in landing.rglob("*")
        # Parquet files have an encryption of their own.
        if path.is_file() and path.suffix != ".parquet"
        if b"Wilhelmina" in path.read_bytes() + os.fsencode(path)
    }


def test_landing_stores_no_name_and_keeps_the_delivered_bytes(home: Home) -> None:
    """Prevents a child's name from lying in a raw copy, in its file's name or in a cache."""
    entry = home.land_one()
    folder = home.folder(entry)
    assert _list_plain_files(home.settings.landing) == set()
    copies = {copy.path: copy.data for copy in read_raw_copies(RING, folder)}
    inbox = home.settings.inbox / "police_reports" / COMPACT / MONTH
    assert copies == {path.name: path.read_bytes() for path in inbox.iterdir()}
    names = [find_delivered_name(RING, folder, f"file_{number}.csv") for number in (1, 2)]
    assert CHILD_FILE in names
    assert home.load().unchanged_count == 1


def test_no_form_of_delivery_leaves_a_plain_name(home: Home) -> None:
    """Prevents a name in an archive, a sheet, a rejected file or feedback from lying plain."""
    fill_inbox(home)
    landed = home.load().landed
    assert {entry.outcome for entry in landed} >= {"rejected", "accepted"}
    statuses = {entry.delivery_id: "current" for entry in landed}
    assert fill_outbox(home.settings, "20261124T120000", [], statuses)
    searched = [
        path
        for folder in (home.settings.landing, home.settings.outbox, home.settings.decisions)
        for path in folder.rglob("*")
        if path.is_file()
    ]
    assert {path.suffix for path in searched} >= {".tar", ".json", ".csv", ".parquet"}
    named = {
        path.relative_to(home.settings.home).as_posix()
        for path in searched
        if PLANTED.search(path.read_bytes().decode("latin-1")) or PLANTED.search(str(path))
    }
    assert named == set()
    private = list(list_private_files(home.settings.home))
    assert {path.relative_to(home.settings.home).parts[0] for path in private} >= {"outbox"}
    assert [path for path in private if read_key_id(path) != "test"] == []


def test_an_id_is_the_hash_of_the_delivered_bytes(home: Home, tmp_path: Path) -> None:
    """Prevents a delivery from landing twice because the home received keys."""
    plain = Home(replace(home.settings, home=tmp_path / "plain", data_keys=None))
    prepare_home(plain.settings)
    _put_delivery(plain)
    assert plain.land_one().delivery_id == home.land_one().delivery_id


def test_a_damaged_delivery_is_landed_again_from_its_encrypted_copy(home: Home) -> None:
    """Prevents a delivery from being lost because its copy is encrypted."""
    entry = home.land_one()
    (home.folder(entry) / "delivery.json").write_text("{", encoding="utf-8")
    shutil.rmtree(home.settings.inbox)
    assert home.load().mended == (entry.delivery_id,)
    # The tables are encrypted anew, so their hashes differ.
    (mended,) = read_ledger(home.settings)
    assert mended.model_copy(update={"files": entry.files}) == entry
    assert _list_plain_files(home.settings.landing) == set()


def test_a_changed_copy_is_found(home: Home) -> None:
    """Prevents a changed copy from being taken for what was delivered."""
    path = home.folder(home.land_one()) / "raw.tar"
    assert examine_landing(home.settings.landing, is_deep=True, ring=RING).damaged == []
    stored = bytearray(path.read_bytes())
    stored[-100] ^= 1
    path.write_bytes(stored)
    (damage,) = examine_landing(home.settings.landing, is_deep=True, ring=RING).damaged
    assert damage.reason == "its raw copy is not what was delivered"


def test_a_home_that_receives_keys_encrypts_what_it_has(home: Home) -> None:
    """Prevents deliveries that landed before the keys from staying plain."""
    home = Home(replace(home.settings, home=home.settings.home / "plain", data_keys=None))
    prepare_home(home.settings)
    _put_delivery(home)
    entry = home.land_one()
    folder = home.folder(entry)
    assert _list_plain_files(home.settings.landing)
    with pytest.raises(PrivateFileError, match="keys rotate"):
        read_raw_copies(RING, folder)
    encrypted = replace(home.settings, data_keys=RING)
    assert {folder} < {path for _, path in rotate_files(encrypted, ENCRYPTED_KINDS)}
    assert _list_plain_files(home.settings.landing) == set()
    assert examine_landing(home.settings.landing, is_deep=True, ring=RING).damaged == []
