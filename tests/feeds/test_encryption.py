"""What landing writes in a home with keys: no name in any byte, and the same rows for readers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from register import rewritten_files
from register.data_keys import DataKey, KeyRing
from register.databases import (
    DatabaseKeyError,
    attach_database,
    copy_database,
    is_encrypted,
    load_secure_random,
    open_database,
)
from register.encrypted_kinds import ENCRYPTED_KINDS
from register.feeds import examine_landing, read_ledger
from register.home import prepare_home
from register.key_rotation import (
    PLAIN,
    RotationError,
    check_rotation,
    count_files,
    rotate_files,
)
from register.parquet_files import (
    ParquetKeyError,
    add_parquet_keys,
    count_parquet_rows,
    read_parquet,
    write_parquet,
)
from register.settings import Settings
from tests.dbt.functions import rendered
from tests.feeds.deliveries import Home, report

OLD = DataKey("k1", "mN8vB3cX5zL1kJ7hG4fD9sA2pO6iU0yT")
NEW = DataKey("k2", "bX4kQ9wZ2tR7yU1nP6sD3fG8hJ5vC0mL")
# Names that no code, heading or message has in it.
PLANTED = {"forenames": "Quillonia", "surname": "Zyxwickham"}
TABLES = "landed tables"


@pytest.fixture
def encrypted(home: Home) -> Home:
    """A home with a key, into which one delivery that names a child was landed."""
    result = Home(replace(home.settings, data_keys=KeyRing((OLD,))))
    shutil.rmtree(result.settings.decisions)
    prepare_home(result.settings)
    result.put_reports([report(1, **PLANTED), report(2)])
    result.land_one()
    return result


def rotated(settings: Settings) -> Settings:
    """Return the settings after a new key was put before the old one."""
    return replace(settings, data_keys=KeyRing((NEW, OLD)))


def landed_file(settings: Settings, name: str = "reports") -> Path:
    """Return a Parquet file of the only delivery of police reports."""
    (path,) = (settings.landing / "police_reports").glob(f"*/{name}.parquet")
    return path


def test_no_byte_of_landed_tables_has_a_planted_name(encrypted: Home) -> None:
    """Prevents names of children in plain Parquet files."""
    plain = Home(replace(encrypted.settings, data_keys=None))
    for path in encrypted.settings.landing.rglob("*.parquet"):
        content = path.read_bytes()
        assert content[:4] == content[-4:] == b"PARE", path
        for name in PLANTED.values():
            assert name.encode() not in content
    rows = read_parquet(encrypted.settings.data_keys, landed_file(encrypted.settings))
    assert rows["surname"][0].as_py() == PLANTED["surname"]
    for folder in (plain.settings.landing, plain.settings.decisions):
        shutil.rmtree(folder)
    prepare_home(plain.settings)
    plain.load()
    expected = pq.read_table(landed_file(plain.settings))
    assert rows.select(expected.column_names).equals(expected)
    assert PLANTED["surname"].encode() in landed_file(plain.settings).read_bytes()


def test_a_wrong_or_missing_key_is_refused_by_name(encrypted: Home) -> None:
    """Prevents an operator who cannot tell a lost key from a damaged file."""
    path = landed_file(encrypted.settings)
    with pytest.raises(ParquetKeyError, match=r"no key opens reports\.parquet.* has: k2"):
        read_parquet(KeyRing((NEW,)), path)
    with pytest.raises(ParquetKeyError, match="REGISTER_DATA_KEYS is not set"):
        read_parquet(None, path)
    plain = path.with_name("plain.parquet")
    write_parquet(None, pa.table({"a": [1]}), plain)
    with pytest.raises(ParquetKeyError, match="is not encrypted: run `register keys rotate`"):
        read_parquet(encrypted.settings.data_keys, plain)


def test_a_rotation_that_is_killed_is_finished_by_the_next(
    encrypted: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a home that is half under a key that was thrown away, or that counts as damaged."""
    settings, entries = rotated(encrypted.settings), read_ledger(encrypted.settings)
    replace_file = Path.replace
    calls = iter(range(100))

    def die_at_the_third(self: Path, target: Path) -> Path:
        if ".partial" in self.name and next(calls) == 2:
            raise KeyboardInterrupt
        return replace_file(self, target)

    monkeypatch.setattr(Path, "replace", die_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        list(rotate_files(settings, ENCRYPTED_KINDS))
    monkeypatch.undo()
    counts = count_files(settings, ENCRYPTED_KINDS)
    assert counts[TABLES, "k2"] == 2
    assert counts[TABLES, "k1"] > 2
    assert examine_landing(settings.landing, ring=settings.data_keys).damaged == []
    with pytest.raises(RotationError, match="under the key k2: run `register keys rotate`"):
        check_rotation(settings, ENCRYPTED_KINDS)
    landed_file(settings).with_name(".partial-0").write_bytes(b"left by a process that was killed")
    done = len(list(rotate_files(settings, ENCRYPTED_KINDS)))
    assert done == sum(count for (_, key_id), count in counts.items() if key_id == "k1")
    only_new = replace(settings, data_keys=KeyRing((NEW,)))
    check_rotation(only_new, ENCRYPTED_KINDS)
    assert {key_id for _, key_id in count_files(only_new, ENCRYPTED_KINDS)} == {"k2"}
    assert examine_landing(settings.landing, ring=only_new.data_keys, is_deep=True).damaged == []
    assert read_ledger(only_new) == entries
    rows = read_parquet(only_new.data_keys, landed_file(only_new))
    assert rows["surname"][0].as_py() == PLANTED["surname"]
    assert not list(settings.landing.rglob(".partial-*"))


def test_a_file_changed_after_a_rotation_is_still_damage(encrypted: Home) -> None:
    """Prevents a rotation after which nobody notices that a landed file was exchanged."""
    settings = rotated(encrypted.settings)
    list(rotate_files(settings, ENCRYPTED_KINDS))
    path = landed_file(settings)
    write_parquet(settings.data_keys, pa.table({"a": [1]}), path)
    (damage,) = examine_landing(settings.landing, ring=settings.data_keys).damaged
    assert damage.reason == "reports.parquet is not the file that was landed"


def test_a_line_of_the_record_by_a_stranger_counts_for_nothing(encrypted: Home) -> None:
    """Prevents an exchanged file that a forged line of the record makes right."""
    settings = encrypted.settings
    path = landed_file(settings)
    forged = KeyRing((DataKey("k1", NEW.secret),))
    rewritten_files.replace_file(
        forged,
        settings.landing,
        path,
        lambda new: write_parquet(forged, pa.table({"a": [1]}), new),
    )
    assert len(examine_landing(settings.landing, ring=settings.data_keys).damaged) == 1
    # To the stranger's keys the exchanged table is right, and the names of files are not.
    damaged = examine_landing(settings.landing, ring=forged).damaged
    assert [each.reason for each in damaged] == ["its file_names.json cannot be decrypted"]


def test_a_plain_home_is_encrypted_by_a_rotation(home: Home) -> None:
    """Prevents a home that received keys, and whose older files stay plain."""
    home.put_reports([report(1, **PLANTED)])
    home.land_one()
    settings = replace(home.settings, data_keys=KeyRing((NEW,)))
    assert count_files(settings, ENCRYPTED_KINDS)[TABLES, PLAIN] > 2
    list(rotate_files(settings, ENCRYPTED_KINDS))
    assert PLANTED["surname"].encode() not in landed_file(settings).read_bytes()
    assert examine_landing(settings.landing, ring=settings.data_keys).damaged == []


@pytest.fixture
def session(encrypted: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the home's keys, as dbt has it."""
    with duckdb.connect() as connection:
        assert encrypted.settings.data_keys is not None
        add_parquet_keys(connection, encrypted.settings.data_keys)
        yield connection


def test_a_file_from_before_a_column_came_is_read_with_nulls(
    encrypted: Home, session: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """Prevents a load that stops, or shifts columns, because the contract gained a column."""
    ring = encrypted.settings.data_keys
    empty, files = tmp_path / "empty.parquet", [tmp_path / "new.parquet", tmp_path / "old.parquet"]
    write_parquet(ring, pa.table({"a": ["1"], "added": ["2"], "n": [3]}).slice(0, 0), empty)
    write_parquet(ring, pa.table({"n": [3], "added": ["2"], "a": ["1"]}), files[0])
    write_parquet(ring, pa.table({"a": ["4"], "n": [6]}), files[1])
    session.execute(rendered(f"set_columns('landed_schema', '{empty}')", key_id="k1"))
    session.execute("set variable landed_files = ?", [[str(empty), *map(str, files)]])
    query = f"from {rendered('read_landed_files()', key_id='k1')}"
    assert session.execute(query).fetchall() == [("1", "2", 3), ("4", None, 6)]
    assert session.execute(f"{query} where n = 6").fetchall() == [("4", None, 6)]


def test_rows_of_encrypted_files_are_counted(
    encrypted: Home, session: duckdb.DuckDBPyConnection
) -> None:
    """Prevents a ledger whose sums are compared with no file."""
    files = [str(path) for path in sorted(encrypted.settings.landing.rglob("*.parquet"))]
    session.execute("set variable landed_data_files = ?", [files])
    query = f"from {rendered('read_landed_row_counts()', key_id='k1')}"
    counts = dict(session.execute(query).fetchall())
    ring = encrypted.settings.data_keys
    assert counts == {name: count_parquet_rows(ring, Path(name)) for name in files}
    assert counts[str(landed_file(encrypted.settings))] == 2


def test_a_database_is_encrypted_and_opens_with_its_key_alone(tmp_path: Path) -> None:
    """Prevents names in a plain database, and a key in a message."""
    ring, path = KeyRing((OLD,)), tmp_path / "case_lists.duckdb"
    with open_database(ring, path, read_only=False) as connection:
        connection.execute("create schema operations")
        connection.execute(f"create table operations.t as select '{PLANTED['surname']}' as name")
    assert is_encrypted(path)
    assert PLANTED["surname"].encode() not in path.read_bytes()
    with open_database(ring, path) as connection:
        assert connection.execute("select name from operations.t").fetchall() == [
            (PLANTED["surname"],)
        ]
    with pytest.raises(DatabaseKeyError, match=r"no key opens case_lists\.duckdb.* has: k2"):
        open_database(KeyRing((NEW,)), path)
    with pytest.raises(DatabaseKeyError, match="REGISTER_DATA_KEYS is not set"):
        open_database(None, path)
    copy_database(KeyRing((NEW, OLD)), path, tmp_path / "copied")
    (tmp_path / "copied").replace(path)
    with open_database(KeyRing((NEW,)), path) as connection:
        assert connection.execute("select count(*) from operations.t").fetchall() == [(1,)]


def test_a_failed_attachment_does_not_quote_the_key(tmp_path: Path) -> None:
    """Prevents a key in a log, because a database is locked or missing."""
    ring = KeyRing((OLD,))
    with duckdb.connect() as connection, pytest.raises(duckdb.Error) as caught:
        load_secure_random(connection)
        attach_database(connection, ring, tmp_path / "x.duckdb", "no alias")
    assert "encryption_key" not in str(caught.value)
