"""Private files: what is encrypted, and what is noticed when an encrypted file is tampered with."""

from __future__ import annotations

import resource
from dataclasses import replace
from pathlib import Path

import pytest

from register.data_keys import DataKey, KeyRing
from register.private_files import (
    MARK,
    PrivateFileError,
    encrypt_again,
    list_private_files,
    read_key_id,
    read_private,
    write_private,
)
from register.settings import Settings

OLD, NEW = DataKey("old", "an old secret of a test home"), DataKey("new", "its new secret")
RING = KeyRing((NEW, OLD))
CHILD = b"Wilhelmina Testperson"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An encrypted file that names a child."""
    path = tmp_path / "decisions" / "links.csv"
    path.parent.mkdir()
    write_private(RING, path, CHILD * 100)
    return path


def test_an_encrypted_file_names_its_key_and_no_child(file: Path) -> None:
    """Prevents a stolen disk from naming a child."""
    assert CHILD not in file.read_bytes()
    assert read_key_id(file) == "new"
    assert file.stat().st_mode & 0o777 == 0o600
    assert read_private(RING, file) == CHILD * 100


def test_the_same_content_is_never_stored_as_the_same_bytes(file: Path) -> None:
    """Prevents a reader of the disk from seeing that two files have the same content."""
    first = file.read_bytes()
    write_private(RING, file, CHILD * 100)
    assert file.read_bytes()[len(MARK) + 20 :] != first[len(MARK) + 20 :]


@pytest.mark.parametrize("place", [len(MARK), len(MARK) + 6, -20, -1])
def test_a_changed_bit_is_noticed(file: Path, place: int) -> None:
    """Prevents a changed file from being read, in its key's id, its nonce, its text or its tag."""
    stored = bytearray(file.read_bytes())
    stored[place] ^= 1
    file.write_bytes(stored)
    with pytest.raises(PrivateFileError, match=r"decisions/links\.csv"):
        read_private(RING, file)


@pytest.mark.parametrize("kept", [0, len(MARK) + 4, len(MARK) + 10, -1])
def test_a_shortened_file_is_noticed(file: Path, kept: int) -> None:
    """Prevents rows that were cut off from being missed."""
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(PrivateFileError, match=r"decisions/links\.csv"):
        read_private(RING, file)


def test_a_file_under_another_name_is_noticed(file: Path) -> None:
    """Prevents one file from being put in place of another."""
    other = file.with_name("reviews.csv")
    file.rename(other)
    with pytest.raises(PrivateFileError, match="was changed"):
        read_private(RING, other)


def test_a_plain_file_in_an_encrypted_home_is_refused(file: Path) -> None:
    """Prevents somebody without the key from putting rows of theirs into an encrypted home."""
    file.write_bytes(b"decided_at\n")
    with pytest.raises(PrivateFileError, match="is not encrypted"):
        read_private(RING, file)


def test_an_encrypted_file_is_not_read_without_its_key(file: Path) -> None:
    """Prevents encrypted bytes from being read as rows if the settings lost their keys."""
    with pytest.raises(PrivateFileError, match="REGISTER_DATA_KEYS is not set"):
        read_private(None, file)
    with pytest.raises(PrivateFileError, match="the key 'new' is not in the key ring"):
        read_private(KeyRing((OLD,)), file)


def test_a_home_without_keys_stores_plain_files(tmp_path: Path) -> None:
    """Prevents an upgrade from changing the files of a home without keys."""
    path = tmp_path / "links.csv"
    write_private(None, path, CHILD)
    assert path.read_bytes() == CHILD == read_private(None, path)


def test_rotation_rewrites_plain_files_and_those_of_a_former_key(file: Path) -> None:
    """Prevents a former key from being needed for ever, and a plain file from staying plain."""
    plain, former = file.with_name("plain.csv"), file.with_name("former.csv")
    plain.write_bytes(CHILD)
    write_private(KeyRing((OLD,)), former, CHILD)
    for path in (plain, former):
        encrypt_again(RING, path)
    assert {read_private(KeyRing((NEW,)), path) for path in (plain, former)} == {CHILD}


@pytest.mark.usefixtures("settings")
def test_a_process_of_the_register_writes_no_core_file() -> None:
    """Prevents names and keys in memory from being written to disk when a process dies."""
    assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)


def test_every_kind_of_private_file_is_listed(settings: Settings) -> None:
    """Prevents a kind of file from being forgotten by the rotation of keys."""
    settings = replace(settings, data_keys=RING)
    places = (
        "landing/police_reports/police_reports-1/raw.tar",
        "landing/unknown_feed/unknown-1/file_names.json",
        "landing/.cache/fingerprints.json",
        "decisions/links.csv.under-former-key",
        "outbox/E23000099/20261101T000000.csv",
        "operations/audit/sample/case-001.html",
        "operations/review/20261101T000000/P1.html",
        "web/claims.json",
    )
    for place in places:
        path = settings.home / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    listed = {
        path.relative_to(settings.home).as_posix() for path in list_private_files(settings.home)
    }
    assert set(places) <= listed
    assert "decisions/links.csv" in listed
